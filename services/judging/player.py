"""Plays a log as the monitor would judge it: without a broker, at full speed, with ticks in between."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from schemas.aggregates import MINUTE_MS
from schemas.events import EventKind
from schemas.plan import Plan, PublicKey
from schemas.topics import TopicName, control_key, partition_of
from services.judging.log_lines import LogLine
from services.judging.outcome_lines import (
    UNVERIFIED,
    OutcomeLine,
    TakenRecord,
    outcome_line,
    rejection,
)
from services.judging.partition_clock import ENOUGH, NEAR_MS
from services.judging.partitions import Partition
from services.judging.processor import Groups, NeedsPlan, Processor
from services.judging.records import records_of
from services.rules.arranging import arrange
from services.rules.effects import Cause
from services.rules.judging_plan import NEVER, JudgingPlan
from services.runtime.outgoing import Outgoing

EPOCH = "00000000-0000-4000-8000-000000000001"
"""Of a log that does not say which it is."""
TICK_MS = 5_000
SIGNED = (EventKind.COMMAND, EventKind.PLAN)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures are believed: of plan events by ``anchor``, of commands by ``keys``."""

    anchor: str | None
    keys: tuple[PublicKey, ...]


def plan_of_log(plan: Plan, plan_id: str, stations: Collection[str], trust: Trust | None) -> JudgingPlan:
    """A plan cut to the stations of a log: of what it does not name, nothing is expected."""
    known = (*plan.keys, *(trust.keys if trust else ()))
    named = tuple(station for station in plan.stations if station.station_id in stations)
    return arrange(replace(plan, stations=named, keys=tuple(dict.fromkeys(known))), plan_id)


