"""What the table of alerts costs: snapshots stored a second, bytes an alert, the time to add a column."""

import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest
from bench.log import say
from bench.table import Table
from support.namespaces import new_namespace
from support.shown_alerts import alert

from schemas.alerts import Alert, ReadingAt
from services.recorder.schema import migrate
from services.recorder.store import prepare
from services.runtime.postgres import Connection, connect
from services.runtime.queries import queries
from services.runtime.settings import Settings

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3_600)]

SIZES = [int(size) for size in os.environ.get("MIYUN_BENCH_ALERT_ROWS", "10000,1000000").split(",")]
BATCH = 5_000
TIMELINE, READINGS = 6, 10
INCOMING = """
INSERT INTO incoming_alerts (epoch, src_partition, src_offset, snapshot)
SELECT 'e', 3, n, replace(replace($1, '0123abcd', lpad(to_hex(n), 8, '0')), '"seq":987', '"seq":' || $4::text)
FROM generate_series($2::integer, $3::integer - 1) AS n
"""


@pytest.fixture
async def database() -> AsyncIterator[Connection]:
    """A connection on a migrated schema of its own."""
    settings = Settings(namespace=new_namespace(), database_url=os.environ["MIYUN_DATABASE_URL"])
    connection = await connect(settings, command_timeout_s=3_000)
    try:
        await migrate(connection, settings.namespace)
        await prepare(connection)
        yield connection
        await connection.execute(f'DROP SCHEMA "{settings.namespace}" CASCADE')
    finally:
        await connection.close()


def snapshot() -> str:
    """An alert that has changed a few times, as long as one of the demo city."""
    first = alert(seq=987)
    transition = first.timeline[0]
    timeline = tuple(replace(transition, seq=n, at=transition.at + n) for n in range(TIMELINE))
    readings = tuple(ReadingAt(at=transition.at + n, value=32.0 + n) for n in range(READINGS))
    full: Alert = replace(first, timeline=timeline, readings=readings, fingerprint="f" * 64, plan="a" * 64)
    return msgspec.json.encode(full).decode()


async def _store(connection: Connection, text: str, rows: range, seq: int) -> float:
    """Store one snapshot of each of these alerts, in batches as the recorder does; seconds of the merges."""
    took_s = 0.0
    for first in range(rows.start, rows.stop, BATCH):
        async with connection.transaction():
            await connection.execute(INCOMING, text, first, min(first + BATCH, rows.stop), str(seq))
            began = time.perf_counter()
            await connection.execute(queries("services.recorder")["alerts_merge"])
            took_s += time.perf_counter() - began
    return took_s


async def test_table_of_alerts(database: Connection, table: Table) -> None:
    """Alerts come, change once, and a column is added to the table that they stand in."""
    text, stored = snapshot(), 0
    for size in SIZES:
        say(f"{size} alerts of {len(text)} bytes")
        took_s = await _store(database, text, range(stored, size), 1)
        table.add("alerts", f"new snapshots merged, up to {size:,}", f"{(size - stored) / took_s:,.0f} /s")
        stored = size
        changed = range(min(size, 20_000))
        took_s = await _store(database, text, changed, 2)
        table.add("alerts", f"changed snapshots merged, of {size:,}", f"{len(changed) / took_s:,.0f} /s")
        await database.execute("VACUUM (FULL, ANALYZE) alerts")
        assert await database.fetchval("SELECT count(*) FROM alerts") == size
        each = await database.fetchval("SELECT pg_total_relation_size('alerts')") / size
        table.add("alerts", f"size with {size:,}", f"{each:,.0f} bytes an alert", "with indexes")
        began = time.perf_counter()
        await _add_column(database)
        table.add("alerts", f"a column added to {size:,}", f"{time.perf_counter() - began:.2f} s")
        await database.execute("ALTER TABLE alerts DROP COLUMN added CASCADE")


async def _add_column(connection: Connection) -> None:
    """Generated if the table's columns are, else filled from the snapshots."""
    generated = await connection.fetchval(
        "SELECT attgenerated = 's' FROM pg_attribute WHERE attrelid = 'alerts'::regclass AND attname = 'seq'"
    )
    if generated:
        made = "integer GENERATED ALWAYS AS ((snapshot ->> 'flapping')::integer) STORED"
        await connection.execute(f"ALTER TABLE alerts ADD COLUMN added {made}")
    else:
        await connection.execute("ALTER TABLE alerts ADD COLUMN added integer")
        await connection.execute("UPDATE alerts SET added = (snapshot ->> 'flapping')::integer")
