"""What a worker holds of one partition of ``events``: its stations' states and where it stands."""

from dataclasses import dataclass, field, replace

from schemas.alerts import Census
from schemas.base import ClockMode
from schemas.codec import Record
from services.monitor.guard import identity
from services.monitor.snapshots import LastEvent, MinuteCount, PartitionHeader
from services.rules.index import PlanIndex
from services.rules.state import StationState
from services.rules.version import ENGINE_VERSION

DAY_MS = 86_400_000


@dataclass(slots=True, kw_only=True)
class Partition:
    """States by station, the running plan, and the partition's clock (epoch ms; 0: no time yet)."""

    number: int
    epoch: str
    next: int
    clock: int = 0
    index: PlanIndex | None = None
    states: dict[str, StationState] = field(default_factory=dict)
    minute: MinuteCount = field(default_factory=MinuteCount)
    reject_share_pct: float = 0.0
    last_event: LastEvent | None = None
    last_record: Record | None = None
    changed: dict[str, bool] = field(default_factory=dict)
    """Stations to be written at the next checkpoint; True: their cold part, too."""
    written_next: int = -1
    """``next`` of the header as it stands in ``monitor-state``."""
    census_day: int = -1

    def put(self, old: StationState, new: StationState) -> None:
        """Keep a station's new state and remember what of it has to be written."""
        self.states[new.station] = new
        self.changed[new.station] = new.cold is not old.cold or self.changed.get(new.station, False)

    def passed(self, record: Record) -> None:
        """The record is judged: what comes next stands behind it."""
        self.next = record.offset + 1
        self.last_record = record

    def count(self, *, rejected: bool) -> None:
        """Count an event for the rejected share of its minute."""
        self.minute.events += 1
        self.minute.rejected += rejected

    def header(self, clock_mode: ClockMode) -> PartitionHeader:
        """The header that a checkpoint of this moment carries."""
        record = self.last_record
        if record is not None:
            self.last_event = LastEvent(record.offset, identity(record))
        return PartitionHeader(
            epoch=self.epoch,
            next=self.next,
            last_event=self.last_event,
            clock=self.clock,
            plan=None if self.index is None else self.index.plan_id,
            clock_mode=clock_mode,
            engine_version=ENGINE_VERSION,
            minute=replace(self.minute),
            reject_share_pct=self.reject_share_pct,
        )

    def census(self) -> Census:
        """All open alerts of the partition, after the last record judged."""
        open_alerts = (
            alert.alert_id
            for state in self.states.values()
            for alert in state.cold.alerts.values()
            if alert.closed_at is None
        )
        return Census(
            partition=self.number, offset=self.next - 1, at=self.clock, open_alerts=tuple(sorted(open_alerts))
        )

    def census_is_due(self) -> bool:
        """At the first event under a plan, and when the partition's UTC day has changed; notes the day."""
        if self.index is None:
            return False
        day = self.clock // DAY_MS
        due = day != self.census_day
        self.census_day = day
        return due


def restored(
    header: PartitionHeader, number: int, states: dict[str, StationState], index: PlanIndex | None
) -> Partition:
    """A partition as its checkpoint left it."""
    return Partition(
        number=number,
        epoch=header.epoch,
        next=header.next,
        clock=header.clock,
        index=index,
        states=states,
        minute=replace(header.minute),
        reject_share_pct=header.reject_share_pct,
        last_event=header.last_event,
        written_next=header.next,
    )