@dataclass(slots=True, kw_only=True)
class Player:
    """A run over one log. ``begins_at`` (epoch ms) is when its stations begin to be expected to report.

    ``trust`` None: commands and plan events are reported as unverified. ``tick_ms`` 0: no ticks but those of
    the log.
    """

    plan: JudgingPlan
    begins_at: int
    trust: Trust | None = None
    epoch: str = EPOCH
    tick_ms: int = TICK_MS
    tell: Callable[[TakenRecord], OutcomeLine | None] = outcome_line
    """What is told of an output record; None: nothing."""
    partitions: dict[int, Partition] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    """The next of each partition. Both may come from an earlier run (``saved_state``)."""
    _ticked_at: int = 0
    _usual_key: bytes = b"unknown"
    _processor: Processor = field(default_factory=partial(Processor, "log"))

    def __post_init__(self) -> None:
        """Begin: all partitions of the plan's stations are judged by it."""
        self._ticked_at = self.begins_at
        named = sorted(station.station_id for station in self.plan.document.stations)
        for number in {*self.partitions, *map(partition_of, named)}:
            self._partition(number)
        if named:
            self._usual_key = named[0].encode()

    def play(self, lines: Iterable[LogLine], *, after_ms: int = 0) -> Iterator[OutcomeLine]:
        """What comes of the lines, and of so much time after the last of them."""
        last, log = self.begins_at, list(lines)
        for number, line in enumerate(log):
            if line.kind == EventKind.GENESIS:
                yield from self.take(line)
                continue
            next_ones = log[number : number + ENOUGH]
            last = self._time_of([one.arrival for one in next_ones if one.kind != EventKind.GENESIS])
            yield from self.take(line, until=last)
        yield from self.pass_time(last + after_ms)

    def _time_of(self, arrivals: Sequence[int]) -> int:
        """How late it is at a line, of which the next ones are known, too: one or two alone move no time."""
        if self.tick_ms and len(arrivals) == ENOUGH and max(arrivals) < self._ticked_at - NEAR_MS:
            self._ticked_at = min(arrivals)
            for partition in self.partitions.values():
                partition.set_clock(min(partition.clock, self._ticked_at))
        return min(arrivals)

    def take(self, line: LogLine, *, until: int | None = None) -> Iterator[OutcomeLine]:
        """What comes of the time until a line's arrival (or else ``until``), then of the line itself."""
        if line.kind != EventKind.GENESIS:
            yield from self.pass_time(line.arrival if until is None else until)
        if self.trust is None and line.kind in SIGNED:
            detail = f"a {line.kind} is signed, and no keys were given to verify it by"
            yield rejection(
                station=line.station, source="unknown", reason=UNVERIFIED, detail=detail, at=line.arrival
            )
            return
        for record in list(self._records(line)):
            yield from self._judged(record)

    def pass_time(self, until: int) -> Iterator[OutcomeLine]:
        """The ticks up to ``until`` (inclusive), but those that have nothing to do: they change nothing."""
        while self.tick_ms and (at := self._next_tick()) <= until:
            self._pass(at)
            for number in sorted(self.partitions):
                line = LogLine(at, EventKind.TICK, b"{}", control_key(number).encode(), number)
                for record in self._records(line):
                    yield from self._judged(record)
        if self.tick_ms and until > self._ticked_at:
            self._pass(until - (until - self._ticked_at) % self.tick_ms)

    def _pass(self, at: int) -> None:
        """The ticks up to ``at`` let time pass, those too that have nothing else to do."""
        self._ticked_at = at
        for partition in self.partitions.values():
            if at > partition.clock:
                partition.set_clock(at)

    def _next_tick(self) -> int:
        due = min(map(_due, self.partitions.values()), default=NEVER)
        ticks = max(1, -(-(due - self._ticked_at) // self.tick_ms))
        return self._ticked_at + ticks * self.tick_ms

    def _partition(self, number: int) -> Partition:
        partition = self.partitions.setdefault(number, Partition(number=number, epoch=self.epoch))
        if partition.plan is not self.plan:
            partition.clock = max(partition.clock, self.begins_at)
            before = Cause(self.epoch, number, self.offsets.get(number, 0) - 1, self.begins_at)
            self._processor.begin(partition, self.plan, before)
        return partition

    def _records(self, line: LogLine) -> Iterator[TakenRecord]:
        """The line's record; of a control record without a partition, one for each."""
        if line.partition is not None:
            yield self._record(line, line.key, line.partition)
        elif line.kind in (EventKind.TICK, EventKind.PLAN, EventKind.GENESIS):
            for number in sorted(self.partitions):
                yield self._record(line, control_key(number).encode(), number)
        else:
            yield self._record(line, self._usual_key, partition_of(self._usual_key.decode()))

    def _record(self, line: LogLine, key: bytes | None, number: int) -> TakenRecord:
        self._partition(number)
        offset = max(self.offsets.get(number, 0), line.offset or 0)
        self.offsets[number] = offset + 1
        key = None if line.is_keyless else key
        return TakenRecord(
            TopicName.EVENTS, number, offset, line.arrival, key, line.value, line.record_headers()
        )

    def _judged(self, record: TakenRecord) -> Iterator[OutcomeLine]:
        partition = self.partitions[record.partition]
        judged = self._processor.judge(partition, record)
        if isinstance(judged, NeedsPlan):
            judged = self._plan_event(partition, judged)
        for sent in records_of(judged, record, partition):
            line = self.tell(_written(sent))
            if line is not None:
                yield line

    def _plan_event(self, partition: Partition, needed: NeedsPlan) -> Groups:
        anchor = None if self.trust is None else self.trust.anchor
        refused = self._processor.believe(partition, needed, anchor)
        if refused is not None:
            return refused
        plan = self.plan if needed.event.plan == self.plan.plan_id else None
        return self._processor.activate(partition, needed, plan)


def _due(partition: Partition) -> int:
    """When a tick has something to do at the earliest: at a station, or to tell how much was rejected."""
    minute, control = partition.minute, partition.states.get(control_key(partition.number))
    if minute.start == 0:
        return 0
    open_alerts = control is not None and any(one.cleared_at is None for one in control.cold.alerts.values())
    share_due = minute.events or partition.reject_share_pct or open_alerts
    dues = (state.hot.due for state in partition.states.values() if state is not control)
    return min([*([minute.start + MINUTE_MS] if share_due else []), *dues], default=NEVER)


def _written(sent: Outgoing) -> TakenRecord:
    return TakenRecord(f"log.{sent.topic}", sent.partition, 0, 0, sent.key, sent.value, sent.headers)
