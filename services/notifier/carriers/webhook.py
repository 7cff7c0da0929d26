"""Messages to a webhook: signed JSON, with a key by which a receiver knows a repeat."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import msgspec

from schemas.base import Bilingual
from services.notifier.carriers.carrier import Carrier, http_failure
from services.notifier.carriers.signature import HEADER, KEY_HEADER, sign
from services.notifier.message import DeliveryReport, Message, Result
from services.notifier.private_file import webhook_secret
from services.runtime.settings import Settings

ANSWER_WITHIN_S = 10.0
LONGEST_ADDRESS = 2_000
FIELDS = (
    "key", "alert_id", "seq", "kind", "severity", "nature", "recipient", "language", "at", "headline",
    "subject", "body",
)  # fmt: skip
"""Of a message, in the body's order."""
CATCHER = "catcher"
"""A webhook of this name is the local catcher's, wherever it listens."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The way to the webhooks. ``catcher``: the address that stands for that name."""

    secret: bytes
    catcher: str
    session: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    async def deliver(self, message: Message, address: str) -> DeliveryReport:
        """Send a message to an address; never raises what a receiver can cause."""
        body = payload(message)
        headers = {
            "Content-Type": "application/json",
            KEY_HEADER: message.key,
            HEADER: sign(self.secret, body, at_s=int(time.time())),
        }
        try:
            async with self.session.post(
                self.catcher if address == CATCHER else address,
                data=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S),
                allow_redirects=False,
            ) as answer:
                is_taken = 200 <= answer.status < 300
                return DeliveryReport(Result.DELIVERED) if is_taken else http_failure(answer.status)
        except TimeoutError:
            return DeliveryReport(Result.UNREACHABLE, f"no answer within {ANSWER_WITHIN_S:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return DeliveryReport(Result.UNREACHABLE, f"{type(error).__name__}: {_without_address(error)}")

    async def close(self) -> None:
        """Let go of connections."""
        await self.session.close()


def payload(message: Message) -> bytes:
    """The body: the same bytes at every attempt."""
    return msgspec.json.encode({name: getattr(message, name) for name in FIELDS})


def _without_address(error: Exception) -> str:
    """The error without the path and query of an address: some hold a secret."""
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
