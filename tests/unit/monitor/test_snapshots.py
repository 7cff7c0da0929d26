"""Snapshots come back type-exact, and old ones stay readable."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_log import EPOCH, T0
from support.monitor_city import STATIONS, ch4_of, city_plan, frame, index_of

from schemas.aggregates import AggregatePart
from schemas.codec import Decoded, decode
from services.monitor import snapshots
from services.monitor.logic import STREAM
from services.monitor.snapshots import (
    LastEvent,
    MinuteCount,
    PartitionHeader,
    decode_full,
    decode_header,
    decode_hot,
    encode_full,
    encode_header,
    encode_hot,
    full_key,
    hot_key,
    merged,
)
from services.rules.effects import Cause
from services.rules.engine import step
from services.rules.state import (
    ChannelState,
    HotState,
    LevelState,
    PointState,
    SeqWindow,
    StationState,
)
from services.runtime.positions import Position
from services.streaming.loader import Checkpointed, header_key
from services.streaming.logic import SnapshotVersionError

STATION = STATIONS[0]
GOLDEN = Path(__file__).parent / "golden" / "state-v1.bin"
"""A full snapshot as the first release wrote it: never rewritten, only added to."""


def lived(minutes: int) -> StationState:
    """A station's state after so many minutes, with an alert in its past."""
    index = index_of(city_plan())
    state = StationState(STATION)
    for minute in range(minutes):
        record = frame(STATION, minute, ch4_of(STATION, minute))
        decoded = decode(record, "log")
        assert isinstance(decoded, Decoded)
        cause = Cause(EPOCH, record.partition, minute + 5, decoded.arrival)
        state, _ = step(state, decoded.event, cause, index)
    return state


