"""Offsets and headers that readers of outputs were not made for: they pass them, and go on."""

from pathlib import Path

import pytest
from support.odd_records import in_transaction, send_odd
from support.output_records import BUCKET, Outputs, part
from support.programs import free_port
from support.recorder_process import recorder, send, until, until_stored
from support.shown_alerts import alert

from schemas.topics import TopicName
from services.recorder.drain import _stored
from services.runtime.following.lag import extents_of
from services.runtime.kafka import reader
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")
STORED = (TopicName.ALERTS, TopicName.AGGREGATES, TopicName.OUTCOMES, TopicName.REJECTS)


async def lag(settings: Settings) -> dict[str, int]:
    """What the tables say that is left to be stored."""
    async with reader(settings.kafka_bootstrap) as consumer:
        spans = await extents_of(consumer, settings, STORED)
    return spans.lag(await _stored(settings))


async def test_records_that_no_client_reads_are_rows_of_rejects(
    fresh: Settings, database: Connection, tmp_path: Path
) -> None:
    """On every topic; what stands behind them is stored, and the process does not end."""
    settings = fresh.model_copy(update={"recorder_port": free_port()})
    outputs = Outputs(fresh.namespace)
    first, last = outputs.alert(alert("0-first")), outputs.alert(alert("1-last"))
    minute = outputs.minute("s1", BUCKET, {"p": part(1.0)}, 100)
    await send(settings, [first])
    sent = 0
    for record in (first, minute):
        facts = {"key": record.key, "value": record.value, "headers": record.headers}
        sent += await send_odd(settings, record.topic, partition=record.partition, **facts)  # type: ignore[arg-type]
    await send(settings, [last, minute])
    with recorder(settings, tmp_path / "log") as program:

        async def is_stored() -> bool:
            return await database.fetchval("SELECT count(*) FROM alerts") == 2 and not await lag(settings)

        await until(is_stored, within_s=30, what="all stored")
        assert program.runs
        assert program.peak_mib() < 400
        assert await program.stop() == 0
    assert await database.fetchval("SELECT count(*) FROM rejects WHERE source = 'recorder'") == sent
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_transactions_leave_no_lag_and_no_doubt(
    fresh: Settings, database: Connection, tmp_path: Path
) -> None:
    """Aborted alerts are not stored; a tail of markers is passed, also by a recorder that comes later."""
    outputs = Outputs(fresh.namespace)
    topic = TopicName.ALERTS.within(fresh.namespace)
    told = [outputs.alert(alert(f"{n}-told")) for n in range(3)]
    gone = [outputs.alert(alert(f"{n}-gone")) for n in range(30)]
    await in_transaction(fresh, topic, gone, commit=False)
    await in_transaction(fresh, topic, told[:1], commit=True)
    await send(fresh, told[1:2])
    await in_transaction(fresh, topic, gone, commit=False)
    minute = outputs.minute("s1", BUCKET, {"p": part(1.0)}, 100)
    await in_transaction(fresh, minute.topic, [minute], commit=False)  # a partition that has no record at all

    async def no_lag() -> bool:
        return not await lag(fresh)

    for turn in range(2):
        with recorder(fresh, tmp_path / f"log-{turn}") as program:
            await program.until("recorder: storing")
            await until(no_lag, within_s=30, what="all stored")
            assert await program.stop() == 0
    await send(fresh, told[2:])
    with recorder(fresh, tmp_path / "log-2") as program:
        await until_stored(database, 1)
        await until(no_lag, within_s=30, what="all stored")
        assert await program.stop() == 0
    stored = await database.fetchval("SELECT array_agg(alert_id ORDER BY 1) FROM alerts")
    assert stored == ["0-told", "1-told", "2-told"]
