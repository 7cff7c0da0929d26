"""How fast one recorder process stores what the monitor made of the filled log."""

import asyncio
import time
from pathlib import Path

import pytest
from bench.children import Child, recorder
from bench.log import Filled, ends_of, say
from bench.monitor_run import MonitorRun
from bench.table import Table

from schemas.topics import TopicName
from services.runtime.postgres import connect
from services.runtime.settings import Settings

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

OUTPUTS = (TopicName.AGGREGATES, TopicName.ALERTS, TopicName.OUTCOMES, TopicName.PLANS)
PARTS = "miyun_recorder_aggregate_parts_total"
STORED_WITHIN_S = 600.0


def stored(metrics: dict[str, float]) -> float:
    """Records stored, of all kinds."""
    return sum(value for name, value in metrics.items() if name.startswith("miyun_recorder_entries_total"))


def watch(child: Child, records: int) -> list[tuple[float, float, float, float]]:
    """Moment, records stored, rows of aggregates, CPU: from the first record to the last."""
    samples: list[tuple[float, float, float, float]] = []

    def all_stored() -> bool:
        found = child.metrics()
        if stored(found) > 0:
            samples.append((time.monotonic(), stored(found), found.get(PARTS, 0.0), child.cpu_s()))
            if len(samples) % 50 == 0:
                say(f"{samples[-1][1]:.0f} of {records} records stored")
        return stored(found) >= records

    child.until(all_stored, STORED_WITHIN_S, f"{records} records stored")
    return samples


async def rows(settings: Settings) -> tuple[int, str]:
    """Rows of aggregates in the database, and its version."""
    connection = await connect(settings)
    try:
        return await connection.fetchval("SELECT count(*) FROM aggregates_1m"), await connection.fetchval(
            "SHOW server_version"
        )
    finally:
        await connection.close()


def test_recorder_stores_what_the_monitor_said(
    filled: Filled, monitor_run: MonitorRun, tmp_path: Path, table: Table
) -> None:
    """All aggregates and alerts of the run end in the database."""
    records = asyncio.run(ends_of(filled.settings, OUTPUTS))
    with recorder(filled.settings, tmp_path) as child:
        samples = watch(child, records)
        peak_mb = child.peak_mb()
        child.stop()
    kept, version = asyncio.run(rows(filled.settings))
    assert kept > 0
    first, last = samples[0], samples[-1]
    took_s = last[0] - first[0]
    assert took_s > 0, "too few records to measure by: raise MIYUN_BENCH_FRAMES"
    how = f"{records} records, {kept} rows of aggregates kept, PostgreSQL {version.split()[0]}"
    table.add("recorder", "rows of aggregates stored", f"{(last[2] - first[2]) / took_s:,.0f} /s", how)
    table.add("recorder", "records stored", f"{(last[1] - first[1]) / took_s:,.0f} /s")
    cpu_s = (last[3] - first[3]) / (last[2] - first[2]) * 1e6
    table.add("recorder", "CPU", f"{cpu_s:.1f} s per million rows", "the recorder's process alone")
    table.add("recorder", "memory", f"{peak_mb:.0f} MB at most")
