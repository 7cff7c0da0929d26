"""Is this the log that the checkpoint was made of? A decision with its reason, taken at each load."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from schemas.base import ClockMode
from schemas.codec import Record
from schemas.headers import header as header_text
from services.monitor.snapshots import PartitionHeader

REMEDY = "`miyun monitor adopt` forgets the checkpoint and reads the log anew"


class AnotherLogError(Exception):
    """A checkpoint does not belong to the log. One line: topic, partition, expected, found, remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSeen:
    """What the broker says about a partition of ``events``, and the epoch of its namespace."""

    epoch: str
    clock_mode: ClockMode
    start: int
    end: int
    committed: int | None
    marker: str | None
    """Identity of the record at the header's ``last_event.offset``; None: there is none."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a partition; ``begin`` is the offset to read first."""

    decision: Literal["new_partition", "go_on", "input_gap", "another_log"]
    begin: int
    reason: str


def identity(record: Record) -> str:
    """What tells a record from another at its offset: its ``ce_id``, else its value's digest."""
    ce_id = header_text(record.headers, "ce_id")
    return ce_id or f"sha256:{sha256(record.value or b'').hexdigest()}"


def decide(header: PartitionHeader | None, seen: LogSeen) -> Verdict:
    """Compare a partition's header with its log."""
    if header is None:
        return Verdict("new_partition", seen.start, f"no checkpoint; the log begins at {seen.start}")
    for contradiction in (_by_name(header, seen), _by_offsets(header, seen), _by_marker(header, seen)):
        if contradiction is not None:
            return Verdict("another_log", header.next, contradiction)
    if seen.start > header.next:
        lost = f"{seen.start - header.next} records from {header.next} were deleted before they were judged"
        return Verdict("input_gap", seen.start, lost)
    return Verdict("go_on", header.next, f"checkpoint at {header.next}")


def _by_name(header: PartitionHeader, seen: LogSeen) -> str | None:
    if header.epoch != seen.epoch:
        return f"expected epoch {header.epoch}, found {seen.epoch}"
    if header.clock_mode != seen.clock_mode:
        return f"expected clock={header.clock_mode}, found clock={seen.clock_mode}"
    return None


def _by_offsets(header: PartitionHeader, seen: LogSeen) -> str | None:
    if seen.end < header.next:
        return f"expected at least {header.next} records, found {seen.end}"
    if seen.committed is not None and seen.committed > header.next:
        return f"expected a committed offset of at most {header.next}, found {seen.committed}"
    return None


def _by_marker(header: PartitionHeader, seen: LogSeen) -> str | None:
    """A marker that retention has deleted proves nothing either way."""
    last = header.last_event
    if last is None or last.offset < seen.start or seen.marker == last.ce_id:
        return None
    return f"expected {last.ce_id} at offset {last.offset}, found {seen.marker or 'nothing'}"
