"""A partition of ``events`` as the monitor keeps it: its stations' states, plan and clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from schemas.aggregates import MINUTE_MS
from schemas.alerts import Census
from schemas.base import ClockMode
from schemas.events import Event
from services.judging.partition_clock import NEAR_MS, OtherTime, PartitionTime, is_near, origin_of
from services.judging.snapshots import FailingTicks, LastEvent, MinuteCount, PartitionHeader, PlanEventsSeen
from services.rules.effects import Cause
from services.rules.judging_plan import JudgingPlan
from services.rules.state import ENGINE_VERSION, StationState
from services.rules.state.arrivals import brought_back
from services.runtime.following.positions import Position

DAY_MS = 86_400_000


@dataclass(slots=True, kw_only=True)
class Partition:
    """States by station, the running plan, and the partition's clock (epoch ms; 0: no time yet)."""

    number: int
    epoch: str
    clock: int = 0
    plan: JudgingPlan | None = None
    states: dict[str, StationState] = field(default_factory=dict)
    minute: MinuteCount = field(default_factory=MinuteCount)
    reject_share_pct: float = 0.0
    plan_events: PlanEventsSeen = field(default_factory=PlanEventsSeen)
    changed: dict[str, bool] = field(default_factory=dict)
    """Stations to be written at the next checkpoint; True: their cold part, too."""
    census_day: int = -1
    other_time: OtherTime | None = None
    ahead: set[str] = field(default_factory=set)
    """Stations that were judged by arrivals which the clock has not come to."""
    failing: dict[str, FailingTicks] = field(default_factory=dict)
    """By station: ticks that have failed, up to the last one."""

    def hear(self, arrival: int, event: Event | None) -> None:
        """Take a record's arrival for the time, if it is to be believed. ``event`` None: it says nothing."""
        if self.other_time is None and not self.ahead and is_near(self.clock, arrival):
            self.clock = max(self.clock, arrival)
            return
        time = PartitionTime(self.clock, self.other_time).after(arrival, origin_of(event))
        if time.other is None:
            self.set_clock(time.clock)
        else:
            self.other_time = time.other

    def set_clock(self, to: int) -> None:
        """The time is known: what stations keep of later ones is brought back to it."""
        is_set_back = to < self.clock
        self.clock, self.other_time = to, None
        self._settle(self.states if is_set_back else self.ahead)

    def is_ahead(self, arrival: int) -> bool:
        """Tells if a record arrived at a time that is beyond the clock, and not believed yet."""
        return arrival > self.clock + NEAR_MS

    def _settle(self, stations: Iterable[str]) -> None:
        if self.minute.start > self.clock:
            self.minute.start = self.clock - self.clock % MINUTE_MS
        for station in sorted(stations):
            state = self.states.get(station)
            if state is not None and (back := brought_back(state, self.clock)) is not state:
                self.states[station] = back
                self.changed[station] = True  # in full: a hot part counts only if it is of a later event
        self.ahead.clear()

    def put(self, old: StationState, new: StationState) -> None:
        """Keep a station's new state and remember what of it has to be written."""
        self.states[new.station] = new
        self.changed[new.station] = new.cold is not old.cold or self.changed.get(new.station, False)

    def put_back(self, old: StationState) -> None:
        """Forget what a step made of a station: it was not taken after all."""
        self.states[old.station] = old

    def cause(self, offset: int, arrival: int | None = None) -> Cause:
        """The record at ``offset``, which arrived at ``arrival`` or else now, as what a step answers."""
        return Cause(self.epoch, self.number, offset, self.clock if arrival is None else arrival)

    def count(self, *, rejected: bool) -> None:
        """Count an event for the rejected share of its minute."""
        self.minute.events += 1
        self.minute.rejected += rejected

    def header(self, position: Position, clock_mode: ClockMode) -> PartitionHeader:
        """The header of a checkpoint at this position."""
        last = None if position.ce_id is None else LastEvent(position.last_offset, position.ce_id)
        return PartitionHeader(
            epoch=position.epoch,
            next=position.next,
            last_event=last,
            clock=self.clock,
            plan=None if self.plan is None else self.plan.plan_id,
            clock_mode=clock_mode,
            engine_version=ENGINE_VERSION,
            minute=replace(self.minute),
            reject_share_pct=self.reject_share_pct,
            plan_events=self.plan_events,
            other_time=self.other_time,
            ahead=tuple(sorted(self.ahead)),
            failing=dict(self.failing),
        )

    def census(self, offset: int) -> Census:
        """All open alerts of the partition, after the record at ``offset``."""
        open_alerts = (
            alert.alert_id
            for state in self.states.values()
            for alert in state.cold.alerts.values()
            if alert.closed_at is None
        )
        return Census(
            partition=self.number, offset=offset, at=self.clock, open_alerts=tuple(sorted(open_alerts))
        )

    def census_is_due(self) -> bool:
        """At the first event under a plan, and when the partition's UTC day has changed; notes the day."""
        if self.plan is None:
            return False
        day = self.clock // DAY_MS
        due = day != self.census_day
        self.census_day = day
        return due
