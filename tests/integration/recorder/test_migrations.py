"""A schema of an earlier release becomes one of this release, and what is stored in it keeps its meaning."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.output_records import BUCKET, EPOCH, Outputs, part

from schemas.outputs import decode
from schemas.topics import partition_of
from services.recorder.schema import FOLDER, migrate
from services.recorder.store import prepare, store_bisecting
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

OLD_STATE = """
INSERT INTO station_states (at, station_id, system, town_code, state, silent_points, points, ce_id)
VALUES (ms_time($1), 'gas-1', 'gas', '110118001000', 'partial', '{h2s}', 2, 'x')
"""
OLD_PART = """
INSERT INTO aggregate_parts (station_id, point, bucket, epoch, partition, "offset", n, n_good, sum)
SELECT 'gas-1', point, ms_time($1), $2, $3, 5, 1, 1, 1.0 FROM unnest(ARRAY['ch4', 'h2s']) AS point
"""
OLD_MINUTE = """
INSERT INTO aggregates_1m (bucket, station_id, point, system, town_code, n, n_good, sum, revision)
VALUES (ms_time($1), 'gas-1', 'ch4', 'gas', '110118001000', 1, 1, 1.0, 1)
"""
OLD_STATION = """
INSERT INTO stations (station_id, kind, system, town_code, owner_org, name, virtual, plan_id)
VALUES ('gas-1', 'gas_chamber', 'gas', '110118001000', 'gas', '{"zh": "3号阀井"}', false, 'p')
"""


@pytest.fixture
async def first(fresh: Settings, tmp_path: Path) -> AsyncIterator[Connection]:
    """A schema as the first release made it."""
    name = "0001_spine.sql"
    (tmp_path / name).write_text((FOLDER / name).read_text())
    connection = await connect(fresh)
    try:
        assert await migrate(connection, fresh.namespace, folder=tmp_path) == ["0001_spine"]
        yield connection
        await connection.execute(f'DROP SCHEMA "{fresh.namespace}" CASCADE')
    finally:
        await connection.close()


async def test_parts_that_were_remembered_by_point_are_known(first: Connection, fresh: Settings) -> None:
    """A record that the earlier release merged changes nothing when it comes again; a new one merges."""
    outputs = Outputs(fresh.namespace)
    await first.execute(OLD_PART, BUCKET, EPOCH, partition_of("gas-1"))
    await first.execute(OLD_MINUTE, BUCKET)
    await migrate(first, fresh.namespace)
    await prepare(first)
    assert await first.fetchval("SELECT count(*) FROM aggregate_parts") == 1
    for offset, n in ((5, 1), (6, 2)):
        record = outputs.minute("gas-1", BUCKET, {"ch4": part(1.0)}, offset)
        await store_bisecting(first, [decode(record)])
        assert await first.fetchval("SELECT n FROM aggregates_1m") == n


async def test_rows_of_before_say_that_nothing_was_told(first: Connection, fresh: Settings) -> None:
    """States without sources, stations without an address."""
    await first.execute(OLD_STATE, BUCKET)
    await first.execute(OLD_STATION)
    await migrate(first, fresh.namespace)
    state = await first.fetchrow("SELECT state, sources FROM station_states")
    station = await first.fetchrow("SELECT address, traits, protection_zone FROM stations")
    assert state is not None
    assert station is not None
    assert (tuple(state), tuple(station)) == (("partial", []), (None, [], False))