def types_of(value: Any) -> Iterator[Any]:
    """The types of everything inside, so that 1 and 1.0 differ."""
    yield type(value)
    if is_dataclass(value):
        for each in fields(value):
            yield from types_of(getattr(value, each.name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from types_of(key)
            yield from types_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from types_of(inner)
    elif isinstance(value, Enum):
        yield value.value


def test_a_lived_state_round_trips_type_exactly() -> None:
    """Alerts with evidence included; an int that came back as a float would change later effects."""
    state = lived(30)
    assert state.cold.alerts
    again = decode_full(STATION, encode_full(state))
    assert again == state
    assert list(types_of(again)) == list(types_of(state))


def test_the_engine_goes_on_from_a_snapshot_as_if_nothing_had_happened() -> None:
    """Judging after a round trip gives the same effects."""
    index, state = index_of(city_plan()), lived(10)
    again = decode_full(STATION, encode_full(state))
    decoded = decode(frame(STATION, 10, 90.0), "log")
    assert isinstance(decoded, Decoded)
    cause = Cause(EPOCH, 0, 99, decoded.arrival)
    after, effects = step(state, decoded.event, cause, index)
    assert effects
    assert step(again, decoded.event, cause, index) == (after, effects)


ints = st.integers(min_value=0, max_value=2**53)
numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(alphabet="abcdef|:.-", min_size=1, max_size=8)
hot_states = st.builds(
    HotState,
    as_of=ints,
    due=ints,
    streams=st.dictionaries(
        names, st.builds(SeqWindow, top=ints, missing=st.lists(ints, max_size=3).map(tuple), last_at=ints)
    ),
    scans=st.dictionaries(ints, st.integers(0, 3), max_size=20).map(lambda d: dict(sorted(d.items()))),
    groups=st.lists(st.lists(names, max_size=3).map(tuple), max_size=3).map(tuple),
    points=st.dictionaries(
        names,
        st.builds(PointState, at=ints, good_at=ints, value=numbers, heard=ints, silent=st.booleans()),
        max_size=3,
    ),
    buckets=st.dictionaries(
        ints,
        st.dictionaries(
            names,
            st.builds(
                AggregatePart,
                n=ints,
                n_good=ints,
                sum=numbers,
                min=numbers,
                max=numbers,
                last=st.none() | numbers,
                last_at=st.none() | ints,
            ),
            max_size=2,
        ),
        max_size=3,
    ),
    channels=st.dictionaries(
        names,
        st.builds(
            ChannelState,
            fingerprint=names,
            nature=st.sampled_from(["real", "simulated", "exercise"]),
            levels=st.lists(
                st.builds(LevelState, active=st.booleans(), since=ints, count=ints), max_size=4
            ).map(tuple),
            recent=st.lists(st.tuples(ints, numbers), max_size=4).map(tuple),
        ),
        max_size=3,
    ),
)


@given(hot_states)
def test_any_hot_state_round_trips_type_exactly(hot: HotState) -> None:
    """Whole floats stay floats, tuples stay tuples, keys keep their types."""
    again = decode_hot(encode_hot(StationState(STATION, hot)))
    assert again == hot
    assert list(types_of(again)) == list(types_of(hot))


def test_a_header_round_trips() -> None:
    """With everything that a partition is told by."""
    header = PartitionHeader(
        epoch=EPOCH,
        next=7,
        last_event=LastEvent(6, "x"),
        clock=T0,
        plan="f" * 64,
        clock_mode="wall",
        engine_version="1",
        minute=MinuteCount(T0, 30, 4),
        reject_share_pct=13.0,
    )
    assert decode_header(encode_header(header)) == header
    assert header.position == Position(EPOCH, 7, "x")


def test_keys_tell_what_they_hold() -> None:
    """The header of a partition and the state of its control station are kept apart."""
    header = PartitionHeader(
        epoch=EPOCH, next=7, last_event=None, clock=T0, plan=None, clock_mode="log", engine_version="1"
    )
    control = StationState("_p3", lived(3).hot)
    found = folded(
        Kept(header_key(3), encode_header(header)),
        Kept(full_key("_p3"), encode_full(control)),
        Kept(hot_key("_p3"), encode_hot(control)),
    )
    assert found.header == header
    assert set(found.snapshots) == {b"_p3", b"_p3|hot"}
    assert states(found) == {"_p3": control}


def test_a_large_snapshot_is_deflated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A station with many alerts stays far below what a record may be."""
    state = lived(30)
    plain = encode_full(state)
    monkeypatch.setattr(snapshots, "DEFLATE_FROM_BYTES", 100)
    small = encode_full(state)
    assert len(small) < len(plain) / 2
    assert decode_full(STATION, small) == state


def test_a_snapshot_of_a_newer_release_is_refused() -> None:
    """The message names both versions and the remedy."""
    value = encode_full(lived(1))
    with pytest.raises(SnapshotVersionError, match=r"state version 3.*reads up to 2.*adopt"):
        decode_full(STATION, b"\x03" + value[1:])


def test_the_first_releases_snapshots_stay_readable() -> None:
    """A file of version 1 decodes to a state with an open past and an alert."""
    state = decode_full(STATION, GOLDEN.read_bytes())
    assert state.hot.as_of == 34
    assert [alert.rule_id for alert in state.cold.alerts.values()] == ["gas.chamber_lel"]
    assert state.hot.points["ch4_pct_lel"].at == T0 + 29 * 60_000 + 45_000
    assert len(state.hot.scans) == 120


class Kept:
    """A record of ``monitor-state``."""

    def __init__(self, key: bytes, value: bytes | None, epoch: str = EPOCH) -> None:
        self.key, self.value, self.headers = key, value, [("epoch", epoch.encode())]


def folded(*records: Kept) -> Checkpointed[PartitionHeader, StationState]:
    """What a load makes of the records."""
    found = Checkpointed(STREAM, EPOCH)
    for record in records:
        found.take(record)
    return found


def states(found: Checkpointed[PartitionHeader, StationState]) -> dict[str, StationState]:
    """The stations' states that judging goes on with."""
    return merged({key: snapshot for key, (_, snapshot) in found.snapshots.items()})


def test_the_largest_as_of_wins_whatever_the_order() -> None:
    """The late write of a worker that had lost the partition is older, not newer."""
    older, newer = lived(10), lived(20)
    key = full_key(STATION)
    for order in ((older, newer), (newer, older)):
        found = folded(*(Kept(key, encode_full(state)) for state in order))
        assert states(found) == {STATION: newer}


def test_a_newer_hot_part_overlays_the_full_one() -> None:
    """An older one does not; a hot one alone stands on an empty cold part."""
    full, hot = lived(20), lived(22)
    both = folded(Kept(full_key(STATION), encode_full(full)), Kept(hot_key(STATION), encode_hot(hot)))
    assert states(both)[STATION] == StationState(STATION, hot.hot, full.cold)
    stale = folded(Kept(full_key(STATION), encode_full(hot)), Kept(hot_key(STATION), encode_hot(full)))
    assert states(stale) == {STATION: hot}
    alone = folded(Kept(hot_key(STATION), encode_hot(hot)))
    assert states(alone) == {STATION: StationState(STATION, hot.hot)}


def test_a_tombstone_forgets_and_what_follows_counts_afresh() -> None:
    """After an adoption, smaller offsets than before must count."""
    older, newer = lived(10), lived(20)
    key = full_key(STATION)
    found = folded(Kept(key, encode_full(newer)), Kept(key, None), Kept(key, encode_full(older)))
    assert states(found) == {STATION: older}


def test_snapshots_of_another_epoch_are_not_ours() -> None:
    """They would make the engine skip what it has never judged."""
    found = folded(Kept(full_key(STATION), encode_full(lived(5)), epoch="another"))
    assert states(found) == {}
