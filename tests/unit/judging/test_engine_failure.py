"""A step is pure, so its first exception is final: it costs its station the event, in every run alike."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from support.engine_log import EPOCH, MINUTE, SECOND, T0
from support.monitor_city import STATIONS, Sent, city_plan, event, frame, index_of, tick
from support.state_records import decode_header

from schemas.outcomes import Finding
from schemas.rejects import RejectReason
from schemas.topics import TopicName, control_key, partition_of
from services.judging import processor as judging_processor
from services.judging.partitions import Partition
from services.judging.processor import Groups, NeedsPlan, Processor
from services.judging.records import records_of
from services.judging.snapshots import encode_header
from services.rules import engine
from services.rules.effects import AlertChanged, Decided, Effect, Rejected
from services.runtime.following.positions import Position
from services.runtime.outgoing import Outgoing
from services.runtime.signing import SigningKey, sign_plan_event

HOME = 3
STATION, OTHER = [name for name in STATIONS if partition_of(name) == HOME][:2]
INDEX, NEXT = index_of(city_plan()), index_of(city_plan(limit=35.0))
RAISES = 30.0


def partition_with(*stations: str) -> Partition:
    """A partition, some of whose stations have been heard."""
    partition = Partition(number=HOME, epoch=EPOCH, plan=INDEX)
    for offset, station in enumerate(stations):
        Processor("log").judge(partition, replace(frame(station, 0, 1.0), offset=offset))
    return partition


def effects_of(groups: Groups) -> list[Effect]:
    """All of them."""
    return [effect for group in groups for effect in group.effects]


def taken(partition: Partition, record: Sent, offset: int) -> list[Effect]:
    """What a record gives."""
    groups = Processor("log").judge(partition, replace(record, offset=offset))
    assert not isinstance(groups, NeedsPlan)
    return effects_of(groups)


def only_failure(effects: list[Effect]) -> Finding:
    """The finding beside the reject, both of which name the station."""
    rejected, decided = effects
    assert isinstance(rejected, Rejected)
    assert isinstance(decided, Decided)
    assert isinstance(decided.outcome, Finding)
    assert rejected.rejection.reason is RejectReason.ENGINE_FAILURE
    assert decided.outcome.kind == "engine_failure"
    assert decided.outcome.station == rejected.rejection.station
    assert decided.outcome.detail == rejected.rejection.detail
    return decided.outcome


Fail = Callable[..., None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Makes a function of the engine fail for one station, as a bug of ours would."""

    def plant(error: Callable[[], BaseException], name: str = "step", station: str = STATION) -> None:
        real = getattr(engine, name)

        def planted(state: Any, *rest: Any, **more: Any) -> Any:
            if state.station == station:
                raise error()
            return real(state, *rest, **more)

        monkeypatch.setattr(engine, name, planted)

    return plant


def odd_bug() -> Exception:
    """An error whose words are others in each process."""
    return KeyError(object(), frozenset("abc"))


def test_the_first_exception_rejects_the_event_and_leaves_the_state(fail: Fail) -> None:
    """Nothing is noted anywhere: the next event of the station is judged as if nothing had happened."""
    partition = partition_with(STATION, OTHER)
    before = partition.states[STATION]
    fail(odd_bug)
    finding = only_failure(taken(partition, frame(STATION, 1, RAISES), 2))
    assert finding.station == STATION
    assert partition.states[STATION] is before
    assert any(isinstance(one, AlertChanged) for one in taken(partition, frame(OTHER, 1, RAISES), 3))


def test_what_a_finding_says_is_the_same_in_every_process(fail: Fail) -> None:
    """Which error, and in which function of ours: no address, no order of a set, no line of a library."""
    fail(odd_bug)
    details = {only_failure(taken(partition_with(STATION), frame(STATION, 1, 1.0), 1)).detail for _ in "ab"}
    assert details == {"KeyError in services.judging.processor.Processor._step"}


