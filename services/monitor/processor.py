"""A record becomes effects: decode -> verify -> route to stations -> judge. No I/O but the failure file.

States change in the partition given; whatever this raises, the caller forgets the partition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from schemas.partition import control_key, partition_of
from schemas.rejects import Rejection, RejectReason
from services.monitor.failures import EventFailedError, Failures
from services.monitor.partitions import Partition
from services.monitor.refusals import Refused, engine_failure, given_up, unroutable, unverified
from services.monitor.verification import Verifier
from services.rules import engine
from services.rules.builtin import REJECT_POINT
from services.rules.effects import Cause, Decided, Effect, Rejected
from services.rules.index import PlanIndex
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
    """The record cannot be judged before this plan was looked up (``Processor.plans``)."""

    plan_id: str


Groups = list[Group]
Answer = Groups | Refused | NeedsPlan


@dataclass(slots=True)
class Processor:
    """Judges records. ``plans`` holds what was looked up: an index, or None: there is no such plan."""

    clock_mode: ClockMode
    verifier: Verifier
    failures: Failures
    plans: dict[str, PlanIndex | None] = field(default_factory=dict)

    def judge(self, held: Partition, record: Record) -> Groups | NeedsPlan:
        """All effects of a record, or the plan that is needed first."""
        answer, kind = self._answer(held, record)
        if isinstance(answer, NeedsPlan):
            return answer
        metrics.EVENTS.labels(kind).inc()
        if kind != "tick":
            held.count(rejected=isinstance(answer, Refused))
        if isinstance(answer, Refused):
            return [Group([Rejected(answer.rejection), *answer.also])]
        return answer

    def _answer(self, held: Partition, record: Record) -> tuple[Answer, str]:
        """What becomes of a record, and its kind."""
        if self.failures.is_poison(held.number, record.offset):
            return given_up(Cause(held.epoch, held.number, record.offset, held.clock)), "poison"
        decoded = decode(record, self.clock_mode)
        if isinstance(decoded, Rejection):
            if self.clock_mode == "wall":
                held.clock = max(held.clock, record.timestamp)
            return Refused(decoded), "undecodable"
        event = decoded.event
        if not isinstance(event, Genesis):  # its time says nothing: it begins the log
            held.clock = max(held.clock, decoded.arrival)
        cause = Cause(held.epoch, held.number, record.offset, decoded.arrival)
        return self._route(held, event, cause), type(event).__name__.lower()

    def _route(self, held: Partition, event: Event, cause: Cause) -> Answer:
        match event:
            case Telemetry() | Inspection():
                return self._reported(held, event, cause)
            case Tick():
                return self._tick(held, event, cause)
            case Command():
                return self._command(held, event, cause)
            case PlanEvent():
                return self._plan(held, event, cause)
            case Genesis():
                return self._genesis(held, event)
            case Report() | Derived() | Context():
                detail = f"nothing judges {type(event).__name__.lower()} yet"
                rejection = Rejection(reason=RejectReason.NOT_HANDLED, detail=detail, station=event.station)
                return Refused(rejection)

    def _reported(self, held: Partition, event: Telemetry | Inspection, cause: Cause) -> Answer:
        refused = unroutable(held.index, event)
        return refused or [Group(self._step(held, event.station, [event], cause))]

    def _tick(self, held: Partition, tick: Tick, cause: Cause) -> Answer:
        now = Cause(cause.epoch, cause.partition, cause.offset, held.clock)
        share = self._ended_minute(held)
        if held.index is None:
            return []
        control = control_key(held.number)
        stations = [name for name, state in held.states.items() if state.hot.due <= held.clock]
        if share is not None and control not in stations:
            stations.append(control)
        groups = []
        for station in stations:
            events: list[Event] = [share, tick] if share is not None and station == control else [tick]
            effects = self._step(held, station, events, now)
            if effects:
                groups.append(Group(effects, station))
        return groups

    def _ended_minute(self, held: Partition) -> Telemetry | None:
        """At the first tick after a minute: the rejected share of its events, as a frame of ``_p<n>``."""
        minute, end = held.minute, held.clock - held.clock % MINUTE_MS
        if minute.start == 0:
            minute.start = end
        if end <= minute.start:
            return None
        enough = minute.events >= MIN_EVENTS_FOR_SHARE
        held.reject_share_pct = 100.0 * minute.rejected / minute.events if enough else 0.0
        minute.start, minute.events, minute.rejected = end, 0, 0
        control = control_key(held.number)
        if held.index is None or REJECT_POINT not in held.index.stations[control].points:
            return None
        scan = Scan(at=end, values={REJECT_POINT: held.reject_share_pct})
        return Telemetry(
            station=control,
            source="monitor",
            seq=end // MINUTE_MS,
            sent_at=end,
            nature=self._nature,
            scans=[scan],
        )

    def _command(self, held: Partition, command: Command, cause: Cause) -> Answer:
        refused = unroutable(held.index, command)
        if refused is not None or held.index is None:
            return refused or []
        found = self.verifier.command(command, held.index.plan, cause.arrival)
        if not found.holds:
            return unverified(command, found, cause)
        return [Group(self._step(held, command.station, [command], cause))]

    def _plan(self, held: Partition, event: PlanEvent, cause: Cause) -> Answer:
        found = self.verifier.plan_event(event, cause.arrival)
        if not found.holds:
            detail = f"plan {event.plan[:12]} of {event.signer}: {found.reason}"
            return Refused(Rejection(reason=RejectReason.BAD_SIGNATURE, detail=detail))
        if event.plan not in self.plans:
            return NeedsPlan(event.plan)
        index = self.plans[event.plan]
        if index is None:
            detail = f"plan {event.plan} is not in the topic plans, or cannot be arranged"
            return Refused(Rejection(reason=RejectReason.UNKNOWN_PLAN, detail=detail))
        return self._activate(held, event, index, cause)

    def _activate(self, held: Partition, event: PlanEvent, index: PlanIndex, cause: Cause) -> Groups:
        old, held.index = held.index, index
        activated = PlanActivated(plan=event.plan, partition=held.number, actor=event.actor, at=cause.arrival)
        groups = [Group([Decided(activated)])]
        self._expect(held, index, cause)
        if old is None or old.plan_id == index.plan_id:
            return groups
        for state in list(held.states.values()):
            if state.hot.as_of >= cause.offset:
                continue
            new, effects = engine.change_plan(state, cause, old=old, new=index)
            if new is not state:
                held.put(state, new)
            if effects:
                groups.append(Group(effects, state.station))
        return groups

    def _expect(self, held: Partition, index: PlanIndex, cause: Cause) -> None:
        """From now on the plan's stations have to be heard of: one that never was would have no state."""
        for station, place in index.stations.items():
            if station in held.states or place.station.virtual or partition_of(station) != held.number:
                continue
            state = engine.expected_from(station, cause, nature=self._nature)
            held.put(state, state)

    @property
    def _nature(self) -> Nature:
        """Of what no event tells."""
        return "real" if self.clock_mode == "wall" else "simulated"

    def _genesis(self, held: Partition, event: Genesis) -> Answer:
        """The epoch of the log is known since the load; a genesis that differs is not of this log."""
        if event.epoch == held.epoch:
            return []
        detail = f"epoch {event.epoch}; this log has {held.epoch}"
        return Refused(Rejection(reason=RejectReason.INVALID, detail=detail))

    def _step(self, held: Partition, station: str, events: Sequence[Event], cause: Cause) -> Sequence[Effect]:
        """Judge a record's events of one station, unless the station's snapshot includes them."""
        old = held.states.get(station)
        if old is None:
            old = StationState(station)
        elif old.hot.as_of >= cause.offset:
            metrics.SKIPPED.inc()
            return []
        assert held.index is not None  # the callers reject what comes before the first plan
        try:
            new, effects = _steps(old, events, cause, held.index)
        except Exception as error:
            if not self.failures.note(held.number, cause.offset, station, error):
                raise EventFailedError(f"{station} at partition {held.number}, {cause.offset}") from error
            return engine_failure(station, cause, repr(error))
        if new is not old:
            held.put(old, new)
        return effects


def _steps(
    state: StationState, events: Sequence[Event], cause: Cause, index: PlanIndex
) -> tuple[StationState, list[Effect]]:
    state, effects = engine.step(state, events[0], cause, index)
    for event in events[1:]:
        state, more = engine.step(state, event, cause, index)
        effects = [*effects, *more]
    return state, effects
