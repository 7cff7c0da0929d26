"""Where a frame's time goes: decoding, judging, making records, snapshots; in one process, without Kafka.

CPU time, so that other processes hardly matter.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import TypeVar

import pytest
from bench.city import STATIONS, city_plan
from bench.frames import READINGS, Frames, Read, history
from bench.table import Table
from support.state_records import decode_full, decode_hot

from schemas.codec import Decoded, decode
from schemas.events import Event, Telemetry
from schemas.plan import plan_bytes, plan_id
from schemas.rejects import Rejection
from schemas.topics import EVENT_PARTITIONS
from services.judging.partitions import Partition
from services.judging.processor import NeedsPlan, Processor
from services.judging.records import records_of
from services.judging.snapshots import encode_full, encode_hot
from services.rules.arranging import arrange
from services.rules.effects import AlertChanged, Cause, Effect, Rejected
from services.rules.engine import step
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

TICK = b"{}"
EPOCH = "00000000-0000-4000-8000-000000000001"
FRAMES = 12_000
WARM_FRAMES = 4_000
"""Judged before the clock starts: minutes are open then, and the caches warm."""
T = TypeVar("T")


@pytest.fixture(scope="module")
def log() -> list[Read]:
    """Frames and ticks in the order of log time, with their offsets."""
    ends: Counter[int] = Counter()
    found = []
    for record in history(Frames(), FRAMES):
        offset = ends[record.partition]
        ends[record.partition] += 1
        found.append(Read(record.partition, offset, 0, record.key, record.value, record.headers))
    return found


@pytest.fixture(scope="module")
def index() -> JudgingPlan:
    """The city's plan, arranged."""
    plan = city_plan()
    return arrange(plan, plan_id(plan_bytes(plan)))


@dataclass
class Clock:
    """Adds up what calls take, once it runs."""

    spent_s: float = 0.0
    calls: int = 0
    runs: bool = False

    def time(self, call: Callable[[], T]) -> T:
        """The call's answer."""
        began = process_time()
        answer = call()
        if self.runs:
            self.spent_s += process_time() - began
            self.calls += 1
        return answer

    def us(self, per: int | None = None) -> str:
        """Mean time of a call, or the share of one of ``per`` things."""
        return f"{self.spent_s / (self.calls if per is None else per) * 1e6:.1f} us"


def test_decoding(log: list[Read], table: Table) -> None:
    """A frame is decoded and validated."""
    frames = [read for read in log if read.value != TICK]
    clock, refused = Clock(runs=True), 0
    for read in frames:
        refused += isinstance(clock.time(lambda: decode(read, "log")), Rejection)  # noqa: B023
    assert refused == 0
    size = sum(len(read.value or b"") for read in frames) / len(frames)
    how = f"{len(frames)} frames of {READINGS} readings, {size:.0f} bytes of JSON"
    table.add("stages", "decode a frame", clock.us(), how)


def test_engine(log: list[Read], index: JudgingPlan, table: Table) -> None:
    """The pure engine judges frames, and looks at each station of a partition at each tick."""
    states: dict[int, dict[str, StationState]] = {partition: {} for partition in range(EVENT_PARTITIONS)}
    found: Counter[type[Effect]] = Counter()
    on_frame, on_tick = Clock(), Clock()
    frames = looks = 0
    for read in log:
        decoded = decode(read, "log")
        assert isinstance(decoded, Decoded)
        event, cause = decoded.event, Cause(EPOCH, read.partition, read.offset, decoded.arrival)
        on_frame.runs = on_tick.runs = frames >= WARM_FRAMES
        held = states[read.partition]
        if isinstance(event, Telemetry):
            frames += 1
            names, clock = [event.station], on_frame
            held.setdefault(event.station, StationState(event.station))
        else:
            names, clock = list(held), on_tick
            looks += len(names) * on_tick.runs
        for effect in clock.time(lambda: judge_all(held, names, event, cause, index)):  # noqa: B023
            found[type(effect)] += 1
    assert found[AlertChanged] > 0
    assert found[Rejected] == 0
    table.add("stages", "engine, a frame", on_frame.us(), f"{on_frame.calls} frames")
    each = f"{looks / on_frame.calls:.1f} looks at a station per frame, {on_tick.us(per=looks)} each"
    table.add("stages", "engine, ticks per frame", on_tick.us(per=on_frame.calls), each)


def judge_all(
    states: dict[str, StationState], names: Sequence[str], event: Event, cause: Cause, index: JudgingPlan
) -> list[Effect]:
    """Step these stations; their effects."""
    effects: list[Effect] = []
    for name in names:
        states[name], more = step(states[name], event, cause, index)
        effects += more
    return effects


def test_processor_and_records(log: list[Read], index: JudgingPlan, tmp_path: Path, table: Table) -> None:
    """The monitor's own path, from record to output records, without broker and batches."""
    held = held_partitions(index)
    processor = Processor("log")
    judging, emitting = Clock(), Clock()
    frames = sent = size = 0
    for read in log:
        judging.runs = emitting.runs = frames >= WARM_FRAMES
        partition = held[read.partition]
        groups = judging.time(lambda: processor.judge(partition, read))  # noqa: B023
        assert not isinstance(groups, NeedsPlan)
        records = emitting.time(lambda: records_of(groups, read, partition))  # noqa: B023
        frames += read.value != TICK
        if emitting.runs:
            sent += len(records)
            size += sum(len(record.value or b"") for record in records)
        assert not any(isinstance(effect, Rejected) for group in groups for effect in group.effects)
    measured = frames - WARM_FRAMES
    path = "record in, effects out; with the ticks' share"
    table.add("stages", "decode, route and judge, per frame", judging.us(per=measured), path)
    outputs = f"{sent / measured:.2f} records of {size / max(sent, 1):.0f} bytes per frame"
    table.add("stages", "make output records, per frame", emitting.us(per=measured), outputs)
    snapshots_of([state for one in held.values() for state in one.states.values()], table)


def held_partitions(index: JudgingPlan) -> dict[int, Partition]:
    """All partitions of the city, with its plan and no states yet."""
    return {p: Partition(number=p, epoch=EPOCH, plan=index) for p in range(EVENT_PARTITIONS)}


def snapshots_of(states: Sequence[StationState], table: Table) -> None:
    """Encode and decode each station's snapshot."""
    cities = [state for state in states if state.hot.points]
    assert len(cities) == len(STATIONS)
    hot, full, from_hot, from_full = (Clock(runs=True) for _ in range(4))
    hots = [hot.time(lambda: encode_hot(state)) for state in cities]  # noqa: B023
    fulls = [full.time(lambda: encode_full(state)) for state in cities]  # noqa: B023
    for state, packed, whole in zip(cities, hots, fulls, strict=True):
        assert from_hot.time(lambda: decode_hot(packed)) == state.hot  # noqa: B023
        assert from_full.time(lambda: decode_full(state.station, whole)) == state  # noqa: B023
    size = {"hot": sum(map(len, hots)), "full": sum(map(len, fulls))}
    for name, write, read in (("hot", hot, from_hot), ("full", full, from_full)):
        figure = f"{write.us()} to write, {read.us()} to read"
        table.add("stages", f"snapshot, {name}", figure, f"{size[name] / len(cities):.0f} bytes on average")
