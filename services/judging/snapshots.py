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
from services.rules.scans import Run, pack, unpack
from services.rules.state import STATE_VERSION, ColdState, HotState, StationState
from services.runtime.following.positions import Position

Type = TypeVar("Type")
UPCASTS: dict[int, Callable[[bytes], bytes]] = {
    1: lambda payload: payload,  # what is new since stands by name, and has a value where it is missing
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

    @property
    def position(self) -> Position:
        """Where the partition stands: what the shell's guard compares with the log."""
        return Position(self.epoch, self.next, None if self.last_event is None else self.last_event.ce_id)


class _Hot(msgspec.Struct, array_like=True, frozen=True):
    hot: HotState
    scans: tuple[Run, ...]


class _Full(msgspec.Struct, array_like=True, frozen=True):
    hot: _Hot
    cold: ColdState


_encode = msgspec.msgpack.Encoder().encode
_hot = msgspec.msgpack.Decoder(_Hot)
_full = msgspec.msgpack.Decoder(_Full)
_header = msgspec.msgpack.Decoder(PartitionHeader)
_anything = msgspec.msgpack.Decoder()


def encode_full(state: StationState) -> bytes:
    """The whole state of a station, but its name, which is the key."""
    return seal(_encode(_Full(_packed(state.hot), state.cold)), STATE_VERSION)


def encode_hot(state: StationState) -> bytes:
    """The part of a state that changes with every frame."""
    return seal(_encode(_packed(state.hot)), STATE_VERSION)


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
        state = StationState(snapshot.station, _unpacked(_decoded(_hot, snapshot)))
    else:
        full = _decoded(_full, snapshot)
        state = StationState(snapshot.station, _unpacked(full.hot), full.cold)
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


def _packed(hot: HotState) -> _Hot:
    return _Hot(replace(hot, scans={}), pack(hot.scans))


def _unpacked(record: _Hot) -> HotState:
    try:
        record.hot.scans = unpack(record.scans)
    except ValueError as error:
        raise UnreadableSnapshotError(str(error)) from None
    return record.hot


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
    except (KeyError, ValueError, RecursionError) as error:
        raise UnreadableSnapshotError(f"{type(error).__name__}: {error}") from None
