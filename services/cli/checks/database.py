"""Checks of the database: server, extension, schema, plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from schemas.topics import EVENT_PARTITIONS
from services.cli.checks.report import Line, line, problem
from services.cli.checks.words import EDITION
from services.runtime import screen
from services.runtime.command_line import database
from services.runtime.postgres import place, release_migrations
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, sentence

Plans = Sequence[Mapping[str, Any]]
"""Plans with the partitions they judge; their figures are None until the plan itself is stored."""


async def reachable(settings: Settings) -> list[Line]:
    """Checks that the database lets us in, and names its address."""
    async with database(settings) as connection:
        version: str = await connection.fetchval("SHOW server_version")
    known, at = version.split()[0], place(settings)
    return [line("database", "database", at=at, namespace=settings.namespace, version=known)]


async def fetch(settings: Settings, query: str, *arguments: object) -> list[asyncpg.Record]:
    """The rows of a query of this room.

    Raises:
        StopProcessError: the database does not answer, or its schema is not one of this release.
    """
    async with database(settings) as connection:
        return await connection.fetch(queries(__package__)[query], *arguments)


async def extension(settings: Settings) -> list[Line]:
    """Checks that TimescaleDB is there, and names its edition."""
    (found,) = await fetch(settings, "timescaledb")
    if found["version"] is None:
        return problem("timescaledb", "no_timescaledb")
    edition, well = EDITION.get(found["licence"], found["licence"]), found["licence"] in EDITION
    return [line("timescaledb", "timescaledb", well=well, version=found["version"], edition=edition)]


async def migrations(settings: Settings) -> list[Line]:
    """Checks that the schema is what this release's migrations make."""
    applied = {row["name"]: row["sha256"] for row in await fetch(settings, "migrations")}
    return [migration_line(settings.namespace, release_migrations(), applied)]


def migration_line(namespace: str, ours: dict[str, str], applied: dict[str, str]) -> Line:
    """Compare names and digests of the migrations of this release with those applied."""
    for key, names in (("schema_newer", applied.keys() - ours), ("schema_older", ours.keys() - applied)):
        if names:
            told = sentence(TROUBLE, key, namespace=namespace, names=", ".join(sorted(names)))
            return Line("migrations", told, well=False)
    if changed := sorted(name for name in applied if applied[name] != ours[name]):
        return line("migrations", "migrations_changed", well=False, names=", ".join(changed))
    return line("migrations", "migrations", count=len(applied))


async def active_plans(settings: Settings) -> Plans:
    """The plans that judge the partitions, that of most partitions first."""
    return [dict(row) for row in await fetch(settings, "active_plans")]


async def plan(settings: Settings) -> list[Line]:
    """Checks that one plan judges all partitions."""
    return [plan_line(await active_plans(settings))]


def plan_line(active: Plans) -> Line:
    """Says what the plan holds, if one judges all partitions."""
    if not active:
        return Line("plan", TROUBLE["no_plan"], well=False)
    names = [screen.short_sha(plan["plan_id"]) for plan in active]
    counts = [len(plan["partitions"]) for plan in active]
    told = {**active[0], "plan": names[0], "count": counts[0], "all": EVENT_PARTITIONS}
    if len(active) > 1:
        plans = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True))
        return line("plan", "plans", well=False, plans=plans)
    if counts[0] < EVENT_PARTITIONS:
        return line("plan", "plan_in_part", well=False, **told)
    if active[0]["stations"] is None:
        return line("plan", "plan_not_stored", well=False, **told)
    return line("plan", "plan", **told)
