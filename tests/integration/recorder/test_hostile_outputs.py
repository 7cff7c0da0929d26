"""What nobody can read costs nothing but itself: the recorder's process over hostile topics."""

from collections import Counter
from pathlib import Path

import aiohttp
import pytest
from support.hostile_outputs import hostile_alerts, hostile_others, hostile_plans
from support.output_records import BUCKET, Output, Outputs, part
from support.programs import free_port
from support.recorder_process import recorder, send, until_stored
from support.shown_alerts import alert

from services.cli.checks import doctor
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")
MAX_MIB = 300


def mixed(outputs: Outputs) -> tuple[list[Output], Counter[str]]:
    """Good records with hostile ones between them, and how many of these by topic."""
    records = [outputs.alert(alert("0-first"))]
    refused: Counter[str] = Counter()
    for make in (hostile_alerts, hostile_others, hostile_plans):
        for number, (_, record) in enumerate(make(outputs)):
            refused[record.topic.partition(".")[2]] += 1
            records += [record, outputs.minute(f"s{number}", BUCKET, {"p": part(1.0)}, 100 + number)]
    return [*records, outputs.alert(alert("1-last"))], refused


async def test_hostile_outputs_cost_nothing_but_themselves(
    fresh: Settings, database: Connection, tmp_path: Path
) -> None:
    """Each is a row of rejects, counted, and named in the log; the rest is stored, in bounded memory."""
    listening = fresh.model_copy(update={"recorder_port": free_port()})
    outputs = Outputs(fresh.namespace)
    records, refused = mixed(outputs)
    await send(fresh, records)
    with recorder(listening, tmp_path / "log") as program:
        await until_stored(database, len(records))
        told = await page(listening.recorder_port, "readyz")
        assert program.runs
        assert program.peak_mib() < MAX_MIB
        (doubt,) = [line for line in await doctor.report(listening) if line.name == "records"]
        metrics = await page(listening.recorder_port, "metrics")
        assert await program.stop() == 0
    rows = await database.fetch(
        "SELECT topic, count(*) AS n FROM rejects WHERE source = 'recorder' GROUP BY 1"
    )
    assert {row["topic"]: row["n"] for row in rows} == refused
    assert await database.fetchval("SELECT array_agg(alert_id ORDER BY 1) FROM alerts") == [
        "0-first",
        "1-last",
    ]
    assert f'"alerts": {refused["alerts"]}' in told
    assert not doubt.well
    assert f"recorder: alerts {refused['alerts']}" in doubt.what()
    assert 'miyun_unreadable_records_total{reason="invalid",topic="plans"}' in metrics
    log = (tmp_path / "log").read_text()
    assert "recorder: cannot read a record topic=alerts partition=" in log
    assert "Traceback" not in log


async def page(port: int, name: str) -> str:
    """What the endpoint says."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/{name}") as answer:
        return await answer.text()
