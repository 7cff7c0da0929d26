"""Is this the log that the checkpoint was made of? A decision with its reason, taken at each load."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Protocol

from schemas.base import ClockMode
from schemas.codec import Record
from schemas.headers import header as header_text
from services.runtime.following.positions import Position


class Header(Protocol):
    """The part of a partition's header that the shell knows; the rest is the service's own."""

    @property
    def position(self) -> Position: ...
    @property
    def clock_mode(self) -> ClockMode: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSeen:
    """A partition of the input as the broker has it, and the epoch of its namespace."""

    epoch: str
    clock_mode: ClockMode
    start: int
    end: int
    committed: int | None
    marker: str | None
    """Identity of the record at the checkpoint's ``last_offset``; None: there is none."""


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """The decision about a partition; ``begin`` is the offset to read first."""

    decision: Literal["new_partition", "go_on", "input_gap", "another_log"]
    begin: int
    reason: str


def identity(record: Record) -> str:
    """The mark that tells a record from another at its offset: its ``ce_id``, else its value's digest."""
    return header_text(record.headers, "ce_id") or f"sha256:{sha256(record.value or b'').hexdigest()}"


def decide(header: Header | None, seen: LogSeen, *, lost: str | None = None) -> LogVerdict:
    """Compare a partition's header with its log. ``lost``: why a later header cannot be read.

    What was committed, was so behind a header: it is where to go on without that.
    """
    behind = seen.committed is not None and (
        header is None or (header.position.epoch == seen.epoch and header.position.next < seen.committed)
    )
    if lost is not None and seen.committed is not None and behind:
        begin = min(max(seen.start, seen.committed), seen.end)
        reason = f"the header cannot be read ({lost}); committed: {seen.committed}"
        return LogVerdict("go_on", begin, reason)
    if header is None:
        return LogVerdict("new_partition", seen.start, f"no checkpoint; the log begins at {seen.start}")
    position = header.position
    contradiction = (
        _by_name(position.epoch, header.clock_mode, seen)
        or _by_offsets(position, seen)
        or _by_marker(position, seen)
    )
    if contradiction is not None:
        return LogVerdict("another_log", position.next, contradiction)
    if seen.start > position.next:
        lost = (
            f"{seen.start - position.next} records from {position.next} were deleted before they were judged"
        )
        return LogVerdict("input_gap", seen.start, lost)
    return LogVerdict("go_on", position.next, f"checkpoint at {position.next}")


def _by_name(epoch: str, clock_mode: ClockMode, seen: LogSeen) -> str | None:
    if epoch != seen.epoch:
        return f"expected epoch {epoch}, found {seen.epoch}"
    if clock_mode != seen.clock_mode:
        return f"expected clock={clock_mode}, found clock={seen.clock_mode}"
    return None


def _by_offsets(position: Position, seen: LogSeen) -> str | None:
    if seen.end < position.next:
        return f"expected at least {position.next} records, found {seen.end}"
    if seen.committed is not None and seen.committed > position.next:
        return f"expected a committed offset of at most {position.next}, found {seen.committed}"
    return None


def _by_marker(position: Position, seen: LogSeen) -> str | None:
    """A marker that retention has deleted proves nothing either way."""
    last, expected = position.last_offset, position.ce_id
    if expected is None or last < seen.start or seen.marker == expected:
        return None
    return f"expected {expected} at offset {last}, found {seen.marker or 'nothing'}"
