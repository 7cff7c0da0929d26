"""What the monitor does with a partition of ``events``: the engine's side of the streaming shell."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from schemas.codec import Record
from schemas.snapshots import full_key, header_key, hot_key, kind_of
from schemas.topics import GroupName, TopicName
from services.monitor import snapshots
from services.monitor.catalogue import Catalogue
from services.monitor.failures import EventFailedError
from services.monitor.partitions import Partition
from services.monitor.processor import NeedsPlan, Processor
from services.monitor.records import (
    alert_records,
    census_records,
    failure_record,
    finding_records,
    records_of,
)
from services.monitor.snapshots import PartitionHeader
from services.monitor.told_alerts import TellAlerts
from services.rules.effects import Cause
from services.rules.engine import after_gap, after_loss, change_plan
from services.rules.index import PlanIndex
from services.rules.state import StationState
from services.runtime import metrics
from services.runtime.following.positions import Position
from services.runtime.web import Health
from services.streaming.batches import Outgoing
from services.streaming.logic import Loaded, StreamSpec

DEGRADED_REJECT_SHARE_PCT = 50.0
STREAM: StreamSpec[PartitionHeader, StationState] = StreamSpec(
    group=GroupName.MONITOR,
    input=TopicName.EVENTS,
    state=TopicName.MONITOR_STATE,
    adopt="miyun monitor adopt",
    decode_header=snapshots.decode_header,
    decode=snapshots.decode,
    meters=metrics.MONITOR,
)


class PlanMissingError(Exception):
    """A checkpoint's plan is not in the topic ``plans`` any more."""


