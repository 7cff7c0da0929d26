"""Messages to a webhook: signed JSON, with a key by which a receiver knows a repeat."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import msgspec

from schemas.base import Bilingual
from services.notifier.carriers.carrier import Carrier, is_refusal
from services.notifier.carriers.signature import HEADER, KEY_HEADER, sign
from services.notifier.message import Message, Outcome, Result
from services.notifier.private_file import webhook_secret
from services.runtime.settings import Settings

ANSWER_WITHIN_S = 10.0
LONGEST_ADDRESS = 2_000
CATCHER = "catcher"
"""A webhook of this name is the local catcher's, wherever it listens."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The way to the webhooks. ``catcher``: the address that stands for that name."""

    secret: bytes
    catcher: str
    session: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    async def deliver(self, message: Message, address: str) -> Outcome:
        """Send a message to an address; never raises what a receiver can cause."""
        body = payload(message)
        headers = {
            "Content-Type": "application/json",
            KEY_HEADER: message.key,
            HEADER: sign(self.secret, body, at_s=int(time.time())),
        }
        within = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        try:
            async with self.session.post(
                self.catcher if address == CATCHER else address,
                data=body,
                headers=headers,
                timeout=within,
                allow_redirects=False,
            ) as answer:
                return _answered(answer.status)
        except TimeoutError:
            return Outcome(Result.UNREACHABLE, f"no answer within {ANSWER_WITHIN_S:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(Result.UNREACHABLE, f"{type(error).__name__}: {_without_address(error)}")

    async def close(self) -> None:
        """Let go of connections."""
        await self.session.close()


def payload(message: Message) -> bytes:
    """The body: the same bytes at every attempt."""
    return msgspec.json.encode(
        {
            "key": message.key,
            "alert_id": message.alert_id,
            "seq": message.seq,
            "kind": message.kind,
            "severity": message.severity,
            "nature": message.nature,
            "recipient": message.lane.recipient,
            "language": message.language,
            "at": message.at,
            "headline": message.headline,
            "subject": message.subject,
            "body": message.body,
        }
    )


def _answered(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Result.DELIVERED)
    return Outcome(Result.REFUSED if is_refusal(status) else Result.UNREACHABLE, f"HTTP {status}")


def _without_address(error: Exception) -> str:
    """What went wrong, without the path and query of an address: some hold a secret."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}:{error.port} {error.strerror or error.os_error}"
    return str(error).partition("?")[0] if "://" not in str(error) else ""


def _checked(address: str) -> str:
    url = urlsplit(address)
    if address != CATCHER and (url.scheme not in ("http", "https") or not url.hostname):
        raise ValueError(f"must be an http or https address, or {CATCHER}")
    if len(address) > LONGEST_ADDRESS:
        raise ValueError(f"must have at most {LONGEST_ADDRESS} characters")
    return address


def _open(settings: Settings) -> Webhook:
    catcher = f"http://{settings.catcher_host}:{settings.catcher_port}/hook"
    return Webhook(webhook_secret(settings), catcher)


CARRIER = Carrier(name="webhook", words=Bilingual(zh="接口", en="webhook"), checked=_checked, open=_open)
