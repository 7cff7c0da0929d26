"""What is looked at in the database: server, extension, schema, plan."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from schemas.partition import EVENT_PARTITIONS
from services.cli.report import Line
from services.cli.session import database
from services.cli.sql import query
from services.runtime.postgres import Connection, place
from services.runtime.settings import Settings

EDITIONS = {"apache": "Apache edition", "timescale": "Community edition"}
SHOWN_SHA = 12
RUN_RECORDER = "the recorder brings the schema up to date at its start: make up, or miyun recorder run"
PUBLISH = "miyun rules publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivePlan:
    """A plan and the partitions it judges; the figures are None until the plan itself is stored."""

    plan_id: str
    partitions: list[int]
    stations: int | None
    points: int | None
    rules: int | None


async def reachable(settings: Settings) -> list[Line]:
    """Whether the database lets us in, and where it is."""
    async with database(settings) as connection:
        version: str = await connection.fetchval("SHOW server_version")
    text = f"{place(settings)}, schema {settings.namespace}, PostgreSQL {version.split()[0]}"
    return [Line(name="database", text=text)]


async def extension(settings: Settings) -> list[Line]:
    """Whether TimescaleDB is there, and in which edition."""
    async with database(settings) as connection:
        version = await connection.fetchval(query("timescaledb_version"))
        licence = await connection.fetchval("SELECT current_setting('timescaledb.license', true)")
    if version is None:
        remedy = "as a superuser: CREATE EXTENSION timescaledb (make up does it for the local stack)"
        return [Line(name="timescaledb", text="not in this database", well=False, remedy=remedy)]
    edition = EDITIONS.get(licence, f"licence {licence}")
    return [
        Line(
            name="timescaledb",
            text=f"{version}, {edition}",
            well=licence in EDITIONS,
            remedy="set timescaledb.license to apache or timescale in postgresql.conf",
        )
    ]


async def migrations(settings: Settings) -> list[Line]:
    """Whether the schema is what this release's migrations make."""
    async with database(settings) as connection:
        if await connection.fetchval("SELECT to_regclass('migrations')") is None:
            text = f"schema {settings.namespace} has none"
            return [Line(name="migrations", text=text, well=False, remedy=RUN_RECORDER)]
        rows = await connection.fetch("SELECT name, sha256 FROM migrations")
    return [migration_line(_of_this_release(), {row["name"]: row["sha256"] for row in rows})]


def migration_line(ours: dict[str, str], applied: dict[str, str]) -> Line:
    """Compare names and digests of the migrations of this release with those applied."""
    name = "migrations"
    if newer := sorted(applied.keys() - ours.keys()):
        text = f"{', '.join(newer)} is of another release"
        return Line(name=name, text=text, well=False, remedy="run the release that made this schema")
    if changed := sorted(one for one in applied if applied[one] != ours[one]):
        text = f"{', '.join(changed)} was changed after it was applied"
        return Line(name=name, text=text, well=False, remedy="put the file back; write a new migration")
    if missing := sorted(ours.keys() - applied.keys()):
        return Line(name=name, text=f"not applied: {', '.join(missing)}", well=False, remedy=RUN_RECORDER)
    return Line(name=name, text=f"{len(applied)} applied, current")


def _of_this_release() -> dict[str, str]:
    """Name and digest of each migration file, read as data: the packages do not import each other."""
    folder = files("services").joinpath("recorder", "migrations")
    return {
        file.name.removesuffix(".sql"): hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest()
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


async def active_plans(connection: Connection) -> list[ActivePlan]:
    """What the partitions are judged by, the plan of most partitions first."""
    return [ActivePlan(**row) for row in await connection.fetch(query("active_plans"))]


def plan_line(active: list[ActivePlan]) -> Line:
    """Whether one plan judges all partitions, and what it holds."""
    name = "plan"
    if not active:
        return Line(name=name, text="none is active", well=False, remedy=PUBLISH)
    plan = active[0]
    shown = plan.plan_id[:SHOWN_SHA]
    if len(active) > 1:
        others = ", ".join(f"{other.plan_id[:SHOWN_SHA]} ({len(other.partitions)})" for other in active)
        return Line(name=name, text=f"partitions are judged by several: {others}", well=False, remedy=PUBLISH)
    if len(plan.partitions) < EVENT_PARTITIONS:
        text = f"{shown} judges {len(plan.partitions)} of {EVENT_PARTITIONS} partitions"
        return Line(name=name, text=text, well=False, remedy=f"{PUBLISH}, if it stays so (miyun status: lag)")
    if plan.stations is None:
        return Line(
            name=name,
            text=f"{shown}; its content is not stored yet",
            well=False,
            remedy="wait for the recorder",
        )
    return Line(
        name=name, text=f"{shown}, {plan.stations} stations, {plan.points} points, {plan.rules} rules"
    )
