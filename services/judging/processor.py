"""A record becomes effects: decode -> verify -> route to stations -> judge. No I/O but the failure file.

States change in the partition given; whatever this raises, the caller forgets the partition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.aggregates import MINUTE_MS
from schemas.base import ClockMode, Nature
from schemas.codec import Record, decode
from schemas.events import (
    Command,
    Context,
    Derived,
    Event,
    Genesis,
    Inspection,
    PlanEvent,
    Report,
    Scan,
    Telemetry,
    Tick,
)
from schemas.outcomes import PlanActivated
from schemas.rejects import Rejection, RejectReason
from schemas.topics import control_key, partition_of
from services.judging.failures import EventFailedError, Failures
from services.judging.partitions import Partition
from services.judging.refusals import Refused, engine_failure, unroutable, unverified
from services.judging.verification import Verifier
from services.rules import engine
from services.rules.builtin import REJECT_POINT
from services.rules.effects import Cause, Decided, Effect, Rejected
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState
from services.runtime import metrics

MIN_EVENTS_FOR_SHARE = 20
"""A minute with fewer events counts as one without rejections."""


@dataclass(frozen=True, slots=True)
class Group:
    """Effects of one station. It is named only where one record concerns many stations."""

    effects: Sequence[Effect]
    station: str = ""


@dataclass(frozen=True, slots=True)
class NeedsPlan:
    """The plan that an event names has to be looked up; ``Processor.activate`` goes on with it."""

    event: PlanEvent
    cause: Cause


Groups = list[Group]
Judgement = Groups | Refused | NeedsPlan


@dataclass(slots=True)
class Processor:
    """Judges records."""

    clock_mode: ClockMode
    verifier: Verifier
    failures: Failures

    def judge(self, partition: Partition, record: Record) -> Groups | NeedsPlan:
        """All effects of a record, or the plan that is needed first."""
        judgement, kind = self._judgement(partition, record)
        return judgement if isinstance(judgement, NeedsPlan) else _counted(partition, judgement, kind)

    def activate(self, partition: Partition, needed: NeedsPlan, plan: JudgingPlan | None) -> Groups:
        """All effects of an event that activates a plan; None: there is no such plan."""
        if plan is not None:
            return _counted(partition, self._activated(partition, needed, plan), "planevent")
        detail = f"plan {needed.event.plan} is not in the topic plans, or cannot be arranged"
        refused = Refused(Rejection(reason=RejectReason.UNKNOWN_PLAN, detail=detail))
        return _counted(partition, refused, "planevent")

    def _judgement(self, partition: Partition, record: Record) -> tuple[Judgement, str]:
        """The judgement on a record, and its kind."""
        if self.failures.is_poison(partition.number, record.offset):
            cause = partition.cause(record.offset)
            rejected, finding = engine_failure(None, cause, "failed twice as a whole")
            return Refused(rejected.rejection, (finding,)), "poison"
        decoded = decode(record, self.clock_mode)
        if isinstance(decoded, Rejection):
            if self.clock_mode == "wall":
                partition.clock = max(partition.clock, record.timestamp)
            return Refused(decoded), "undecodable"
        event = decoded.event
        if not isinstance(event, Genesis):  # its time says nothing: it begins the log
            partition.clock = max(partition.clock, decoded.arrival)
        cause = partition.cause(record.offset, decoded.arrival)
        return self._route(partition, event, cause), type(event).__name__.lower()

    def _route(self, partition: Partition, event: Event, cause: Cause) -> Judgement:
        match event:
            case Telemetry() | Inspection():
                return self._reported(partition, event, cause)
            case Tick():
                return self._tick(partition, event, cause)
            case Command():
                return self._command(partition, event, cause)
            case PlanEvent():
                return self._plan(partition, event, cause)
            case Genesis():
                return self._genesis(partition, event)
            case Report() | Derived() | Context():
                detail = f"nothing judges {type(event).__name__.lower()} yet"
                rejection = Rejection(reason=RejectReason.NOT_HANDLED, detail=detail, station=event.station)
                return Refused(rejection)

    def _reported(self, partition: Partition, event: Telemetry | Inspection, cause: Cause) -> Judgement:
        refused = unroutable(partition.plan, event)
        return refused or [Group(self._step(partition, event.station, [event], cause))]

    def _tick(self, partition: Partition, tick: Tick, cause: Cause) -> Judgement:
        now = partition.cause(cause.offset)
        share = self._ended_minute(partition)
        if partition.plan is None:
            return []
        control = control_key(partition.number)
        stations = [name for name, state in partition.states.items() if state.hot.due <= partition.clock]
        if share is not None and control not in stations:
            stations.append(control)
        groups = []
        for station in stations:
            events: list[Event] = [share, tick] if share is not None and station == control else [tick]
            effects = self._step(partition, station, events, now)
            if effects:
                groups.append(Group(effects, station))
        return groups

    def _ended_minute(self, partition: Partition) -> Telemetry | None:
        """At the first tick after a minute: the rejected share of its events, as a frame of ``_p<n>``."""
        minute, end = partition.minute, partition.clock - partition.clock % MINUTE_MS
        if minute.start == 0:
            minute.start = end
        if end <= minute.start:
            return None
        enough = minute.events >= MIN_EVENTS_FOR_SHARE
        partition.reject_share_pct = 100.0 * minute.rejected / minute.events if enough else 0.0
        minute.start, minute.events, minute.rejected = end, 0, 0
        control = control_key(partition.number)
        if partition.plan is None or REJECT_POINT not in partition.plan.stations[control].points:
            return None
        scan = Scan(at=end, values={REJECT_POINT: partition.reject_share_pct})
        return Telemetry(
            station=control,
            source="monitor",
            seq=end // MINUTE_MS,
            sent_at=end,
            nature=self._nature,
            scans=[scan],
        )

    def _command(self, partition: Partition, command: Command, cause: Cause) -> Judgement:
        refused = unroutable(partition.plan, command)
        if refused is not None or partition.plan is None:
            return refused or []
        found = self.verifier.command(command, partition.plan.document, cause.arrival)
        if not found.holds:
            return unverified(command, found, cause)
        return [Group(self._step(partition, command.station, [command], cause))]

    def _plan(self, partition: Partition, event: PlanEvent, cause: Cause) -> Judgement:
        found = self.verifier.plan_event(event, cause.arrival)
        if not found.holds:
            detail = f"plan {event.plan[:12]} of {event.signer}: {found.reason}"
            return Refused(Rejection(reason=RejectReason.BAD_SIGNATURE, detail=detail))
        return NeedsPlan(event, cause)

    def _activated(self, partition: Partition, needed: NeedsPlan, plan: JudgingPlan) -> Groups:
        event, cause = needed.event, needed.cause
        old, partition.plan = partition.plan, plan
        number, at = partition.number, cause.arrival
        activated = PlanActivated(plan=event.plan, partition=number, actor=event.actor, at=at)
        groups = [Group([Decided(activated)])]
        self._expect(partition, plan, cause)
        if old is None or old.plan_id == plan.plan_id:
            return groups
        for state in list(partition.states.values()):
            if state.hot.as_of >= cause.offset:
                continue
            new, effects = engine.change_plan(state, cause, old=old, new=plan)
            if new is not state:
                partition.put(state, new)
            if effects:
                groups.append(Group(effects, state.station))
        return groups

    def _expect(self, partition: Partition, plan: JudgingPlan, cause: Cause) -> None:
        """From now on the plan's stations have to be heard of: one that never was would have no state."""
        for name, planned in plan.stations.items():
            is_ours = partition_of(name) == partition.number and not planned.station.virtual
            if is_ours and name not in partition.states:
                state = engine.expected_from(name, cause, nature=self._nature)
                partition.put(state, state)

    @property
    def _nature(self) -> Nature:
        """Of what no event tells."""
        return "real" if self.clock_mode == "wall" else "simulated"

    def _genesis(self, partition: Partition, event: Genesis) -> Judgement:
        """The epoch of the log is known since the load; a genesis that differs is not of this log."""
        if event.epoch == partition.epoch:
            return []
        detail = f"epoch {event.epoch}; this log has {partition.epoch}"
        return Refused(Rejection(reason=RejectReason.INVALID, detail=detail))

    def _step(
        self, partition: Partition, station: str, events: Sequence[Event], cause: Cause
    ) -> Sequence[Effect]:
        """Judge a record's events of one station, unless the station's snapshot includes them."""
        old = partition.states.get(station)
        if old is None:
            old = StationState(station)
        elif old.hot.as_of >= cause.offset:
            metrics.SKIPPED.inc()
            return []
        assert partition.plan is not None  # the callers reject what comes before the first plan
        new, effects = old, []
        try:
            for event in events:
                new, more = engine.step(new, event, cause, partition.plan)
                effects += more
        except Exception as error:
            if not self.failures.note(partition.number, cause.offset, station, error):
                where = f"partition {partition.number}, {cause.offset}"
                raise EventFailedError(f"{station} at {where}") from error
            return engine_failure(station, cause, repr(error))
        if new is not old:
            partition.put(old, new)
        return effects


def _counted(partition: Partition, judgement: Groups | Refused, kind: str) -> Groups:
    """The effects of a judgement, which is counted."""
    metrics.EVENTS.labels(kind).inc()
    if kind != "tick":
        partition.count(rejected=isinstance(judgement, Refused))
    if isinstance(judgement, Refused):
        return [Group([Rejected(judgement.rejection), *judgement.also])]
    return judgement
