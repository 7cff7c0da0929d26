"""What the monitor does with a partition of ``events``: the engine's side of the streaming shell."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from schemas.codec import Record
from schemas.topics import GroupName, TopicName
from services.monitor import snapshots
from services.monitor.catalogue import Catalogue
from services.monitor.failures import EventFailedError
from services.monitor.partitions import Partition
from services.monitor.processor import NeedsPlan, Processor
from services.monitor.records import census_records, finding_records, records_of
from services.monitor.snapshots import PartitionHeader
from services.rules.engine import after_gap
from services.rules.index import PlanIndex
from services.rules.state import StationState
from services.runtime import metrics
from services.runtime.positions import Position
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

    async def restore(self, found: Loaded[PartitionHeader, StationState]) -> tuple[Partition, list[Outgoing]]:
        """The stations by their snapshots, under the header's plan; what the load has found out; a census.

        Raises:
            PlanMissingError: the plan of the checkpoint cannot be found.
        """
        held, verdict = await self._held(found), found.verdict
        return held, [*finding_records(held, verdict), *census_records(held, verdict.begin - 1)]

    async def _held(self, found: Loaded[PartitionHeader, StationState]) -> Partition:
        header, states = found.header, snapshots.merged(found.snapshots)
        if header is None:
            return Partition(number=found.number, epoch=self.epoch, states=states)
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
        index = await self.catalogue.find(header.plan)
        if index is None:
            raise PlanMissingError(
                f"the checkpoint's plan {header.plan} is not in the topic plans: publish that plan again "
                "(miyun rules publish), or else `miyun monitor adopt --all`"
            )
        return index

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
                key, value, temperature = snapshots.full_key(station), snapshots.encode_full(state), "cold"
            else:
                key, value, temperature = snapshots.hot_key(station), snapshots.encode_hot(state), "hot"
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


def _stations(held: Collection[Partition]) -> int:
    return sum(len(partition.states) for partition in held)
