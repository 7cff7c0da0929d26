"""The schema is what its migrations make, and nothing makes them run twice or in another form."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from services.recorder.retention import drop_old_chunks
from services.recorder.schema import FOLDER, MigrationError, migrate, migrations
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

SHAPE = """
SELECT table_name, column_name, data_type, is_nullable
FROM information_schema.columns WHERE table_schema = $1 ORDER BY table_name, ordinal_position
"""
ALERTS = [
    "alert_id",
    "rule_id",
    "plan",
    "station_id",
    "point",
    "system",
    "town_code",
    "district_code",
    "owner_org",
    "nature",
    "life_safety",
    "severity",
    "state",
    "acked",
    "latched",
    "suppressions",
    "annunciated",
    "flapping",
    "held",
    "late",
    "clock_fault",
    "onset_at",
    "raised_at",
    "detected_at",
    "cleared_at",
    "acked_at",
    "acked_by",
    "closed_at",
    "value",
    "limit_value",
    "unit",
    "headline",
    "seq",
    "incident_id",
    "snapshot",
]
NAMED = {
    "alerts": ALERTS,
    "stations": ["station_id", "system", "town_code", "owner_org", "name", "lat", "lon", "virtual"],
    "rejects": ["rejected_at", "source", "reason", "detail", "topic", "partition", "offset", "original"],
    "alert_transitions": [
        "at",
        "recorded_at",
        "alert_id",
        "seq",
        "from_state",
        "to_state",
        "severity",
        "reason",
        "actor",
        "event_ref",
        "engine_version",
    ],
    "aggregates_1m": [
        "bucket",
        "station_id",
        "point",
        "system",
        "town_code",
        "n",
        "n_good",
        "min",
        "max",
        "mean",
        "last",
        "revision",
    ],
}


async def test_migrating_twice_changes_nothing(database: Connection, fresh: Settings) -> None:
    """The second run applies nothing and leaves every column as it is."""
    before = await database.fetch(SHAPE, fresh.namespace)
    assert await migrate(database, fresh.namespace) == []
    assert await database.fetch(SHAPE, fresh.namespace) == before
    applied = await database.fetch("SELECT name, sha256 FROM migrations ORDER BY name")
    assert [tuple(row) for row in applied] == [(m.name, m.sha256) for m in migrations()]


async def test_columns_that_others_rest_on_exist(database: Connection, fresh: Settings) -> None:
    """Every column that the design names is there, by that name."""
    rows = await database.fetch(SHAPE, fresh.namespace)
    found = {(row["table_name"], row["column_name"]) for row in rows}
    assert {(table, column) for table, columns in NAMED.items() for column in columns} <= found


async def test_series_are_hypertables(database: Connection, fresh: Settings) -> None:
    """What grows with time is cut into chunks."""
    rows = await database.fetch(
        "SELECT hypertable_name FROM timescaledb_information.hypertables WHERE hypertable_schema = $1",
        fresh.namespace,
    )
    assert {row[0] for row in rows} == {
        "aggregates_1m",
        "alert_transitions",
        "delivery_attempts",
        "station_states",
    }


async def test_processes_that_migrate_at_once_take_turns(fresh: Settings) -> None:
    """Of several that start together one makes the schema, the others find it made."""
    connections = [await connect(fresh) for _ in range(3)]
    done = await asyncio.gather(*(migrate(connection, fresh.namespace) for connection in connections))
    assert sorted(map(len, done)) == [0, 0, len(migrations())]
    await connections[0].execute(f'DROP SCHEMA "{fresh.namespace}" CASCADE')
    for connection in connections:
        await connection.close()


def _copied(folder: Path) -> Path:
    for path in FOLDER.glob("*.sql"):
        (folder / path.name).write_text(path.read_text())
    return folder


async def test_changed_migration_is_refused(database: Connection, fresh: Settings, tmp_path: Path) -> None:
    """An applied file that was changed is named, with what to do."""
    folder = _copied(tmp_path)
    name = migrations()[0].name
    (folder / f"{name}.sql").write_text("-- other\nSELECT 1")
    with pytest.raises(MigrationError, match=f"{name} was changed.*put the file back"):
        await migrate(database, fresh.namespace, folder=folder)


async def test_schema_of_a_newer_release_is_refused(
    database: Connection, fresh: Settings, tmp_path: Path
) -> None:
    """An older release does not write into a schema that it does not know."""
    newer = _copied(tmp_path)
    (newer / "9999_newer.sql").write_text("CREATE TABLE newer (n integer)")
    assert await migrate(database, fresh.namespace, folder=newer) == ["9999_newer"]
    with pytest.raises(MigrationError, match="newer release"):
        await migrate(database, fresh.namespace)


async def test_failing_migration_leaves_no_trace(
    database: Connection, fresh: Settings, tmp_path: Path
) -> None:
    """All or nothing."""
    folder = _copied(tmp_path)
    (folder / "9999_bad.sql").write_text("CREATE TABLE half (n integer); SELECT 1 / 0")
    before = await database.fetch(SHAPE, fresh.namespace)
    with pytest.raises(Exception, match="division by zero"):
        await migrate(database, fresh.namespace, folder=folder)
    assert await database.fetch(SHAPE, fresh.namespace) == before


async def test_old_chunks_go_by_the_time_of_what_is_stored(database: Connection) -> None:
    """What is 10 days older than the newest goes, one chunk a run; the machine's date has no say."""
    for day in ("2001-01-01", "2001-01-09", "2001-01-20"):
        await database.execute(
            "INSERT INTO aggregates_1m"
            " (bucket, station_id, point, system, town_code, n, n_good, sum, revision)"
            " VALUES ($1, 's', 'p', 'gas', 't', 1, 0, 0, 1)",
            datetime.fromisoformat(f"{day}T00:00:00Z"),
        )
    assert await drop_old_chunks(database, 30) == 0
    assert [await drop_old_chunks(database, 10) for _ in range(3)] == [1, 1, 0]
    assert await database.fetchval("SELECT count(*) FROM aggregates_1m") == 1
