"""``miyun doctor``: every prerequisite, one line each, with a remedy for what is wrong. Changes nothing."""

from datetime import timedelta
from functools import partial

from services.cli import broker_checks, database_checks, host_checks
from services.cli.report import Line, Question, answers
from services.cli.session import BROKER_REMEDY, DATABASE_REMEDY, database
from services.cli.times import local
from services.plans.store import load_plan, read_store
from services.runtime.clock import city_time_ms
from services.runtime.settings import Settings

AHEAD_MS = timedelta(days=60) // timedelta(milliseconds=1)
"""Calendars are compiled to intervals; they must reach this far beyond the city's time."""
NO_PLAN = "miyun rules publish; the recorder then notes which plan is active"


async def report(settings: Settings) -> list[Line]:
    """All checks, each bounded in time."""
    asked = (
        ("python", host_checks.python, ""),
        ("keys", host_checks.keys, "let this user read the keys folder (MIYUN_KEYS_DIR)"),
        ("disk", host_checks.disk, "set MIYUN_STATE_DIR to a folder that exists"),
        ("open files", host_checks.open_files, ""),
        ("ports", host_checks.ports, ""),
        ("broker", broker_checks.broker, BROKER_REMEDY),
        ("topics", broker_checks.topics, BROKER_REMEDY),
        ("log", broker_checks.genesis, BROKER_REMEDY),
        ("database", database_checks.reachable, DATABASE_REMEDY),
        ("timescaledb", database_checks.extension, DATABASE_REMEDY),
        ("migrations", database_checks.migrations, DATABASE_REMEDY),
        ("plan", _plan, NO_PLAN),
        ("calendars", _calendars, NO_PLAN),
    )
    questions = [
        Question(name=name, ask=partial(ask, settings), remedy=remedy) for name, ask, remedy in asked
    ]
    return await answers(questions)


async def _plan(settings: Settings) -> list[Line]:
    async with database(settings) as connection:
        active = await database_checks.active_plans(connection)
    published = (await read_store(settings.kafka_bootstrap, settings.namespace)).active
    if active and published not in (None, active[0].plan_id):
        text = f"{published[:12]} is published, {active[0].plan_id[:12]} is active"
        remedy = "it becomes active when the monitor gets there (miyun status: lag)"
        return [Line(name="plan", text=text, well=False, remedy=remedy)]
    return [database_checks.plan_line(active)]


async def _calendars(settings: Settings) -> list[Line]:
    async with database(settings) as connection:
        active = await database_checks.active_plans(connection)
    if not active:
        return [Line(name="calendars", text="no plan is active", well=False, remedy=NO_PLAN)]
    plan = await load_plan(settings.kafka_bootstrap, settings.namespace, active[0].plan_id)
    if plan is None:
        text = f"plan {active[0].plan_id[:12]} is not in the topic plans"
        return [Line(name="calendars", text=text, well=False, remedy="miyun rules publish")]
    return [calendar_line(plan.calendars, await city_time_ms(settings))]


def calendar_line(calendars: dict[str, tuple[tuple[int, int], ...]], now: int) -> Line:
    """Whether the calendars reach far enough beyond ``now`` (epoch ms)."""
    name = "calendars"
    ends = [end for intervals in calendars.values() for _, end in intervals]
    if not ends:
        return Line(name=name, text="the plan needs none")
    reach = max(ends)
    return Line(
        name=name,
        text=f"{len(calendars)}, reaching to {local(reach)[:10]}",
        well=reach - now >= AHEAD_MS,
        remedy="add the coming dates to the calendars in the city's files, then miyun rules publish",
    )
