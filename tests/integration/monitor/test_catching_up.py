"""The end of a backlog is made lasting at once, not at the next regular checkpoint."""

from support.monitor_city import city_plan, history
from support.monitor_log import Install, fill, found_city
from support.stream_contract import a_finished_backlog_is_committed_at_once

from services.streaming.worker import BACKLOG_RECORDS


async def test_a_backlog_that_is_worked_off_is_committed(install: Install) -> None:
    """With checkpoints an hour apart the group's offsets are at the log's end within seconds."""
    installation = install()
    records = history(120)
    assert len(records) > BACKLOG_RECORDS
    await found_city(installation, city_plan())
    await fill(installation, records)
    await a_finished_backlog_is_committed_at_once(installation)
