"""``city_clock``: what time it is in the city as far as it is stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.output_records import BUCKET, Output, Outputs, part

from schemas.headers import time_text
from schemas.outputs import decode
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

SECOND = 1_000


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


def minute(outputs: Outputs, station: str, time: str | None) -> Output:
    """A minute whose event came at ``time``."""
    record = outputs.minute(station, BUCKET, {"h2s": part(1)}, offset=len(outputs.ends))
    return record if time is None else replace(record, headers=[*record.headers, ("ce_time", time.encode())])


async def clock(connection: Connection, records: Sequence[Output]) -> tuple[datetime | None, datetime | None]:
    """Store records; what ``city_clock`` says then."""
    await store_bisecting(connection, [decode(record) for record in records])
    row = await connection.fetchrow("SELECT at, day_began_at FROM city_clock")
    assert row is not None
    return row["at"], row["day_began_at"]


async def test_the_latest_stored_time_counts(database: Connection, outputs: Outputs) -> None:
    """It never goes back, whatever a partition sends later; midnight is Beijing's."""
    assert await clock(database, []) == (None, None)
    late, early = time_text(BUCKET + 70 * SECOND), time_text(BUCKET + 10 * SECOND)
    at = datetime(2026, 1, 13, 11, 1, 10, tzinfo=UTC)
    midnight = datetime(2026, 1, 12, 16, tzinfo=UTC)
    assert await clock(database, [minute(outputs, "a", late), minute(outputs, "a", early)]) == (at, midnight)
    assert await clock(database, [minute(outputs, "a", early), minute(outputs, "b", early)]) == (at, midnight)


@pytest.mark.parametrize("time", [None, "", "soon", "2026-01-13T19:00:00", "9999-01-01T00:00:00Z"])
async def test_a_time_that_cannot_be_read_is_none(
    database: Connection, outputs: Outputs, time: str | None
) -> None:
    """The record is stored all the same."""
    assert await clock(database, [minute(outputs, "a", time)]) == (None, None)
    assert await database.fetchval("SELECT count(*) FROM aggregates_1m") == 1
