"""Snapshots come back type-exact, and old ones stay readable."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_log import EPOCH, T0
from support.hostile_outputs import WRONG_SNAPSHOTS, bomb
from support.monitor_city import STATIONS, ch4_of, city_plan, frame, index_of
from support.output_records import Output
from support.state_records import decode_full, decode_header, decode_hot, kept

from schemas import snapshots
from schemas.aggregates import AggregatePart
from schemas.base import MAX_TIME_MS, Severity
from schemas.codec import Decoded, decode
from schemas.snapshots import (
    SnapshotVersionError,
    UnreadableSnapshotError,
    full_key,
    header_key,
    hot_key,
)
from services.judging.snapshots import (
    LastEvent,
    MinuteCount,
    PartitionHeader,
    encode_full,
    encode_header,
    encode_hot,
    merged,
)
from services.monitor.logic import STREAM
from services.rules.effects import AlertChanged, Cause
from services.rules.engine import step
from services.rules.state import (
    STATE_VERSION,
    ChannelState,
    ClassRun,
    HotState,
    Lagging,
    LevelState,
    PointState,
    StationState,
    StreamState,
    ToldDanger,
)
from services.runtime.following.positions import Position
from services.runtime.unreadable import Unreadable
from services.streaming.loader import FORGETS, Checkpointed

STATION = STATIONS[0]
GOLDEN = Path(__file__).parent / "golden" / "state-v1.bin"
NEWER = bytes([STATE_VERSION + 1])
"""Stands at the head of a newer release's snapshot."""
GOLDEN_2 = GOLDEN.with_name("state-v2.bin")
"""Full snapshots as earlier releases wrote them: never rewritten, only added to."""


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
times = st.integers(min_value=-(2**63), max_value=2**63 - 1)
ranks = st.integers(-1, 3)
numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(alphabet="abcdef|:.-", min_size=1, max_size=8)
hot_states = st.builds(
    HotState,
    as_of=ints,
    due=ints,
    streams=st.dictionaries(
        names,
        st.builds(
            StreamState,
            seq=ints,
            sent_at=times,
            newest=times,
            arrival=ints,
            fault=st.sampled_from(["", "reset", "behind"]),
            lagging=st.none() | st.builds(Lagging, since=ints, lag=times, frames=ints, leapt=st.booleans()),
            frames=st.lists(names, max_size=3).map(tuple),
        ),
        max_size=3,
    ),
    timers=st.dictionaries(names, ints, max_size=3),
    scanned=st.lists(
        st.tuples(
            st.lists(names, max_size=3).map(tuple),
            st.lists(st.tuples(ints, ints, ints), max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    runs=st.dictionaries(
        names,
        st.lists(st.builds(ClassRun, first=ints, last=ints, rank=ranks, count=ints), max_size=2).map(tuple),
        max_size=2,
    ),
    told=st.dictionaries(
        names,
        st.lists(st.builds(ToldDanger, first=ints, last=ints, rank=ranks), max_size=2).map(tuple),
        max_size=2,
    ),
    inspections=st.lists(names, max_size=3).map(tuple),
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
                n=st.integers(0, 2**31 - 1),
                n_good=st.integers(0, 2**31 - 1),
                sum=numbers,
                min=numbers,
                max=numbers,
                last=st.none() | numbers,
                last_at=st.none() | st.integers(0, MAX_TIME_MS),
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
                st.builds(LevelState, since=ints, count=ints, gap=ints, came=ints), max_size=4
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
        kept(header_key(3), encode_header(header)),
        kept(full_key("_p3"), encode_full(control)),
        kept(hot_key("_p3"), encode_hot(control)),
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
    words = rf"state version {STATE_VERSION + 1}.*reads up to {STATE_VERSION}.*adopt"
    with pytest.raises(SnapshotVersionError, match=words):
        decode_full(STATION, NEWER + value[1:])


def test_the_first_releases_snapshots_stay_readable() -> None:
    """A file of version 1 decodes to a state with an open past and an alert."""
    state = decode_full(STATION, GOLDEN.read_bytes())
    assert state.hot.as_of == 34
    assert [alert.rule_id for alert in state.cold.alerts.values()] == ["gas.chamber_lel"]
    assert state.hot.points["ch4_pct_lel"].at == T0 + 29 * 60_000 + 45_000
    assert state.hot.timers == {}  # which there are, the next step finds out


def test_a_snapshot_of_the_second_version_goes_on() -> None:
    """Its alert stands, critical; a reading below its levels ends it, as if nothing had happened."""
    state = decode_full(STATION, GOLDEN_2.read_bytes())
    (alert,) = state.cold.alerts.values()
    assert (alert.severity, alert.closed_at) == (Severity.CRITICAL, None)
    again = decode_full(STATION, encode_full(state))
    assert again == state
    record = frame(STATION, 12, 1.0)
    decoded = decode(record, "log")
    assert isinstance(decoded, Decoded)
    cause = Cause(EPOCH, record.partition, 99, decoded.arrival)
    after, effects = step(again, decoded.event, cause, index_of(city_plan()))
    changed = [effect.alert for effect in effects if isinstance(effect, AlertChanged)]
    assert [one.timeline[-1].reason for one in changed if one.alert_id == alert.alert_id][-1] == "cleared"
    assert after.hot.timers


def folded(*records: Output) -> Checkpointed[PartitionHeader, StationState]:
    """What a load makes of the records."""
    found = Checkpointed(STREAM, EPOCH, Unreadable("monitor"))
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
        found = folded(*(kept(key, encode_full(state)) for state in order))
        assert states(found) == {STATION: newer}


def test_a_newer_hot_part_overlays_the_full_one() -> None:
    """An older one does not; a hot one alone stands on an empty cold part."""
    full, hot = lived(20), lived(22)
    both = folded(kept(full_key(STATION), encode_full(full)), kept(hot_key(STATION), encode_hot(hot)))
    assert states(both)[STATION] == StationState(STATION, hot.hot, full.cold)
    stale = folded(kept(full_key(STATION), encode_full(hot)), kept(hot_key(STATION), encode_hot(full)))
    assert states(stale) == {STATION: hot}
    alone = folded(kept(hot_key(STATION), encode_hot(hot)))
    assert states(alone) == {STATION: StationState(STATION, hot.hot)}


def test_a_tombstone_forgets_and_what_follows_counts_afresh() -> None:
    """After an adoption, smaller offsets than before must count."""
    older, newer = lived(10), lived(20)
    key = full_key(STATION)
    found = folded(kept(key, encode_full(newer)), kept(key, None), kept(key, encode_full(older)))
    assert states(found) == {STATION: older}


def test_a_copy_of_a_tombstone_forgets_nothing_that_came_after_it() -> None:
    """It names the last record that it forgets, whatever stands before its copy."""
    key = full_key(STATION)
    first = replace(kept(key, encode_full(lived(20))), offset=5)
    tombstone = replace(kept(key, None), offset=6, headers=[(FORGETS, b"5")])
    later = replace(kept(key, encode_full(lived(10))), offset=7)
    copy = replace(tombstone, offset=8)
    assert states(folded(first, tombstone)) == {}
    assert states(folded(first, tombstone, later, copy)) == {STATION: lived(10)}
    assert states(folded(first, replace(tombstone, headers=[(FORGETS, "²".encode())]))) == {}


def test_snapshots_of_another_epoch_are_not_ours() -> None:
    """They would make the engine skip what it has never judged."""
    found = folded(kept(full_key(STATION), encode_full(lived(5)), epoch="another"))
    assert states(found) == {}


@pytest.mark.parametrize("name", WRONG_SNAPSHOTS)
@pytest.mark.parametrize("key", [full_key(STATION), hot_key(STATION), header_key(3)])
def test_what_cannot_be_read_costs_its_key_and_nothing_else(name: str, key: bytes) -> None:
    """Neither a refusal to start, nor another key's snapshot; an earlier one there stays."""
    whole, other = lived(10), STATIONS[1]
    header = PartitionHeader(
        epoch=EPOCH, next=7, last_event=None, clock=T0, plan=None, clock_mode="log", engine_version="1"
    )
    good = [
        kept(header_key(3), encode_header(header)),
        kept(full_key(STATION), encode_full(whole)),
        kept(hot_key(STATION), encode_hot(whole)),
        kept(full_key(other), encode_full(StationState(other, whole.hot))),
    ]
    found = folded(*good, kept(key, WRONG_SNAPSHOTS[name]))
    assert set(found.lost) == {key}
    assert not found.newer
    assert found.unreadable.by_topic == {"monitor-state": 1}
    assert (found.header, states(found)) == (header, {STATION: whole, other: StationState(other, whole.hot)})
    alone = folded(kept(key, WRONG_SNAPSHOTS[name]))
    assert (set(alone.lost), alone.header, alone.snapshots) == ({key}, None, {})


def test_what_is_written_over_it_can_be_read_again() -> None:
    """The next checkpoint mends it; so does a tombstone, whatever stood there before compaction."""
    key, state = full_key(STATION), lived(3)
    broken = kept(key, b"\xff\x00")
    mended = folded(broken, kept(key, encode_full(state)))
    assert (mended.lost, states(mended)) == ({}, {STATION: state})
    covered = folded(kept(hot_key(STATION), b"\xff\x00"), kept(key, encode_full(state)))
    assert (covered.lost, states(covered)) == ({}, {STATION: state})
    forgotten = folded(kept(key, b"\x03\x00\x90"), broken, kept(key, None))
    assert (forgotten.lost, forgotten.newer, forgotten.snapshots) == ({}, {}, {})


def test_a_newer_release_is_known_by_a_whole_snapshot() -> None:
    """Two bytes of version 255 are not one; MessagePack in an envelope of ours is."""
    key = full_key(STATION)
    found = folded(kept(key, NEWER + encode_full(lived(1))[1:]), kept(hot_key(STATION), b"\xff\x00"))
    assert (set(found.newer), set(found.lost)) == ({key}, {hot_key(STATION)})


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"gas|cold", b"|hot", header_key(9)])
def test_a_key_that_is_not_ours_costs_nobody(key: bytes | None) -> None:
    """It is counted; also the header of another partition, which says nothing of this one."""
    header = PartitionHeader(
        epoch=EPOCH, next=7, last_event=None, clock=T0, plan=None, clock_mode="log", engine_version="1"
    )
    found = folded(kept(key, encode_header(header)))
    assert (found.header, found.snapshots, found.unreadable.by_topic) == (None, {}, {"monitor-state": 1})


def test_a_bomb_is_not_inflated() -> None:
    """917 kB that would be 900 MB."""
    with pytest.raises(UnreadableSnapshotError, match="inflates to more than"):
        decode_full(STATION, bomb())
