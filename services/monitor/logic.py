"""What the monitor does with a partition of ``events``: the engine's side of the streaming shell."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from schemas.codec import Record
from schemas.snapshots import RecordKind, full_key, header_key, hot_key, kind_of
from schemas.topics import EVENT_PARTITIONS, GroupName, TopicName, control_key, partition_of
from services.judging import snapshots
from services.judging.partitions import Partition
from services.judging.processor import Groups, NeedsPlan, Processor
from services.judging.records import (
    alert_records,
    census_records,
    failure_record,
    finding_record,
    records_of,
)
from services.judging.snapshots import PartitionHeader
from services.monitor.catalogue import Catalogue
from services.monitor.last_alerts import LastAlerts
from services.monitor.lookups import retried
from services.rules.engine import after_gap, after_loss, change_plan
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState
from services.runtime import metrics
from services.runtime.following.positions import Position
from services.runtime.outgoing import Outgoing
from services.runtime.web import Health
from services.streaming.guard import LogVerdict
from services.streaming.logic import Loaded, StreamSpec

DEGRADED_REJECT_SHARE_PCT = 50.0
HOMES_OF_CONTROL = {control_key(number): number for number in range(EVENT_PARTITIONS)}
STREAM: StreamSpec[PartitionHeader, StationState] = StreamSpec(
    group=GroupName.MONITOR,
    input=TopicName.EVENTS,
    state=TopicName.MONITOR_STATE,
    adopt="miyun monitor adopt",
    decode_header=snapshots.decode_header,
    decode=snapshots.decode,
    meters=metrics.MONITOR,
)
MonitorLoad = Loaded[PartitionHeader, StationState]


class PlanMissingError(Exception):
    """A checkpoint's plan is not in the topic ``plans`` any more."""


