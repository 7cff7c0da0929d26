"""What grows has a bound, in one table of the docs that is held against the schema, and is kept to it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from support.output_records import BUCKET, Outputs, part
from support.shown_alerts import AT, alert

from schemas.outputs import decode
from services.recorder import retention
from services.recorder.retention import drop_old_chunks, newest_day, prune
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "bounds.md"
DAY_MS = 86_400_000
TODAY = datetime(2026, 1, 13, tzinfo=UTC)
MINUTE = """
INSERT INTO aggregates_1m (bucket, station_id, point, system, town_code, n, n_good, sum, revision)
SELECT $1::timestamptz + n * interval '1 minute', $3, 'p', 'gas', 't', 1, 1, 1, 1
FROM generate_series(0, $2::integer - 1) AS n
"""
REJECT = """
INSERT INTO rejects (rejected_at, source, reason, detail, topic, partition, "offset", headers, original,
    original_bytes, ce_id)
SELECT $1::timestamptz, 's', 'invalid', '', 'events', 1, n, '{}', '', 0, $3 || n
FROM generate_series(1, $2::integer) AS n
"""
AUDIT = """
INSERT INTO audit (at, actor, action, target, result, reason, ce_id)
SELECT $1::timestamptz, 'a', 'ack', 't', 'applied', '', $3 || n FROM generate_series(1, $2::integer) AS n
"""
INSPECTION = """
INSERT INTO inspections
    (inspection_id, station_id, system, town_code, kind, at, taken_at, inspector, note, nature, ce_id)
SELECT $3 || n, 's', 'sewer', 't', 'cctv', $1::timestamptz, $1, 'i', '', 'real', ''
FROM generate_series(1, $2::integer) AS n
"""
PLAN = """
INSERT INTO plans (plan_id, format, district_code, active, stations, points, document)
SELECT $1 || n, 1, '110118', false, 0, 0, '{}' FROM generate_series(1, $2::integer) AS n
"""
PLAN_PART = """
INSERT INTO plan_parts (plan_id, part, parts, body)
SELECT 'plan' || n, 0, 2, '' FROM generate_series(1, $1::integer) AS n
"""


async def count(database: Connection, table: str) -> int:
    """How many rows a table has."""
    found: int = await database.fetchval(f'SELECT count(*) FROM "{table}"')  # noqa: S608  # of this file
    return found


async def pruned(database: Connection, settings: Settings) -> int:
    """Prune until nothing is left to prune; in how many steps."""
    steps = 1
    while await prune(database, settings):
        steps += 1
    return steps


def rows_of(text: str) -> Iterable[list[str]]:
    """The cells of the table under "Tables"."""
    part_of = text.partition("## Tables")[2].partition("## In memory")[0]
    for line in part_of.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


async def test_each_table_stands_in_the_docs_with_its_bound(database: Connection, fresh: Settings) -> None:
    """Once; what is named there is there, and so is each setting."""
    told = list(rows_of(DOCUMENT.read_text()))
    found = await database.fetch(
        "SELECT tablename AS table_name FROM pg_tables WHERE schemaname = $1",
        fresh.namespace,
    )
    assert sorted(cells[0].strip("`") for cells in told) == sorted(row[0] for row in found)
    assert all(cells[1] for cells in told)
    named = set(re.findall(r"`(MIYUN_[A-Z_]+)`", DOCUMENT.read_text()))
    assert named - {f"MIYUN_{name.upper()}" for name in Settings.model_fields} == set()
    pruned_tables = {bound.table for bound in retention.BOUNDS} | set(retention.HYPERTABLES)
    by_recorder = {
        cells[0].strip("`") for cells in told if "recorder" in cells[3] and "KEEP_DAYS" in cells[2]
    }
    assert pruned_tables | {"plans"} == by_recorder


@pytest.mark.parametrize(
    ("table", "query", "days"),
    [("rejects", REJECT, 30), ("audit", AUDIT, 400), ("inspections", INSPECTION, 3_650)],
)
async def test_old_rows_go_in_steps_and_young_ones_stay(
    table: str, query: str, days: int, database: Connection, fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the time of the aggregates; while none are stored, nothing goes by its age."""
    monkeypatch.setattr(retention, "STEP_ROWS", 100)
    await database.execute(query, TODAY - timedelta(days=days + 1), 250, "old")
    await database.execute(query, TODAY - timedelta(days=days - 1), 50, "young")
    await database.execute(query, TODAY + timedelta(days=27_000), 5, "of 2099")
    assert await pruned(database, fresh) == 1
    assert await count(database, table) == 305
    await database.execute(MINUTE, TODAY, 1_000, "s")
    assert await pruned(database, fresh) == 3
    assert await count(database, table) == 55