@dataclass(frozen=True, slots=True)
class MonitorLogic:
    """Judges by the processor, and looks plans up for it."""

    epoch: str
    processor: Processor
    catalogue: Catalogue
    tell_alerts: TellAlerts

    async def restore(self, found: Loaded[PartitionHeader, StationState]) -> tuple[Partition, list[Outgoing]]:
        """The stations by their snapshots, under the header's plan; what the load has found out; a census.

        What cannot be read costs its station, or, of a header, what only that tells.

        Raises:
            PlanMissingError: neither the plan of the checkpoint nor another one can be found.
        """
        held, verdict = await self._held(found), found.verdict
        said = [*finding_records(held, verdict), *await self._recover(held, found)]
        if found.header is not None and held.index is not None and held.index.plan_id != found.header.plan:
            said += _under_another_plan(held, verdict.begin, found.header.plan)
        return held, [*said, *census_records(held, verdict.begin - 1)]

    async def _held(self, found: Loaded[PartitionHeader, StationState]) -> Partition:
        header, states = found.header, snapshots.merged(found.snapshots)
        if header is None:
            is_lost = header_key(found.number) in found.lost
            index = await self.catalogue.last_good() if is_lost else None
            return Partition(number=found.number, epoch=self.epoch, index=index, states=states)
        held = Partition(
            number=found.number,
            epoch=self.epoch,
            clock=header.clock,
            index=await self._plan_of(header),
            states=states,
            minute=header.minute,
            reject_share_pct=header.reject_share_pct,
        )
        held.census_is_due()  # the load itself sends one
        if found.verdict.decision == "input_gap":
            for state in list(states.values()):
                held.put(state, after_gap(state))
        return held

    async def _plan_of(self, header: PartitionHeader) -> PlanIndex | None:
        if header.plan is None:
            return None
        index = await self.catalogue.find(header.plan) or await self.catalogue.last_good()
        if index is None:
            raise PlanMissingError(
                f"the checkpoint's plan {header.plan} is not in the topic plans, and no other is: publish it "
                "again (miyun rules publish), or else `miyun monitor adopt --all`"
            )
        return index

    async def _recover(self, held: Partition, found: Loaded[PartitionHeader, StationState]) -> list[Outgoing]:
        """Stations whose snapshot cannot be read go on with what was told of them; each is flagged."""
        begin = found.verdict.begin
        lost: dict[str, str] = {}
        said = []
        for key, why in found.lost.items():
            if key == header_key(found.number):
                said.append(failure_record(held, begin, f"the partition's header cannot be read: {why}"))
            elif held.index is not None and (named := kind_of(key)) and named[1] in held.index.stations:
                lost[named[1]] = why
        if held.index is None or not lost:
            return said
        told = await self.tell_alerts(lost, held.index.plan.district_code, held.number)
        cause = Cause(held.epoch, held.number, begin - 1, held.clock)
        for station, why in lost.items():
            of_station = [alert for alert in told if alert.station_id == station]
            known = held.states.get(station, StationState(station))
            held.put(known, after_loss(known, of_station, cause, held.index.stations[station]))
            detail = f"its snapshot cannot be read, its alerts are held: {why}"
            said.append(failure_record(held, begin, detail, station=station))
        return said

    async def judge(self, held: Partition, record: Record) -> list[Outgoing]:
        """The records of all effects; a census when one is due.

        Raises:
            EventFailedError: judging raised, and it is not yet given up on.
        """
        try:
            records = await self._judged(held, record)
        except EventFailedError:
            raise
        except Exception as error:
            self.processor.failures.note(held.number, record.offset, None, error)
            raise EventFailedError(f"partition {held.number}, offset {record.offset}") from error
        return [*records, *census_records(held, record.offset)] if held.census_is_due() else records

    async def _judged(self, held: Partition, record: Record) -> list[Outgoing]:
        judged = self.processor.judge(held, record)
        if isinstance(judged, NeedsPlan):
            plan = await self.catalogue.find(judged.plan_id)
            judged = replace(self.processor, plans={judged.plan_id: plan}).judge(held, record)
            assert not isinstance(judged, NeedsPlan), "it was looked up"
        return records_of(judged, record, held)

    def changed(self, held: Partition) -> Iterator[tuple[bytes, bytes]]:
        """Stations whose state has changed: all of it, or its hot part alone."""
        changed, held.changed = held.changed, {}
        for station, cold_changed in changed.items():
            state = held.states[station]
            if cold_changed:
                key, value, temperature = full_key(station), snapshots.encode_full(state), "cold"
            else:
                key, value, temperature = hot_key(station), snapshots.encode_hot(state), "hot"
            metrics.SNAPSHOT_BYTES.labels(temperature).inc(len(value))
            yield key, value

    def header(self, held: Partition, position: Position) -> bytes:
        """Plan, clock and the minute's counts stand in it."""
        return snapshots.encode_header(held.header(position, self.processor.clock_mode))

    def gauge(self, held: Mapping[int, Partition]) -> None:
        """Stations held, and the rejected share by partition."""
        metrics.STATIONS.set(_stations(held.values()))
        for number, partition in held.items():
            metrics.REJECT_SHARE.labels(number).set(partition.reject_share_pct)

    def health(self, held: Collection[Partition]) -> Health:
        """Not well while most records are rejected."""
        worst = max((partition.reject_share_pct for partition in held), default=0.0)
        reasons = ("reject_share",) if worst > DEGRADED_REJECT_SHARE_PCT else ()
        return Health(reasons, {"stations": _stations(held), "reject_share_pct": round(worst, 1)})


def _under_another_plan(held: Partition, begin: int, missing: str | None) -> list[Outgoing]:
    """The checkpoint's plan cannot be read: its partition goes on under the last one that can."""
    assert held.index is not None, "there is another one"
    index, cause = held.index, Cause(held.epoch, held.number, begin - 1, held.clock)
    said = [failure_record(held, begin, f"plan {missing} cannot be read; judged by {index.plan_id}")]
    for state in list(held.states.values()):
        if state.station in index.stations:  # others wait for the plan that knows them
            new, effects = change_plan(state, cause, old=index, new=index)
            held.put(state, new)
            said += alert_records(held, effects, begin - 1)
    return said


def _stations(held: Collection[Partition]) -> int:
    return sum(len(partition.states) for partition in held)