@dataclass(frozen=True, slots=True)
class MonitorLogic:
    """Judges by the processor, and looks up for it what stands outside the log."""

    epoch: str
    processor: Processor
    catalogue: Catalogue
    anchor: Callable[[], Awaitable[str | None]]
    """The public key (hex) that plan events are believed by."""
    last_alerts: LastAlerts

    async def restore(self, found: MonitorLoad) -> tuple[Partition, list[Outgoing]]:
        """The stations by their snapshots, under the header's plan; what the load has found out; a census.

        What cannot be read costs its station, or, of a header, what only that tells.

        Raises:
            PlanMissingError: neither the plan of the checkpoint nor another one can be found.
        """
        partition, verdict = await self._restored(found), found.verdict
        records = [*_findings(partition, verdict), *await self._recover(partition, found)]
        plan = partition.plan
        if found.header is not None and plan is not None and plan.plan_id != found.header.plan:
            records += _under_another_plan(partition, plan, verdict.begin, found.header.plan)
        return partition, [*records, *census_records(partition, verdict.begin - 1)]

    async def _restored(self, found: MonitorLoad) -> Partition:
        header, number = found.header, found.number
        merged = snapshots.merged(found.snapshots)
        states = {name: state for name, state in merged.items() if _stands_in(name, number)}
        if header is None:
            is_lost = header_key(found.number) in found.lost
            plan = await self.catalogue.last_good() if is_lost else None
            return Partition(number=found.number, epoch=self.epoch, plan=plan, states=states)
        partition = Partition(
            number=found.number,
            epoch=self.epoch,
            clock=header.clock,
            plan=await self._plan_of(header),
            states=states,
            minute=header.minute,
            reject_share_pct=header.reject_share_pct,
            plan_events=header.plan_events,
            other_time=header.other_time,
            ahead=set(header.ahead),
            failing=dict(header.failing),
        )
        partition.census_is_due()  # the load itself sends one
        if found.verdict.decision == "input_gap":
            for state in list(states.values()):
                partition.put(state, after_gap(state))
        return partition

    async def _plan_of(self, header: PartitionHeader) -> JudgingPlan | None:
        if header.plan is None:
            return None
        plan = await self.catalogue.find(header.plan) or await self.catalogue.last_good()
        if plan is None:
            raise PlanMissingError(
                f"the checkpoint's plan {header.plan} is not in the topic plans, and no other is: publish it "
                "again (miyun rules publish), or else `miyun monitor adopt --all`"
            )
        return plan

    async def _recover(self, partition: Partition, found: MonitorLoad) -> list[Outgoing]:
        """Stations whose snapshot cannot be read go on with their last alerts; each is flagged."""
        begin, plan = found.verdict.begin, partition.plan
        records = []
        if (why := found.lost.get(header_key(found.number))) is not None:
            records.append(failure_record(partition, begin, f"the partition's header cannot be read: {why}"))
        if plan is None or not (lost := _lost_stations(found, plan)):
            return records
        last = await self.last_alerts(lost, plan.document.district_code, partition.number)
        cause = partition.cause(begin - 1)
        for station, why in lost.items():
            of_station = [alert for alert in last if alert.station_id == station]
            earlier = partition.states.get(station, StationState(station))
            partition.put(earlier, after_loss(earlier, of_station, cause, plan.stations[station]))
            detail = f"its snapshot cannot be read, its alerts are held: {why}"
            records.append(failure_record(partition, begin, detail, station=station))
        return records

    async def judge(self, partition: Partition, record: Record) -> list[Outgoing]:
        """The records of all effects; a census when one is due.

        Raises:
            aiokafka.errors.KafkaError: a plan cannot be looked up: nothing is decided yet.
            OSError: the same, or the trust anchor cannot be read.
        """
        judged = self.processor.judge(partition, record)
        if isinstance(judged, NeedsPlan):
            judged = await self._plan_event(partition, judged)
        records = records_of(judged, record, partition)
        return [*records, *census_records(partition, record.offset)] if partition.census_is_due() else records

    async def _plan_event(self, partition: Partition, needed: NeedsPlan) -> Groups:
        refused = self.processor.believe(partition, needed, await retried(self.anchor))
        if refused is not None:
            return refused
        plan = await retried(partial(self.catalogue.find, needed.event.plan))
        return self.processor.activate(partition, needed, plan)

    def changed(self, partition: Partition) -> Iterator[tuple[bytes, bytes]]:
        """Stations whose state has changed: all of it, or its hot part alone."""
        changed, partition.changed = partition.changed, {}
        for station, cold_changed in changed.items():
            state = partition.states[station]
            if cold_changed:
                key, value, temperature = full_key(station), snapshots.encode_full(state), "cold"
            else:
                key, value, temperature = hot_key(station), snapshots.encode_hot(state), "hot"
            metrics.SNAPSHOT_BYTES.labels(temperature).inc(len(value))
            yield key, value

    def header(self, partition: Partition, position: Position) -> bytes:
        """Plan, clock and the minute's counts stand in it."""
        return snapshots.encode_header(partition.header(position, self.processor.clock_mode))

    def gauge(self, partitions: Mapping[int, Partition]) -> None:
        """Stations partition, and the rejected share by partition."""
        metrics.STATIONS.set(_stations(partitions.values()))
        self.catalogue.keep_only({one.plan.plan_id for one in partitions.values() if one.plan is not None})
        for number, partition in partitions.items():
            metrics.REJECT_SHARE.labels(number).set(partition.reject_share_pct)

    def health(self, partitions: Collection[Partition]) -> Health:
        """Not well while most records are rejected."""
        worst = max((partition.reject_share_pct for partition in partitions), default=0.0)
        reasons = ("reject_share",) if worst > DEGRADED_REJECT_SHARE_PCT else ()
        return Health(reasons, {"stations": _stations(partitions), "reject_share_pct": round(worst, 1)})


def _findings(partition: Partition, verdict: LogVerdict) -> list[Outgoing]:
    """The finding of a load about the partition, unless it just goes on."""
    if verdict.decision == "go_on" or verdict.decision == "another_log":
        return []
    return [finding_record(partition, verdict.begin, verdict.decision, verdict.reason)]


def _under_another_plan(
    partition: Partition, plan: JudgingPlan, begin: int, missing: str | None
) -> list[Outgoing]:
    """The checkpoint's plan cannot be read: its partition goes on under the last one that can."""
    records = [failure_record(partition, begin, f"plan {missing} cannot be read; judged by {plan.plan_id}")]
    for state in list(partition.states.values()):
        if state.station in plan.stations:  # others wait for the plan that knows them
            new, effects = change_plan(state, partition.cause(begin - 1), old=plan, new=plan)
            partition.put(state, new)
            records += alert_records(partition, effects, begin - 1)
    return records


def _lost_stations(found: MonitorLoad, plan: JudgingPlan) -> dict[str, str]:
    """Stations of the partition whose snapshot cannot be read, and why."""
    named = ((kind_of(key), why) for key, why in found.lost.items())
    stations = {kind[1]: why for kind, why in named if kind and kind[0] is not RecordKind.HEADER}
    return {
        name: why
        for name, why in stations.items()
        if name in plan.stations and _stands_in(name, found.number)
    }


def _stands_in(station: str, number: int) -> bool:
    """Whether the partition is the station's: whoever wrote elsewhere under its name, it was none of ours."""
    home = HOMES_OF_CONTROL.get(station)
    return number == (partition_of(station) if home is None else home)


def _stations(partitions: Collection[Partition]) -> int:
    return sum(len(partition.states) for partition in partitions)
