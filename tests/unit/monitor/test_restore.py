"""What a partition goes on with after a load."""

from support.engine_log import EPOCH, T0

from schemas.alerts import Alert
from schemas.plan import Plan
from services.judging.partitions import Partition
from services.judging.processor import Processor
from services.judging.snapshots import PartitionHeader, PlanEventsSeen
from services.monitor.catalogue import Catalogue
from services.monitor.logic import MonitorLogic
from services.streaming.guard import LogVerdict
from services.streaming.logic import Loaded


async def _nothing(*_: object) -> None:
    return None


async def _no_alerts(*_: object) -> list[Alert]:
    return []


async def _no_plan(_: str) -> Plan | None:
    return None


async def restored(header: PartitionHeader) -> Partition:
    """The partition that a header leaves."""
    catalogue = Catalogue(_no_plan, _nothing)
    logic = MonitorLogic(EPOCH, Processor("log"), catalogue, anchor=_nothing, last_alerts=_no_alerts)
    partition, _ = await logic.restore(Loaded(3, header, {}, LogVerdict("go_on", header.next, "")))
    return partition


async def test_plan_events_stay_used_after_a_load() -> None:
    """Else a restart would let whoever copies a record bring an old plan back."""
    seen = PlanEventsSeen(number=7, ids={"old": T0})
    header = PartitionHeader(
        epoch=EPOCH,
        next=9,
        last_event=None,
        clock=T0,
        plan=None,
        clock_mode="log",
        engine_version="2",
        plan_events=seen,
    )
    assert (await restored(header)).plan_events == seen
