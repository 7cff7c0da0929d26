"""Columns of ``alerts`` are made of its snapshot by the database, also of what an earlier release stored."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from support.output_records import Outputs
from support.shown_alerts import AT, alert

from schemas.alerts import Alert, AlertState, Suppression
from schemas.base import Severity
from schemas.outputs import decode
from services.recorder.schema import FOLDER, migrate
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

NOT_COLUMNS = {"timeline", "readings"}
"""They stand in the snapshot, and as rows of ``alert_transitions``."""
PLAIN = {"snapshot", "epoch", "src_partition", "src_offset", "orphaned_at"}
"""Whose writer is not the monitor."""
FULL = replace(
    alert(seq=7),
    state=AlertState.ACKNOWLEDGED, acked=True, latched=True, annunciated=False, annunciated_seq=5, flapping=3,
    suppressions=(Suppression(kind="shelved", actor="wang", reason="检修", until=AT + 5),),
    held=True, late=True, clock_fault=True, cleared_at=AT + 1_001, acked_at=AT + 2_002, acked_by="wang",
    closed_at=AT + 3_003, value=-0.1, limit_value=1e-9, incident_id="i",
)  # fmt: skip
EMPTY = replace(alert("empty"), value=None, limit_value=None)
FILL = """
INSERT INTO alerts SELECT (jsonb_populate_record(NULL::alerts, $1::jsonb || jsonb_build_object(
    'snapshot', $1::jsonb, 'epoch', 'e', 'src_partition', 3, 'src_offset', 9
) || (
    SELECT jsonb_object_agg(key, ms_time(value::bigint))
    FROM jsonb_each_text($1::jsonb) WHERE key LIKE '%\\_at'
))).*
"""
"""As releases before this one stored an alert: every column beside the snapshot."""


@pytest.fixture
async def earlier(fresh: Settings, tmp_path: Path) -> AsyncIterator[Connection]:
    """A schema as the release before alerts were stored once has left it."""
    for file in FOLDER.glob("000[1-8]*.sql"):
        shutil.copy(file, tmp_path)
    connection = await connect(fresh)
    try:
        await migrate(connection, fresh.namespace, folder=tmp_path)
        yield connection
        await connection.execute(f'DROP SCHEMA "{fresh.namespace}" CASCADE')
    finally:
        await connection.close()


def expected(given: Alert) -> dict[str, Any]:
    """What the columns have to say."""
    told = msgspec.json.decode(msgspec.json.encode(given))
    times = {name: value for name, value in told.items() if name.endswith("_at") and value is not None}
    stored = {name: datetime.fromtimestamp(value / 1000, UTC) for name, value in times.items()}
    return {name: stored.get(name, value) for name, value in told.items() if name not in NOT_COLUMNS}


async def columns(connection: Connection, alert_id: str) -> dict[str, Any]:
    """An alert's columns without those that are not the monitor's."""
    row = await connection.fetchrow("SELECT * FROM alerts_now WHERE alert_id = $1", alert_id)
    assert row is not None
    return {name: value for name, value in row.items() if name not in PLAIN - {"src_partition"}}


@pytest.mark.parametrize("given", [FULL, EMPTY, alert("plain")], ids=["full", "empty", "plain"])
async def test_every_column_follows_the_snapshot(database: Connection, fresh: Settings, given: Alert) -> None:
    """At the first snapshot and at the next, to the millisecond and the last bit."""
    outputs = Outputs(fresh.namespace)
    before = replace(alert(given.alert_id), seq=0, severity=Severity.NOTICE, station_id="other", value=5.5)
    await store_bisecting(database, [decode(outputs.alert(before, offset=1))])
    await store_bisecting(database, [decode(outputs.alert(given, offset=2))])
    assert await columns(database, given.alert_id) == expected(given)


async def test_fields_of_an_alert_are_columns_by_their_names(database: Connection) -> None:
    """Each field but timeline and readings; nobody can write one apart from the snapshot."""
    rows = await database.fetch(
        "SELECT attname, attgenerated = 's' AS generated FROM pg_attribute"
        " WHERE attrelid = 'alerts'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    found = {row["attname"]: row["generated"] for row in rows}
    assert set(found) == {field.name for field in fields(Alert)} - NOT_COLUMNS | PLAIN
    assert {name for name, generated in found.items() if not generated} == PLAIN
    with pytest.raises(asyncpg.PostgresError, match="severity"):
        await database.execute("UPDATE alerts SET severity = 'notice'")


async def test_what_an_earlier_release_stored_stays(earlier: Connection, fresh: Settings) -> None:
    """Same rows; one that a census had closed is closed still, its snapshot as the monitor sent it."""
    for given in (FULL, EMPTY, alert("open")):
        await earlier.execute(FILL, msgspec.json.decode(msgspec.json.encode(given)))
    at = datetime.fromtimestamp(AT / 1000, UTC)
    await earlier.execute("UPDATE alerts SET state = 'A', closed_at = $1 WHERE alert_id = 'open'", at)
    before = [dict(row) for row in await earlier.fetch("SELECT * FROM alerts ORDER BY alert_id")]
    await migrate(earlier, fresh.namespace)
    after = [dict(row) for row in await earlier.fetch("SELECT * FROM alerts_now ORDER BY alert_id")]
    orphaned = [row.pop("orphaned_at") for row in after]
    assert after == before
    assert orphaned == [None, None, at]
