"""The pure path of a record, stage by stage, as a program for a counter (``instructions.py``).

    python -m bench.pure_path marks          each stage over three equal rounds, with a mark before the
                                             second round, before the third and after it
    python -m bench.pure_path rounds NAME N  one stage over N rounds, without marks; all rounds are prepared

Both print, as JSON, what each stage works on. Why what is counted is what is meant:

- Everything that a stage needs is made before its first round: imports, plan, states, records. The first
  round fills caches. Between two marks, or in the difference between two numbers of rounds, nothing is left
  but the stage's calls and the loop around them (some 100 instructions a call).
- The engine is pure, so every round is the same work: each call is given a partition of its own, which
  holds the states as they were when its record came.
- Garbage is collected as in the monitor: what was there before the first round is frozen, as after a load,
  the threshold is the monitor's, and what a call made goes when it has ended.
- Records come from a city of 16 stations of one partition. It has run for so long that each station
  remembers as many scans as it ever will. ``quiet``, ``noisy``, ``late`` and ``tick`` are
  ``Processor.judge``, from the record to its effects: they include decoding, which ``decode`` shows alone.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from bench.city import POINTS, STATIONS, city_plan
from bench.frames import (
    PARTITIONS,
    READINGS,
    SCAN_EVERY_MS,
    SCANS,
    START_MS,
    TICK_EVERY_MS,
    UNDER_WAY_MS,
    Read,
    frame_value,
    telemetry,
    tick,
)

from schemas.codec import decode
from schemas.plan import plan_bytes, plan_id
from services.judging.partitions import Partition
from services.judging.processor import Groups, NeedsPlan, Processor
from services.judging.records import records_of
from services.judging.snapshots import encode_full, encode_hot
from services.rules.arranging import arrange
from services.rules.effects import AggregateClosed, AlertChanged, Rejected
from services.rules.state import StationState
from services.runtime.outgoing import Outgoing

STAGES = ("quiet", "noisy", "late", "tick", "checkpoint", "decode", "encode")
PARTITION = 0
CITY = tuple(name for name in STATIONS if PARTITIONS[name] == PARTITION)[:16]
EPOCH = "00000000-0000-4000-8000-000000000001"
FRAME_EVERY_MS = SCANS * SCAN_EVERY_MS // len(CITY)
WARM = range(66)
"""Numbers of the frames before anything is kept: 330 scans a station; beyond 320 the oldest are forgotten."""
KEPT = range(66, 80)
"""The oldest scans are forgotten once meanwhile."""
GC_THRESHOLD = 20_000
"""The monitor's (``services.streaming.shell``, which takes long to import under a counter)."""
MARKED_ROUNDS, PREPARED_ROUNDS = 3, 21
QUIET = (45.0, 73.0)
"""Lowest and highest value: below the limit of 80 and below the way back from it, 75."""
NOISY = (68.0, 87.0)
"""To and fro across both: three readings in a row beyond one of them, and an alert begins or ends."""

