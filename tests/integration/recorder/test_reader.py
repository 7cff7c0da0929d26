"""The role of boards (``deploy/grafana/reader.sql``) reads what they show, nothing else; it never writes."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from support.servers import psql

from services.runtime.postgres import Connection
from services.runtime.settings import Settings

SCRIPT = Path(__file__).parents[3] / "deploy" / "grafana" / "reader.sql"
BOARD = SCRIPT.parent / "dashboards" / "city.json"
SHOWN = {
    "aggregates_1m", "alert_transitions", "alerts", "alerts_now", "city_clock", "inspections", "judged",
    "points", "station_states", "stations", "stations_now", "systems_now", "towns_now",
}  # fmt: skip
MINUTE = """
INSERT INTO aggregates_1m (bucket, station_id, point, system, town_code, n, n_good, sum, revision)
SELECT timestamptz 'epoch' + day * interval '1 day', 'gas-1', 'ch4', 'gas', '110118001000', 1, 1, 1.0, 1
FROM generate_series(1, 3) AS day
"""
RELATIONS = """
SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p', 'v', 'm')
"""

pytestmark = pytest.mark.alone


def apply(settings: Settings, password: str) -> None:
    """Run the script as compose does: by psql, as a superuser."""
    names = [f"--set=namespace={settings.namespace}", f"--set=role={role_of(settings)}"]
    psql(*names, f"--command=\\set password {password}", f"--file={SCRIPT}")


def role_of(settings: Settings) -> str:
    """A name of this test's: roles belong to the whole server."""
    return f"{settings.namespace}_reader"


async def as_reader(settings: Settings, password: str) -> Connection:
    """A connection as Grafana makes it: nothing is said of schema or time zone."""
    parts = urlsplit(settings.database_url)
    place = f"{role_of(settings)}:{password}@{parts.hostname}:{parts.port}"
    return await asyncpg.connect(urlunsplit(parts._replace(netloc=place, query="")))


@pytest.fixture
def applied(fresh: Settings, database: Connection) -> Iterator[None]:
    """The role stands on the migrated schema of ``fresh``; it goes afterwards."""
    apply(fresh, "first")
    yield
    psql(f"--command=DROP OWNED BY {role_of(fresh)}", f"--command=DROP ROLE {role_of(fresh)}")


@pytest.fixture
async def reader(applied: None, fresh: Settings) -> AsyncIterator[Connection]:
    """Signed in as the role."""
    connection = await as_reader(fresh, "first")
    yield connection
    await connection.close()


async def readable(database: Connection, settings: Settings) -> tuple[set[str], set[str]]:
    """All tables and views of the schema, and those of them that the role may read."""
    names = {row["relname"] for row in await database.fetch(RELATIONS, settings.namespace)}
    question = "SELECT has_table_privilege($1, $2, 'SELECT')"
    role = role_of(settings)
    return names, {
        name for name in names if await database.fetchval(question, role, f"{settings.namespace}.{name}")
    }


async def test_what_boards_show_is_read_by_its_bare_name(
    reader: Connection, database: Connection, fresh: Settings
) -> None:
    """The search path is the namespace's, and nothing else of the schema may be read."""
    names, allowed = await readable(database, fresh)
    assert allowed == SHOWN
    assert names - SHOWN >= {"accounts", "audit", "outbox", "delivery_attempts", "rejects"}
    for name in allowed:
        await reader.fetch(f"SELECT * FROM {name} LIMIT 1")  # noqa: S608  # names are ours


async def test_every_panels_query_runs(reader: Connection) -> None:
    """Grafana asks as this role; what the queries find is tested on a city (``test_overview.py``)."""
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    found = [await reader.fetch(target["rawSql"]) for panel in panels for target in panel["targets"]]
    assert len(found) == 9
    assert (
        sum(len(rows) for rows in found) == 2 + 3 * 4
    )  # clock, judged; three lists by severity; no city yet


async def test_minutes_of_several_chunks_are_read(reader: Connection, database: Connection) -> None:
    """The grant on a hypertable holds for its chunks, and TimescaleDB's functions are found."""
    await database.execute(MINUTE)
    query = "SELECT time_bucket('30 days', bucket) AS month, sum(n) AS n FROM aggregates_1m GROUP BY month"
    assert [row["n"] for row in await reader.fetch(query)] == [3]


@pytest.mark.parametrize("name", ["accounts", "audit", "outbox", "delivery_attempts", "rejects"])
async def test_what_is_not_for_boards_is_refused(reader: Connection, name: str) -> None:
    """Whoever may see a board can send any query with its role."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.fetch(f"SELECT 1 FROM {name}")  # noqa: S608


async def test_nothing_is_written(reader: Connection, fresh: Settings) -> None:
    """Transactions are read-only; one that makes itself writing has no right to write."""
    writes = (
        "DELETE FROM alerts",
        "UPDATE stations SET name = '{}'",
        "INSERT INTO consumer_offsets VALUES ('alerts', 0, '', 0, '')",
        f"CREATE TABLE {fresh.namespace}.mine (n integer)",
        "CREATE TABLE public.mine (n integer)",
    )
    for write in writes:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await reader.execute(write)
    await reader.execute("SET default_transaction_read_only = off")
    for write in writes:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(write)


async def test_applied_again_it_is_as_the_script_says(
    reader: Connection, database: Connection, fresh: Settings
) -> None:
    """Other grants are taken back, and the password is the new one."""
    await database.execute(f"GRANT SELECT, DELETE ON accounts TO {role_of(fresh)}")
    apply(fresh, "second")
    assert (await readable(database, fresh))[1] == SHOWN
    with pytest.raises(asyncpg.InvalidPasswordError):
        await as_reader(fresh, "first")
    await (await as_reader(fresh, "second")).close()
