"""Plays a history into the engine, with ticks as the monitor sends them: what its rule makes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.alerts import TransitionReason
from schemas.base import Severity
from schemas.events import Event, Inspection, Scan, Telemetry, Tick
from schemas.topics import control_key, partition_of
from services.plans.histories.file import CONTROL, HistoryFile, Stimulus
from services.plans.histories.small_city import STATION
from services.rules.effects import AlertChanged, Cause, Effect
from services.rules.engine import change_plan, expected_from, step
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState

TICK_MS = 5_000
EPOCH = "00000000-0000-4000-8000-000000000001"
SOURCE = "history"


@dataclass(frozen=True, slots=True)
class ObservedTransition:
    """A transition of the rule's alert, ``at`` ms after the start."""

    at: int
    reason: TransitionReason
    severity: Severity
    point: str


@dataclass(slots=True)
class _Run:
    """A station on its way through a history."""

    rule: str
    station: str
    start: int
    plan: JudgingPlan
    state: StationState
    offset: int = 0
    ticked: int = 0

    def cause(self, at: int) -> Cause:
        self.offset += 1
        return Cause(EPOCH, partition_of(STATION), self.offset, self.start + at)

    def play(self, event: Event, at: int) -> Iterator[ObservedTransition]:
        self.state, effects = step(self.state, event, self.cause(at), self.plan)
        return self.transitions(effects)

    def transitions(self, effects: Sequence[Effect]) -> Iterator[ObservedTransition]:
        for effect in effects:
            if isinstance(effect, AlertChanged) and effect.alert.rule_id == self.rule:
                last, alert = effect.alert.timeline[-1], effect.alert
                yield ObservedTransition(last.at - self.start, last.reason, alert.severity, alert.point)

    def tick_until(self, end: int) -> Iterator[ObservedTransition]:
        """The ticks up to ``end`` (inclusive) that have something to do: others change nothing."""
        while True:
            due = max(self.state.hot.due - self.start, self.ticked + TICK_MS)
            at = -(-due // TICK_MS) * TICK_MS
            if at > end:
                self.ticked = end - end % TICK_MS
                return
            self.ticked = at
            yield from self.play(Tick(), at)

    def take(self, stimulus: Stimulus) -> Iterator[ObservedTransition]:
        at = self.start + stimulus.at
        if stimulus.values:
            scan = Scan(at=at + stimulus.ahead, values=stimulus.values, quality=stimulus.quality)
            frame = Telemetry(
                station=self.station,
                source=SOURCE,
                seq=self.offset + 1,
                sent_at=at,
                nature="simulated",
                scans=[scan],
            )
            yield from self.play(frame, stimulus.at)
        if stimulus.inspected is not None:
            yield from self.play(_inspection(self.station, stimulus, at), stimulus.at)

    def take_over(self, plan: JudgingPlan, at: int) -> Iterator[ObservedTransition]:
        self.state, effects = change_plan(self.state, self.cause(at), old=self.plan, new=plan)
        self.plan = plan
        return self.transitions(effects)


def play(
    history: HistoryFile, stimuli: Sequence[Stimulus], plans: Sequence[JudgingPlan], *, start: int, until: int
) -> Iterator[ObservedTransition]:
    """Every transition of the history's rule, from ``start`` (epoch ms) until so many ms later.

    ``plans``: the one to begin with, then one for each stimulus that brings new dates of calibration.
    """
    station = control_key(0) if history.station == CONTROL else STATION
    cause = Cause(EPOCH, partition_of(STATION), 0, start)
    first, *later = plans
    state = expected_from(station, cause, nature="simulated")
    run = _Run(history.rule, station, start, first, state)
    following = iter(later)
    for stimulus in stimuli:
        yield from run.tick_until(stimulus.at - 1)
        if stimulus.calibration_due:
            yield from run.take_over(next(following), stimulus.at)
        yield from run.take(stimulus)
    yield from run.tick_until(until)


def _inspection(station: str, stimulus: Stimulus, at: int) -> Inspection:
    found = stimulus.inspected
    assert found is not None
    return Inspection(
        station=station,
        inspection_id=f"inspection-{at}",
        kind="cctv",
        point=found.point,
        at=at - stimulus.made_ms,
        inspector="crew-1",
        grade=found.grade,
        defect=found.defect,
        nature="simulated",
    )