async def test_rows_beyond_the_most_go_whatever_their_times(
    database: Connection, fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that makes a reject of each frame fills no disk, also where nothing else is stored."""
    small = tuple(replace(it, most=100 if it.most else None) for it in retention.BOUNDS)
    monkeypatch.setattr(retention, "BOUNDS", small)
    await database.execute(REJECT, TODAY + timedelta(days=27_000), 300, "r")
    await database.execute(AUDIT, TODAY, 300, "a")
    await pruned(database, fresh)
    assert (await count(database, "rejects"), await count(database, "audit")) == (100, 100)
    assert await database.fetchval('SELECT min("offset") FROM rejects') == 201, "the newest stay"


async def test_closed_alerts_go_and_with_them_their_plans(database: Connection, fresh: Settings) -> None:
    """Open ones stay however old, and so does a plan that something names or that is new."""
    outputs = Outputs(fresh.namespace)
    long_ago = AT - 401 * DAY_MS
    records = []
    for number, (closed, raised_at) in enumerate(((True, long_ago), (True, AT), (False, long_ago))):
        closed_at = raised_at if closed else None
        one = alert(f"{number:08x}-0000-5000-8000-000000000000")
        one = replace(one, raised_at=raised_at, closed_at=closed_at, plan=f"p{number + 1}")
        records.append(decode(outputs.alert(one)))
    await store_bisecting(database, records)
    await database.execute(PLAN, "p", 4)
    await database.execute("INSERT INTO plan_activations VALUES (0, 'p4', $1, 'a')", TODAY)
    await database.execute(PLAN, "newer", 10)
    await database.execute(MINUTE, TODAY, 1_000, "s")
    await pruned(database, fresh)
    await pruned(database, fresh)
    kept = await database.fetch("SELECT plan FROM alerts ORDER BY plan")
    assert [row[0] for row in kept] == ["p2", "p3"]
    plans = await database.fetch("SELECT plan_id FROM plans WHERE plan_id NOT LIKE 'newer%' ORDER BY plan_id")
    assert [row[0] for row in plans] == ["p2", "p3", "p4"]


async def test_parts_of_plans_that_never_become_whole_go(database: Connection, fresh: Settings) -> None:
    """All but those of the newest ten."""
    await database.execute(PLAN_PART, 30)
    await pruned(database, fresh)
    kept = {row[0] for row in await database.fetch("SELECT plan_id FROM plan_parts")}
    assert kept == {f"plan{n}" for n in range(21, 31)}


@pytest.mark.parametrize("history", [1, 20, 3_000])
async def test_one_minute_of_2099_drops_no_history(history: int, database: Connection) -> None:
    """Of a small store, too, and when the odd device brings a minute of many a day."""
    await database.execute(MINUTE, TODAY - timedelta(days=3), history, "s")
    await database.execute(MINUTE, TODAY, 1_000, "s")
    for day in range(27_000, 27_005):
        await database.execute(MINUTE, TODAY + timedelta(days=day), 1, "odd")
    assert await drop_old_chunks(database, 400) == 0
    assert (
        await database.fetchval("SELECT count(*) FROM aggregates_1m WHERE station_id = 's'")
        == history + 1_000
    )


async def test_a_run_drops_a_day_at_most(database: Connection) -> None:
    """Ten days that are too old take ten runs; then nothing more goes."""
    for day in range(12):
        await database.execute(MINUTE, TODAY + timedelta(days=day), 100, "s")
    await database.execute(MINUTE, TODAY + timedelta(days=100), 1_000, "s")
    dropped = [await drop_old_chunks(database, 90) for _ in range(12)]
    assert dropped == [1] * 10 + [0] * 2


def test_the_day_is_that_of_most_rows() -> None:
    """The newest hundredth does not count, of little the newest tenth; nothing tells no day."""
    days = [TODAY + timedelta(days=n) for n in range(4)]
    assert newest_day([]) is None
    assert newest_day([(days[0], 1)]) == days[0]
    assert newest_day([(day, 1) for day in days]) == days[3]
    assert newest_day([(days[0], 20), (days[3], 1)]) == days[0]
    assert newest_day([(days[0], 1e6), (days[1], 9_000), (days[3], 900)]) == days[0]
    assert newest_day([(days[0], 1e6), (days[1], 20_000), (days[3], 900)]) == days[1]


async def test_batch_over_a_thousand_days_is_stored_in_parts(database: Connection, fresh: Settings) -> None:
    """No transaction of it makes more than 64 chunks, each is stored once, and in order."""
    outputs = Outputs(fresh.namespace)
    records = [outputs.minute("s", BUCKET - day * DAY_MS, {"p": part(1.0)}, day) for day in range(1_000)]
    began = monotonic()
    stored = await store_bisecting(database, [decode(record) for record in records])
    assert len(stored) == 1_000
    assert await count(database, "aggregates_1m") == 1_000
    chunks = await database.fetch(
        "SELECT count(*) AS n FROM aggregates_1m AS a GROUP BY a.xmin ORDER BY n DESC LIMIT 1"
    )
    assert chunks[0]["n"] == 64, f"{monotonic() - began:.0f} s"
