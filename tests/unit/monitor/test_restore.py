"""What a partition goes on with after a load."""

from collections.abc import Mapping
from dataclasses import replace

from support.engine_log import EPOCH, T0
from support.monitor_city import STATIONS, city_plan

from schemas.alerts import Alert
from schemas.plan import Plan, plan_bytes, plan_id
from schemas.snapshots import full_key
from schemas.topics import EVENT_PARTITIONS, control_key, partition_of
from services.judging.partitions import Partition
from services.judging.processor import Processor
from services.judging.snapshots import PartitionHeader, PlanEventsSeen
from services.monitor.catalogue import Catalogue
from services.monitor.logic import MonitorLogic
from services.rules.state import StationState
from services.runtime.outgoing import Outgoing
from services.streaming.guard import LogVerdict
from services.streaming.logic import Loaded

STATION = STATIONS[0]


async def _nothing(*_: object) -> None:
    return None


async def _no_alerts(*_: object) -> list[Alert]:
    return []


PLAN = city_plan()
NAME = plan_id(plan_bytes(PLAN))
HEADER = PartitionHeader(
    epoch=EPOCH, next=9, last_event=None, clock=T0, plan=None, clock_mode="log", engine_version="2"
)


async def _plan(_: str) -> Plan | None:
    return PLAN


async def restored(
    header: PartitionHeader,
    snapshots: Mapping[bytes, StationState] | None = None,
    lost: Mapping[bytes, str] | None = None,
    *,
    number: int = 3,
) -> tuple[Partition, list[Outgoing]]:
    """The partition that a checkpoint leaves, and what is said of the load."""
    catalogue = Catalogue(_plan, _nothing)
    logic = MonitorLogic(EPOCH, Processor("log"), catalogue, anchor=_nothing, last_alerts=_no_alerts)
    verdict = LogVerdict("go_on", header.next, "")
    return await logic.restore(Loaded(number, header, snapshots or {}, verdict, lost or {}))


async def test_plan_events_stay_used_after_a_load() -> None:
    """Else a restart would let whoever copies a record bring an old plan back."""
    seen = PlanEventsSeen(number=7, ids={"old": T0})
    partition, _ = await restored(replace(HEADER, plan_events=seen))
    assert partition.plan_events == seen


async def test_a_station_is_not_judged_where_it_does_not_stand() -> None:
    """Whatever was written under its name in another partition: it would be silent there for ever."""
    home, header = partition_of(STATION), replace(HEADER, plan=NAME)
    elsewhere = (home + 1) % EVENT_PARTITIONS
    for number, others in ((elsewhere, set()), (home, {STATION})):
        own = {STATION, control_key(number)} if others else {control_key(number)}
        lost = dict.fromkeys(map(full_key, (STATION, control_key(number), control_key(number + 1))), "junk")
        partition, _ = await restored(header, lost=lost, number=number)
        assert partition.states.keys() == own
        partition, _ = await restored(header, {full_key(STATION): StationState(STATION)}, number=number)
        assert partition.states.keys() == others