Kind = Literal["frame", "late", "tick"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A record and its effects, with the partition as it was when the record came."""

    kind: Kind
    read: Read
    before: Partition
    groups: Groups
    looks: int
    """Stations that it changed."""

    def count(self, effect: type) -> int:
        """How many effects of this type it had."""
        return sum(isinstance(one, effect) for group in self.groups for one in group.effects)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is called, and with what: each round of calls has new arguments, made by ``prepare``."""

    name: str
    call: Callable[..., object]
    prepare: Callable[[], list[tuple[Any, ...]]]
    unit: str
    units: int
    """How many of them a round is."""
    how: str = ""

    def run(self, calls: list[tuple[Any, ...]]) -> None:
        """One round. What a call was given goes with it, as a state does that another one has replaced."""
        call = self.call
        while calls:
            call(*calls.pop())


def log(
    numbers: range, between: tuple[float, float], *, swap: bool = False
) -> Iterator[tuple[Kind, Outgoing]]:
    """The frames of these numbers, station after station, and a tick every 5 s of log time.

    ``swap``: a frame of even number comes after the one that follows it.
    """
    chance = Random(numbers.start)
    withheld: dict[str, bytes] = {}
    for at, station, number in (
        (time_of(n, place), name, n) for n in numbers for place, name in enumerate(CITY)
    ):
        if (at - FRAME_EVERY_MS) // TICK_EVERY_MS < at // TICK_EVERY_MS:
            yield "tick", tick(PARTITION, at - at % TICK_EVERY_MS)
        scans = [scan(chance, between) for _ in range(SCANS)]
        value = frame_value(station, number, at - UNDER_WAY_MS, SCAN_EVERY_MS, scans)
        if swap and number % 2 == 0:
            withheld[station] = value
            continue
        yield "frame", telemetry(station, number, value, at)
        if station in withheld:
            yield "late", telemetry(station, number - 1, withheld.pop(station), at)


def time_of(number: int, place: int) -> int:
    """When a station's frame of this number arrives (epoch ms)."""
    return START_MS + (number * len(CITY) + place) * FRAME_EVERY_MS


def scan(chance: Random, between: tuple[float, float]) -> bytes:
    """The values of all points, as JSON."""
    return json.dumps({code: round(chance.uniform(*between), 2) for code in POINTS}).encode()


def play(
    processor: Processor, held: Partition, records: Iterable[tuple[Kind, Outgoing]], first: int = 0
) -> Iterator[Judged]:
    """Judge a log from the offset ``first`` on; the partition moves on."""
    for offset, (kind, record) in enumerate(records, first):
        read = Read(PARTITION, offset, 0, record.key, record.value, record.headers)
        before = copied(held)
        groups = processor.judge(held, read)
        assert not isinstance(groups, NeedsPlan)
        looks = sum(before.states.get(name) is not state for name, state in held.states.items())
        judged = Judged(kind, read, before, groups, looks)
        assert judged.count(Rejected) == 0
        yield judged


def copied(held: Partition) -> Partition:
    """A partition whose judging leaves this one as it is; states are values."""
    return replace(held, states=dict(held.states), minute=replace(held.minute), changed=dict(held.changed))


def stages() -> list[Stage]:
    """All stages, over one city."""
    plan = city_plan()
    plan = replace(plan, stations=tuple(one for one in plan.stations if one.station_id in CITY))
    index = arrange(plan, plan_id(plan_bytes(plan)))
    processor = Processor("log")
    warm = Partition(number=PARTITION, epoch=EPOCH, plan=index)
    first = sum(1 for _ in play(processor, warm, log(WARM, QUIET)))
    quiet_end, noisy_end = copied(warm), copied(warm)
    quiet = list(play(processor, quiet_end, log(KEPT, QUIET), first))
    noisy = list(play(processor, noisy_end, log(KEPT[:7], NOISY), first))
    late = list(play(processor, copied(warm), log(KEPT, QUIET, swap=True), first))
    return [
        _frames("quiet", processor, quiet, "far from the limit"),
        _frames("noisy", processor, noisy, "around the limit"),
        _frames("late", processor, late, "far from the limit, all of them older than the station's newest"),
        _ticks(processor, quiet),
        _checkpoint(quiet_end, noisy_end),
        _decoding(quiet),
        _encoding([*noisy, *quiet]),
    ]


def _frames(name: str, processor: Processor, judged: list[Judged], where: str) -> Stage:
    kept = [one for one in judged if one.kind == ("late" if name == "late" else "frame")]
    changes = sum(one.count(AlertChanged) for one in kept)
    assert (changes > len(kept) / 4) if name == "noisy" else (changes == 0)
    how = f"{READINGS} readings {where}; {changes} transitions of alerts in {len(kept)} frames"
    return Stage(name, processor.judge, _anew(kept), "frame", len(kept), how)


def _ticks(processor: Processor, judged: list[Judged]) -> Stage:
    kept = [one for one in judged if one.kind == "tick" and one.looks]
    closed = sum(one.count(AggregateClosed) for one in kept)
    looks = sum(one.looks for one in kept)
    how = f"looked at; {len(kept)} ticks look at {looks} and close {closed} minutes"
    return Stage("tick", processor.judge, _anew(kept), "station", looks, how)


def _anew(kept: list[Judged]) -> Callable[[], list[tuple[Any, ...]]]:
    return lambda: [(copied(one.before), one.read) for one in kept]


def _checkpoint(quiet: Partition, noisy: Partition) -> Stage:
    """A station's hot snapshot, and a full one of the same station with alerts."""

    def both(calm: StationState, alerting: StationState) -> None:
        encode_hot(calm)
        encode_full(alerting)

    pairs = [(quiet.states[name], noisy.states[name]) for name in CITY]
    alerts = sum(len(alerting.cold.alerts) for _, alerting in pairs)
    hot = sum(len(encode_hot(calm)) for calm, _ in pairs) // len(pairs)
    full = sum(len(encode_full(alerting)) for _, alerting in pairs) // len(pairs)
    how = f"a hot snapshot ({hot} bytes) and a full one ({full} bytes, {alerts / len(pairs):.1f} alerts)"
    return Stage("checkpoint", both, lambda: list(pairs * 4), "station", len(pairs) * 4, how)


def _decoding(quiet: list[Judged]) -> Stage:
    frames = [one.read for one in quiet if one.kind == "frame"]
    size = sum(len(read.value or b"") for read in frames) // len(frames)
    how = f"{READINGS} readings, {size} bytes of JSON"
    return Stage("decode", decode, lambda: [(read, "log") for read in frames], "frame", len(frames), how)


def _encoding(judged: list[Judged]) -> Stage:
    speaking = [one for one in judged if one.groups]
    made = [record for one in speaking for record in records_of(one.groups, one.read, one.before)]
    size = sum(len(record.value or b"") for record in made) // len(made)
    alerts = sum(one.count(AlertChanged) for one in speaking)
    how = f"{len(made)} records of {size} bytes on average, {alerts} of them alerts"
    calls = [(one.groups, one.read, one.before) for one in speaking]
    return Stage("encode", records_of, lambda: list(calls), "record", len(made), how)


def mark() -> None:
    """A call that nothing else makes: the counter dumps what it has counted so far, and begins at zero."""
    os.getppid()


def main(arguments: list[str]) -> None:
    """Prepare, settle the collector, then run rounds and nothing else."""
    gc.set_threshold(GC_THRESHOLD)
    found = stages()
    assert tuple(one.name for one in found) == STAGES
    if arguments[0] == "rounds":
        found = [one for one in found if one.name == arguments[1]]
    prepared = MARKED_ROUNDS if arguments[0] == "marks" else PREPARED_ROUNDS
    rounds = [[one.prepare() for _ in range(prepared)] for one in found]
    gc.collect()
    gc.freeze()
    if arguments[0] == "rounds":
        for calls in rounds[0][: int(arguments[2])]:
            found[0].run(calls)
    else:
        for stage, (first, second, third) in zip(found, rounds, strict=True):
            stage.run(first)
            mark()
            stage.run(second)
            mark()
            stage.run(third)
            mark()
    told = [{"name": one.name, "unit": one.unit, "units": one.units, "how": one.how} for one in found]
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