def test_the_innermost_function_of_ours_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """However deep inside the engine it is."""
    partition = partition_with(STATION)
    deep: dict[str, Any] = {"__name__": "services.rules.deep"}
    exec("def step(*_):\n    def inner():\n        return {}[0]\n    return inner()", deep)  # noqa: S102  # a function of that module
    monkeypatch.setattr(engine, "step", deep["step"])
    finding = only_failure(taken(partition, frame(STATION, 1, 1.0), 1))
    assert finding.detail == "KeyError in services.rules.deep.step.<locals>.inner"


def test_a_tick_fails_for_one_station_alone(fail: Fail) -> None:
    """The others' minutes are closed."""
    partition = partition_with(STATION, OTHER)
    fail(ZeroDivisionError)
    groups = Processor("log").judge(partition, replace(tick(HOME, T0 + 75 * SECOND), offset=5))
    assert isinstance(groups, list)
    by_station = {group.station: list(group.effects) for group in groups}
    assert only_failure(by_station[STATION]).station == STATION
    assert [type(effect).__name__ for effect in by_station[OTHER]] == ["AggregateClosed"]


def test_another_plan_takes_over_all_stations_but_the_one_that_fails(
    fail: Fail, publisher: SigningKey
) -> None:
    """The plan is active; the station keeps its state."""
    partition = partition_with(STATION, OTHER)
    before = partition.states[STATION]
    fail(ZeroDivisionError, name="change_plan")
    signed = sign_plan_event(
        publisher, NEXT.plan_id, actor="li", issued=T0, expires=T0 + 9 * MINUTE, epoch=EPOCH, number=1
    )
    record = event("plan", control_key(HOME), HOME, signed.model_dump_json().encode(), T0)
    processor = Processor("log")
    needed = processor.judge(partition, replace(record, offset=9))
    assert isinstance(needed, NeedsPlan)
    assert processor.believe(partition, needed, publisher.public_key) is None
    groups = processor.activate(partition, needed, NEXT)
    (failed,) = [group for group in groups if group.station == STATION]
    assert only_failure(list(failed.effects)).station == STATION
    assert partition.plan is NEXT
    assert partition.states[STATION] is before
    assert partition.states[OTHER].hot.as_of == 9


def test_a_record_that_fails_before_any_station_is_named_is_rejected_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Decoding is total; should it not be, the record is lost and nothing else."""
    partition = partition_with(STATION)

    def decode(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr(judging_processor, "decode", decode)
        assert only_failure(taken(partition, frame(STATION, 1, 1.0), 1)).station is None
    assert taken(partition, frame(STATION, 1, RAISES), 2)


def test_memory_that_runs_out_ends_the_process(fail: Fail) -> None:
    """It says nothing of the event."""
    fail(MemoryError)
    with pytest.raises(MemoryError):
        taken(partition_with(STATION), frame(STATION, 1, 1.0), 1)


def written(partition: Partition, record: Sent, offset: int) -> list[Outgoing]:
    """The output records of a record."""
    placed = replace(record, offset=offset)
    groups = Processor("log").judge(partition, placed)
    assert not isinstance(groups, NeedsPlan)
    return records_of(groups, placed, partition)


def test_an_effect_too_large_for_its_topic_costs_its_station_the_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As an exception would: the state is put back, and what comes next is judged."""
    partition = partition_with(STATION, OTHER)
    before, real = partition.states[STATION], engine.step

    def step(*given: Any) -> Any:
        state, effects = real(*given)
        grown = [
            replace(one, alert=replace(one.alert, unit="%" * 2_000_000))
            if isinstance(one, AlertChanged)
            else one
            for one in effects
        ]
        return state, grown

    with monkeypatch.context() as patched:
        patched.setattr(engine, "step", step)
        sent = written(partition, frame(STATION, 1, RAISES), 2)
    assert [record.topic for record in sent] == [TopicName.REJECTS, TopicName.OUTCOMES]
    headers = dict(sent[0].headers)
    assert (headers["reason"], headers["station"]) == (b"engine_failure", STATION.encode())
    assert headers["detail"].endswith(b"bytes for alerts; it takes 1048576")
    assert partition.states[STATION] is before
    again = written(partition, frame(STATION, 1, RAISES), 3)
    assert TopicName.ALERTS in {record.topic for record in again}


