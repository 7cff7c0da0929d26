"""A message to one person by one channel, and the report of an attempt to deliver it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.runtime.words import Language


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """One person by one channel: messages go one after the other."""

    recipient: str
    channel: str


class Result(StrEnum):
    """The ways in which an attempt ends."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """The receiver answered, and does not want it: SMTP 5xx, HTTP 4xx."""
    UNREACHABLE = "unreachable"
    """No answer, or one that says "later"."""
    UNKNOWN = "unknown"
    """The process ended before the answer was noted."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """The result of one attempt, and in words why it did not succeed."""

    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that is being sent: its row of the outbox. ``begun_at`` is this attempt's.

    ``at``, when the alert changed, has the offset of the city's zone. ``others``: id and attempt of messages
    that are told in this one's text, which is ``gathered``.
    """

    id: int
    alert_id: str
    seq: int
    recipient: str
    channel: str
    kind: str
    severity: str
    nature: str
    language: Language
    subject: str
    body: str
    headline: dict[str, str]
    at: datetime
    heard_at: datetime
    attempts: int
    begun_at: datetime
    gathered: bool = False
    others: tuple[tuple[int, int], ...] = ()

    @property
    def attempt(self) -> tuple[list[int], list[int]]:
        """Ids and attempts of all that this sending is of."""
        ids, attempts = zip((self.id, self.attempts), *self.others, strict=True)
        return list(ids), list(attempts)

    @property
    def lane(self) -> Lane:
        """The lane that it goes by."""
        return Lane(self.recipient, self.channel)

    @property
    def key(self) -> str:
        """The idempotency key: the same at every attempt, and of no other message.

        A gathered message is another one as soon as it says something else; one that a census made shares
        the ``seq`` of the transition before.
        """
        key = f"{self.alert_id}:{self.seq}:{self.recipient}:{self.channel}"
        if self.gathered:
            return f"{key}:{hashlib.sha256(self.body.encode()).hexdigest()[:16]}"
        return f"{key}:{self.kind}" if self.kind == "orphaned" else key
