"""A record becomes effects: decode -> verify -> route to stations -> judge. No input or output.

States change in the partition given. All of it is pure, so that the first exception is final: what raises
is rejected as ``engine_failure``, its station stays as it was, the rest goes on. Only ``MemoryError``, which
says nothing of the record, is raised: the caller forgets the partition.
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
from services.judging.partitions import Partition
from services.judging.refusals import Refused, engine_failure, tick_failure, unroutable, unverified
from services.judging.verification import verify_command, verify_plan_event
from services.rules import engine
from services.rules.builtin import REJECT_POINT
from services.rules.effects import Cause, Decided, Effect, Rejected
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState
from services.rules.state.arrivals import with_timers_of, without_timers
from services.runtime import metrics

MIN_EVENTS_FOR_SHARE = 20
"""A minute with fewer events counts as one without rejections."""


@dataclass(frozen=True, slots=True)
class Group:
    """Effects of one station. It is named only where one record concerns many stations.

    ``before``: its state as it was, for the case that the effects cannot be taken.
    """

    effects: Sequence[Effect]
    station: str = ""
    before: StationState | None = None


@dataclass(frozen=True, slots=True)
class NeedsPlan:
    """A plan event: whether it is believed, and its plan, have to be looked up outside the log.

    ``Processor.believe`` goes on with the trust anchor, then ``activate`` with the plan.
    """

    event: PlanEvent
    cause: Cause


NOTHING = Group(())
Groups = list[Group]
Judgement = Groups | Refused | NeedsPlan


@dataclass(frozen=True, slots=True)
class Processor:
    """Judges records."""

    clock_mode: ClockMode

    def judge(self, partition: Partition, record: Record) -> Groups | NeedsPlan:
        """All effects of a record, or what has to be looked up first."""
        try:
            judgement, kind = self._judgement(partition, record)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it comes again in every run
            rejected, finding = engine_failure(None, partition.cause(record.offset), error)
            judgement, kind = Refused(rejected.rejection, (finding,)), "failed"
        return judgement if isinstance(judgement, NeedsPlan) else _counted(partition, judgement, kind)

    def believe(self, partition: Partition, needed: NeedsPlan, anchor: str | None) -> Groups | None:
        """None: the event is believed. Else all effects of one that is not.

        ``anchor``: the publisher's public key as the installation has it, outside the log; None: it has none.
        """
        event, now = needed.event, max(partition.clock, needed.cause.arrival)
        found = verify_plan_event(event, anchor, epoch=partition.epoch, seen=partition.plan_events, now=now)
        if found.holds:
            partition.plan_events = partition.plan_events.after(event, now)
            return None
        detail = f"plan {event.plan[:12]} of {event.signer}: {found.reason}"
        refused = Refused(Rejection(reason=RejectReason.BAD_SIGNATURE, detail=detail))
        return _counted(partition, refused, "planevent")

    def activate(self, partition: Partition, needed: NeedsPlan, plan: JudgingPlan | None) -> Groups:
        """All effects of an event that activates a plan; None: there is no such plan."""
        if plan is not None:
            return _counted(partition, self._activated(partition, needed, plan), "planevent")
        detail = f"plan {needed.event.plan} is not in the topic plans, or cannot be arranged"
        refused = Refused(Rejection(reason=RejectReason.UNKNOWN_PLAN, detail=detail))
        return _counted(partition, refused, "planevent")

    def _judgement(self, partition: Partition, record: Record) -> tuple[Judgement, str]:
        """The judgement on a record, and its kind."""
        decoded = decode(record, self.clock_mode)
        if isinstance(decoded, Rejection):
            if self.clock_mode == "wall":
                partition.hear(record.timestamp, None)
            return Refused(decoded), "undecodable"
        event = decoded.event
        if not isinstance(event, Genesis):  # its time says nothing: it begins the log
            partition.hear(decoded.arrival, event)
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
                return NeedsPlan(event, cause)
            case Genesis():
                return self._genesis(partition, event)
            case Report() | Derived() | Context():
                detail = f"nothing judges {type(event).__name__.lower()} yet"
                rejection = Rejection(reason=RejectReason.NOT_HANDLED, detail=detail, station=event.station)
                return Refused(rejection)

    def _reported(self, partition: Partition, event: Telemetry | Inspection, cause: Cause) -> Judgement:
        refused = unroutable(partition.plan, event)
        return refused or [self._step(partition, event.station, [event], cause)]

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
            group = self._step(partition, station, events, now, name=station)
            if group.effects or station in partition.failing:
                groups.append(group)
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
            nature="real",  # whatever the city is: it is our own input that is not taken
            scans=[scan],
        )

    def _command(self, partition: Partition, command: Command, cause: Cause) -> Judgement:
        refused = unroutable(partition.plan, command)
        if refused is not None or partition.plan is None:
            return refused or []
        found = verify_command(command, partition.plan.document, cause.arrival)
        if not found.holds:
            return unverified(command, found, cause)
        return [self._step(partition, command.station, [command], cause)]

    def _activated(self, partition: Partition, needed: NeedsPlan, plan: JudgingPlan) -> Groups:
        event, cause = needed.event, needed.cause
        old, partition.plan = partition.plan, plan
        number, at = partition.number, cause.arrival
        activated = PlanActivated(plan=event.plan, partition=number, actor=event.actor, at=at)
        groups = [Group([Decided(activated)])]
        self._expect(partition, plan, cause)
        if partition.is_ahead(at):
            partition.ahead.update(partition.states)
        if old is None or old.plan_id == plan.plan_id:
            return groups
        for state in list(partition.states.values()):
            if state.hot.as_of < cause.offset:
                group = _taken_over(partition, state, cause, before=old, after=plan)
                if group.effects:
                    groups.append(group)
        return groups

    def begin(self, partition: Partition, plan: JudgingPlan, cause: Cause) -> None:
        """Let a partition be judged by a plan from ``cause`` on, without an event that says so."""
        partition.plan = plan
        self._expect(partition, plan, cause)

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
        self, partition: Partition, station: str, events: Sequence[Event], cause: Cause, *, name: str = ""
    ) -> Group:
        """Judge a record's events of one station, unless the station's snapshot includes them."""
        old = partition.states.get(station) or StationState(station)
        if old.hot.as_of >= cause.offset:
            metrics.SKIPPED.inc()
            return NOTHING
        assert partition.plan is not None  # the callers reject what comes before the first plan
        is_ahead = partition.is_ahead(cause.arrival)
        new, effects = without_timers(old) if is_ahead else old, []
        try:
            for event in events:
                new, more = engine.step(new, event, cause, partition.plan)
                effects += more
            if is_ahead:
                new = with_timers_of(new, old)
                partition.ahead.add(station)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it comes again in every run
            if isinstance(events[-1], Tick):
                return Group(tick_failure(partition, station, cause, error), name)
            return Group(engine_failure(station, cause, error), name)
        if new is not old:
            partition.put(old, new)
        return Group(effects, name, old)


def _taken_over(
    partition: Partition, old: StationState, cause: Cause, *, before: JudgingPlan, after: JudgingPlan
) -> Group:
    """What another plan changes for a station."""
    try:
        new, effects = engine.change_plan(old, cause, old=before, new=after)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # as in a step
        return Group(engine_failure(old.station, cause, error), old.station)
    if new is not old:
        partition.put(old, new)
    return Group(effects, old.station, old)


def _counted(partition: Partition, judgement: Groups | Refused, kind: str) -> Groups:
    """The effects of a judgement, which is counted."""
    metrics.EVENTS.labels(kind).inc()
    if kind != "tick":
        partition.count(rejected=isinstance(judgement, Refused))
    if isinstance(judgement, Refused):
        return [Group([Rejected(judgement.rejection), *judgement.also])]
    return judgement