def test_an_effect_that_cannot_be_written_costs_its_station_the_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lone surrogate is no UTF-8."""
    partition, real = partition_with(STATION), engine.step

    def step(*given: Any) -> Any:
        state, effects = real(*given)
        return state, [
            replace(one, alert=replace(one.alert, unit="\ud800")) if isinstance(one, AlertChanged) else one
            for one in effects
        ]

    monkeypatch.setattr(engine, "step", step)
    sent = written(partition, frame(STATION, 1, RAISES), 2)
    assert [dict(record.headers)["ce_type"] for record in sent] == [b"reject", b"finding"]


def test_judged_again_it_fails_again_byte_for_byte(fail: Fail) -> None:
    """After a crash, in another worker, in a replay."""
    fail(odd_bug)
    one, two = (written(partition_with(STATION), frame(STATION, 1, 1.0), 1) for _ in "ab")
    assert one == two != []


def details(sent: list[Outgoing]) -> list[str]:
    """Of the findings among output records."""
    told = [json.loads(record.value or b"{}") for record in sent if record.topic == TopicName.OUTCOMES]
    return [one["detail"] for one in told if one.get("kind") == "engine_failure"]


def ticks(partition: Partition, first: int, count: int) -> list[Outgoing]:
    """What comes of so many ticks, 5 s apart; each of them concerns the station."""
    sent = []
    for number in range(first, first + count):
        state = partition.states[STATION]
        partition.states[STATION] = replace(state, hot=replace(state.hot, due=0))
        sent += written(partition, tick(HOME, T0 + 45 * SECOND + number * 5 * SECOND), 10 + number)
    return sent


def test_a_station_that_fails_at_each_tick_is_told_once_and_counted_until_it_changes() -> None:
    """One reject and one finding; another reason is told anew, and the end of it, with how often it came."""
    partition = partition_with(STATION, OTHER)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "step", failing_at(ZeroDivisionError))
        sent = ticks(partition, 0, 50)
        assert len([record for record in sent if record.topic == TopicName.REJECTS]) == 1
    (first,) = details(sent)
    header = partition.header(Position(EPOCH, 60, None), "log")
    partition.failing = dict(decode_header(encode_header(header)).failing)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "step", failing_at(OverflowError))
        other = ticks(partition, 50, 3)
    assert len([record for record in other if record.topic == TopicName.REJECTS]) == 1
    over, second = details(other)
    assert over == f"{first}: over after 50 ticks in a row"
    assert second != first
    assert details(ticks(partition, 53, 2)) == [f"{second}: over after 3 ticks in a row"]
    assert partition.failing == {}


def failing_at(error: type[Exception]) -> Callable[..., Any]:
    """A step that fails for the station, as a bug of ours would."""
    real = engine.step

    def step(state: Any, *given: Any) -> Any:
        if state.station == STATION:
            raise error
        return real(state, *given)

    return step


def test_what_no_tick_can_write_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where each time it is larger by some bytes."""
    partition, real = partition_with(STATION), engine.step
    sizes = count(2_000_000)

    def step(state: Any, *given: Any) -> Any:
        after, effects = real(state, *given)
        return after, [Decided(large(next(sizes)))] if state.station == STATION else effects

    with monkeypatch.context() as patched:
        patched.setattr(engine, "step", step)
        sent = ticks(partition, 0, 20)
    assert len(details(sent)) == 1
    assert partition.failing[STATION].count == 20
    (over,) = details(ticks(partition, 20, 2))
    assert "over after 20 ticks" in over


def large(size: int) -> Finding:
    """An outcome that its topic does not take."""
    return Finding(kind="input_gap", partition=HOME, offset=0, station=STATION, detail="x" * size, at=T0)
