"""What checkpoints consist of, as bytes: versioned, type-exact, small.

A value is one byte of state version, one byte of form (plain or deflated), then MessagePack. Records of
the topic ``monitor-state``, all on the input's partition, with the header ``epoch``:

- ``<station>``: hot and cold, written when the cold part has changed;
- ``<station>|hot``: the hot part alone, otherwise;
- ``_p<n>|header``: the partition header, whose key is the shell's.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from schemas.base import ClockMode
from services.rules.scans import Run, pack, unpack
from services.rules.state import STATE_VERSION, ColdState, HotState, StationState
from services.runtime.positions import Position
from services.streaming.logic import SnapshotVersionError

PLAIN, DEFLATED = b"\x00", b"\x01"
DEFLATE_FROM_BYTES = 64 * 1024
HOT_SUFFIX = b"|hot"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionHeader:
    """Where a partition stands. ``next`` is the first offset that the checkpoint does not include."""

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
_decode_hot = msgspec.msgpack.Decoder(_Hot).decode
_decode_full = msgspec.msgpack.Decoder(_Full).decode
_decode_header = msgspec.msgpack.Decoder(PartitionHeader).decode


def full_key(station: str) -> bytes:
    """Key of a station's full snapshot. (No id of ours contains ``|``.)"""
    return station.encode()


def hot_key(station: str) -> bytes:
    """Key of a station's hot snapshot."""
    return station.encode() + HOT_SUFFIX


def decode(key: bytes, value: bytes) -> tuple[int, StationState]:
    """A snapshot, full or hot, with its ``as_of``; the cold part of a hot one is empty.

    Raises:
        SnapshotVersionError: written by a newer release.
    """
    station = key.removesuffix(HOT_SUFFIX).decode()
    hot_only = key.endswith(HOT_SUFFIX)
    state = StationState(station, decode_hot(value)) if hot_only else decode_full(station, value)
    return state.hot.as_of, state


def merged(snapshots: Mapping[bytes, StationState]) -> dict[str, StationState]:
    """States by station: full snapshots, overlaid by hot ones that are newer."""
    states = {full.station: full for key, full in snapshots.items() if not key.endswith(HOT_SUFFIX)}
    for key, newer in snapshots.items():
        base = states.get(newer.station, StationState(newer.station))
        if key.endswith(HOT_SUFFIX) and newer.hot.as_of > base.hot.as_of:
            states[newer.station] = replace(base, hot=newer.hot)
    return states


def encode_full(state: StationState) -> bytes:
    """The whole state of a station, but its name, which is the key."""
    return _sealed(_encode(_Full(_packed(state.hot), state.cold)))


def decode_full(station: str, value: bytes) -> StationState:
    """The inverse of ``encode_full``.

    Raises:
        SnapshotVersionError: written by a newer release.
    """
    full = _decode_full(_opened(value))
    return StationState(station, _unpacked(full.hot), full.cold)


def encode_hot(state: StationState) -> bytes:
    """The part of a state that changes with every frame."""
    return _sealed(_encode(_packed(state.hot)))


def decode_hot(value: bytes) -> HotState:
    """The inverse of ``encode_hot``.

    Raises:
        SnapshotVersionError: written by a newer release.
    """
    return _unpacked(_decode_hot(_opened(value)))


def encode_header(header: PartitionHeader) -> bytes:
    """A partition header."""
    return _sealed(_encode(header))


def decode_header(value: bytes) -> PartitionHeader:
    """The inverse of ``encode_header``.

    Raises:
        SnapshotVersionError: written by a newer release.
    """
    return _decode_header(_opened(value))


def _packed(hot: HotState) -> _Hot:
    return _Hot(replace(hot, scans={}), pack(hot.scans))


def _unpacked(record: _Hot) -> HotState:
    record.hot.scans = unpack(record.scans)
    return record.hot


def _sealed(payload: bytes) -> bytes:
    version = bytes([STATE_VERSION])
    if len(payload) < DEFLATE_FROM_BYTES:
        return version + PLAIN + payload
    return version + DEFLATED + zlib.compress(payload, 1)


def _opened(value: bytes) -> bytes:
    version, form, payload = value[0], value[1:2], value[2:]
    if version > STATE_VERSION:
        raise SnapshotVersionError(
            f"a snapshot has state version {version}, this release reads up to {STATE_VERSION}: "
            "run the newer release, or else `miyun monitor adopt --all`"
        )
    plain = zlib.decompress(payload) if form == DEFLATED else payload
    for older in range(version, STATE_VERSION):
        plain = UPCASTS[older](plain)
    return plain
