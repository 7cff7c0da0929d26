"""A message to one person by one channel, and the report of an attempt to deliver it."""

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

    ``at``, when the alert changed, has the offset of the city's zone.
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

    @property
    def lane(self) -> Lane:
        """The lane that it goes by."""
        return Lane(self.recipient, self.channel)

    @property
    def key(self) -> str:
        """The idempotency key: the same at every attempt, and of no other message."""
        return f"{self.alert_id}:{self.seq}:{self.recipient}:{self.channel}"
