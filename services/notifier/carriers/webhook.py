"""Messages to a webhook: signed JSON, with a key by which a receiver knows a repeat."""

import time
from dataclasses import dataclass

import aiohttp
import msgspec

from services.notifier.backoff import Outcome, Result
from services.notifier.outbox import Message
from services.notifier.signature import HEADER, KEY_HEADER, sign

ANSWER_WITHIN_S = 10.0
LATER = frozenset({408, 409, 423, 425, 429})
"""Of the answers that say no, those that may change."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The way to the webhooks."""

    session: aiohttp.ClientSession
    secret: bytes

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
                address, data=body, headers=headers, timeout=within, allow_redirects=False
            ) as answer:
                return _answered(answer.status)
        except TimeoutError:
            return Outcome(Result.UNREACHABLE, f"no answer within {ANSWER_WITHIN_S:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(Result.UNREACHABLE, f"{type(error).__name__}: {_without_address(error)}")


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
    said_no = 300 <= status < 500 and status not in LATER
    return Outcome(Result.REFUSED if said_no else Result.UNREACHABLE, f"HTTP {status}")


def _without_address(error: Exception) -> str:
    """What went wrong, without the path and query of an address: some hold a secret."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}:{error.port} {error.strerror or error.os_error}"
    return str(error).partition("?")[0] if "://" not in str(error) else ""
