"""``city_clock``: what time it is in the city as far as it is stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.engine_log import plan_of, point
from support.output_records import BUCKET, Output, Outputs, part

from schemas.headers import time_text
from schemas.outputs import decode
from services.recorder.store import store_bisecting
from services.runtime.clock import city_zone
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


def lives_by(outputs: Outputs, zone: str, *, at: int = BUCKET, partition: int = 0) -> list[Output]:
    """A plan of a city in this zone, active from ``at`` on."""
    plan = replace(plan_of(point("h2s"), rules=()).document, time_zone=zone)
    return outputs.active_plan(plan, partition=partition, at=at)


@pytest.mark.parametrize(
    ("zone", "now", "midnight"),
    [
        ("Asia/Shanghai", "2026-01-13T16:30:00Z", "2026-01-13T16:00:00Z"),
        ("Asia/Urumqi", "2026-01-13T16:30:00Z", "2026-01-12T18:00:00Z"),
        ("Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-28T23:00:00Z"),
        ("Europe/Berlin", "2026-03-29T22:30:00Z", "2026-03-29T22:00:00Z"),
        ("America/St_Johns", "2026-01-13T03:00:00Z", "2026-01-12T03:30:00Z"),
        ("UTC", "2026-01-13T23:59:59Z", "2026-01-13T00:00:00Z"),
    ],
)
async def test_midnight_is_that_of_the_active_plans_zone(
    database: Connection, outputs: Outputs, zone: str, now: str, midnight: str
) -> None:
    """Also on the day that has 23 hours."""
    _, began = await clock(database, [*lives_by(outputs, zone), minute(outputs, "a", now)])
    assert began == datetime.fromisoformat(midnight)
    assert (await city_zone(database)).key == zone


async def test_the_zone_is_that_of_the_plan_activated_last(database: Connection, outputs: Outputs) -> None:
    """UTC before any; a partition that still judges by an older plan says nothing."""
    assert (await city_zone(database)).key == "UTC"
    newest = lives_by(outputs, "Asia/Urumqi", at=BUCKET + 60 * SECOND)
    await clock(database, [*newest, *lives_by(outputs, "Asia/Tokyo", partition=1)])
    assert (await city_zone(database)).key == "Asia/Urumqi"


async def test_the_latest_stored_time_counts(database: Connection, outputs: Outputs) -> None:
    """It never goes back, whatever a partition sends later. Plans that name no zone are Beijing's."""
    assert await clock(database, lives_by(outputs, "Asia/Shanghai")) == (None, None)
    stored = await database.fetchval("SELECT document FROM plans")
    assert "time_zone" not in stored
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
