"""What checkpoints consist of, as bytes: versioned, type-exact, small, in the envelope of ``schemas``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from schemas import outputs
from schemas.base import ClockMode
from schemas.events import PlanEvent
from schemas.outputs import OutputRecord
from schemas.rejects import Rejection
from schemas.snapshots import (
    HOT_SUFFIX,
    RecordKind,
    SnapshotVersionError,
    StateSnapshot,
    UnreadableSnapshotError,
    seal,
)
from services.judging.partition_clock import OtherTime
from services.rules.state import STATE_VERSION, ColdState, HotState, StationState
from services.runtime.following.positions import Position

Type = TypeVar("Type")


def _from_2(payload: bytes) -> bytes:
    """Of version 2: which level is on, the alert says; times of scans, streams and timers begin anew."""
    found = _anything.decode(payload)
    if isinstance(found, dict):  # a partition header
        return payload
    is_hot = isinstance(found[0], dict)
    hot = dict(found[0] if is_hot else found[0][0])
    for gone in ("scans", "groups", "streams", "silence_due", "due"):
        hot.pop(gone, None)
    for key, channel in hot.get("channels", {}).items():
        levels = [
            {"since": one["since"], "count": one["count"], "came": one["since"]} for one in channel["levels"]
        ]
        hot["channels"][key] = {**channel, "levels": levels}
    return _encode(hot if is_hot else [hot, found[1]])


UPCASTS: dict[int, Callable[[bytes], bytes]] = {
    1: lambda payload: payload,  # what is new since stands by name, and has a value where it is missing
    2: _from_2,
}
"""State version -> how its payload becomes one of the next version."""


@dataclass(frozen=True, slots=True)
class LastEvent:
    """The last record that a checkpoint includes: the proof that a log is the one it was made of."""

    offset: int
    ce_id: str
    """Its ``ce_id``, or ``sha256:`` and the digest of its value when it has none."""


@dataclass(slots=True)
class MinuteCount:
    """Events and rejected ones since ``start`` (epoch ms by the partition's clock; 0: not begun).

    The one part of a header that changes in place: it is counted up with every record.
    """

    start: int = 0
    events: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class PlanEventsSeen:
    """What a partition remembers of the plan events that it has believed: each is single-use.

    ``ids``: of those without a number, with their expiry (epoch ms).
    """

    number: int = 0
    """The largest; 0: none had a number."""
    ids: dict[str, int] = field(default_factory=dict)

    def after(self, event: PlanEvent, now: int) -> "PlanEventsSeen":
        """The same and the event."""
        alive = {id_: until for id_, until in self.ids.items() if until > now}
        if event.number is None:
            alive[event.id] = event.expires
        return PlanEventsSeen(max(self.number, event.number or 0), alive)


@dataclass(frozen=True, slots=True)
class FailingTicks:
    """Ticks at which judging a station has failed, one after the other, for the same reason."""

    detail: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionHeader:
    """A partition's place in its log. ``next`` is the first offset that the checkpoint does not include."""

    epoch: str
    next: int
    last_event: LastEvent | None
    clock: int
    plan: str | None
    clock_mode: ClockMode
    engine_version: str
    state_version: int = STATE_VERSION
    minute: MinuteCount = field(default_factory=MinuteCount)
    reject_share_pct: float = 0.0
    plan_events: PlanEventsSeen = field(default_factory=PlanEventsSeen)
    other_time: OtherTime | None = None
    ahead: tuple[str, ...] = ()
    """Stations that were judged by arrivals which the clock has not come to (``partition_clock``)."""
    failing: dict[str, FailingTicks] = field(default_factory=dict)
    """By station; only those that fail now."""

    @property
    def position(self) -> Position:
        """Where the partition stands: what the shell's guard compares with the log."""
        last = self.last_event
        if last is None:
            return Position(self.epoch, self.next, None)
        stands_before = None if last.offset == self.next - 1 else last.offset
        return Position(self.epoch, self.next, last.ce_id, stands_before)


class _Full(msgspec.Struct, array_like=True, frozen=True):
    hot: HotState
    cold: ColdState


_encode = msgspec.msgpack.Encoder().encode
_hot = msgspec.msgpack.Decoder(HotState)
_full = msgspec.msgpack.Decoder(_Full)
_header = msgspec.msgpack.Decoder(PartitionHeader)
_anything = msgspec.msgpack.Decoder()


def encode_full(state: StationState) -> bytes:
    """The whole state of a station, but its name, which is the key."""
    return seal(_encode(_Full(state.hot, state.cold)), STATE_VERSION)


def encode_hot(state: StationState) -> bytes:
    """The part of a state that changes with every frame."""
    return seal(_encode(state.hot), STATE_VERSION)


def encode_header(header: PartitionHeader) -> bytes:
    """A partition header."""
    return seal(_encode(header), STATE_VERSION)


def decode(record: OutputRecord) -> tuple[int, StationState]:
    """A snapshot, full or hot, with its ``as_of``; the cold part of a hot one is empty.

    Raises:
        SnapshotVersionError: written by a newer release.
        UnreadableSnapshotError: nobody can read it.
    """
    snapshot = _opened(record)
    if snapshot.kind is RecordKind.HEADER:
        raise UnreadableSnapshotError("the header of another partition")
    if snapshot.kind is RecordKind.HOT:
        state = StationState(snapshot.station, _decoded(_hot, snapshot))
    else:
        full = _decoded(_full, snapshot)
        state = StationState(snapshot.station, full.hot, full.cold)
    return state.hot.as_of, state


def decode_header(record: OutputRecord) -> PartitionHeader:
    """A partition header.

    Raises:
        SnapshotVersionError: written by a newer release.
        UnreadableSnapshotError: nobody can read it.
    """
    return _decoded(_header, _opened(record))


def merged(snapshots: Mapping[bytes, StationState]) -> dict[str, StationState]:
    """States by station: full snapshots, overlaid by hot ones that are newer."""
    states = {full.station: full for key, full in snapshots.items() if not key.endswith(HOT_SUFFIX)}
    for key, newer in snapshots.items():
        base = states.get(newer.station, StationState(newer.station))
        if key.endswith(HOT_SUFFIX) and newer.hot.as_of > base.hot.as_of:
            states[newer.station] = replace(base, hot=newer.hot)
    return states


def _opened(record: OutputRecord) -> StateSnapshot:
    """A snapshot of this release's version or an older one."""
    snapshot = outputs.decode(record).body
    if isinstance(snapshot, Rejection):
        raise UnreadableSnapshotError(snapshot.detail)
    assert isinstance(snapshot, StateSnapshot), "a record of monitor-state is one, or is rejected"
    if snapshot.version > STATE_VERSION:
        _decoded(_anything, snapshot)  # what is no MessagePack is no release's
        raise SnapshotVersionError(
            f"a snapshot has state version {snapshot.version}, this release reads up to {STATE_VERSION}: "
            "run the newer release, or else `miyun monitor adopt --all`"
        )
    return snapshot


def _decoded(decoder: msgspec.msgpack.Decoder[Type], snapshot: StateSnapshot) -> Type:
    plain = snapshot.payload or b""
    try:
        for older in range(snapshot.version, STATE_VERSION):
            plain = UPCASTS[older](plain)
        return decoder.decode(plain)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise UnreadableSnapshotError(f"{type(error).__name__}: {error}") from None
