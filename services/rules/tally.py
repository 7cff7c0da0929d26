"""What of a frame was not taken as it came: gathered into one effect per reason."""

from collections.abc import Iterator

from schemas.events import Telemetry
from schemas.rejects import Rejection, RejectReason
from services.rules.effects import Counted, Rejected

SHOWN = 5
"""Notes that a rejection spells out; the rest is counted."""


class Tally:
    """Notes by reason, and counts that only metrics tell."""

    __slots__ = ("clamped", "late", "notes")

    def __init__(self) -> None:
        self.notes: dict[RejectReason, list[str]] = {}
        self.late = 0
        self.clamped = 0

    def note(self, reason: RejectReason, text: str) -> None:
        """Remember one scan or value that was not taken."""
        self.notes.setdefault(reason, []).append(text)

    def effects(self, frame: Telemetry) -> Iterator[Rejected | Counted]:
        """One rejection per reason, then the counts."""
        for reason, notes in self.notes.items():
            more = f" and {len(notes) - SHOWN} more" if len(notes) > SHOWN else ""
            yield rejected(reason, ", ".join(notes[:SHOWN]) + more, frame)
        if self.late:
            yield Counted("late", self.late)
        if self.clamped:
            yield Counted("clamped", self.clamped)


def rejected(reason: RejectReason, detail: str, frame: Telemetry) -> Rejected:
    """A rejection of (a part of) a frame."""
    rejection = Rejection(reason=reason, detail=detail, source=frame.source, station=frame.station)
    return Rejected(rejection)
