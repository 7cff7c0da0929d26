"""``miyun doctor``: every prerequisite, one line each, with a remedy for what is wrong. Changes nothing."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from services.cli.checks import broker, database, host
from services.cli.checks.health import readiness
from services.cli.checks.report import Line, answers, line, problem
from services.plans.publish.store import load_plan, read_store
from services.runtime import screen
from services.runtime.clock import city_time_ms
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, listed

AHEAD_MS = timedelta(days=60) // timedelta(milliseconds=1)
"""Calendars are compiled to intervals; they must reach this far beyond the city's time."""


async def report(settings: Settings) -> list[Line]:
    """All checks, each bounded in time."""
    checks = {
        "python": host.python,
        "keys": host.keys,
        "disk": host.disk,
        "open files": host.open_files,
        "ports": host.ports,
        "broker": broker.reachable,
        "topics": broker.topics,
        "log": broker.genesis,
        "database": database.reachable,
        "timescaledb": database.extension,
        "migrations": database.migrations,
        "plan": _plan,
        "calendars": _calendars,
        "records": _records,
    }
    return await answers(settings, checks)


async def _plan(settings: Settings) -> list[Line]:
    active = await database.active_plans(settings)
    published = (await read_store(settings.kafka_bootstrap, settings.namespace)).published
    if active and published is not None and published.plan != active[0]["plan_id"]:
        names = {"published": published.plan, "active": active[0]["plan_id"]}
        return problem("plan", "plan_waits", **{key: screen.short_sha(name) for key, name in names.items()})
    return [database.plan_line(active)]


async def _calendars(settings: Settings) -> list[Line]:
    active = await database.active_plans(settings)
    if not active:
        return [Line("calendars", TROUBLE["no_plan"], well=False)]
    name = active[0]["plan_id"]
    plan = await load_plan(settings.kafka_bootstrap, settings.namespace, name)
    if plan is None:
        return problem("calendars", "plan_gone", plan=screen.short_sha(name))
    return [calendar_line(plan.calendars, await city_time_ms(settings), ZoneInfo(plan.time_zone))]


async def _records(settings: Settings) -> list[Line]:
    """Checks that the services that answer could read every record of our own topics."""
    found = []
    for name in ("monitor", "recorder", "console", "notifier"):
        answer = await readiness(settings, name)
        if answer is not None and answer.namespace in (None, settings.namespace):
            found += [f"{name}: {topic} {count}" for topic, count in answer.unreadable.items()]
    if not found:
        return [line("records", "readable")]
    return problem("records", "unreadable", counts=listed({"zh": one, "en": one} for one in found))


def calendar_line(calendars: dict[str, tuple[tuple[int, int], ...]], now: int, zone: ZoneInfo) -> Line:
    """Checks that the calendars reach far enough beyond ``now`` (epoch ms)."""
    ends = [end for intervals in calendars.values() for _, end in intervals]
    if not ends:
        return line("calendars", "no_calendars")
    told = {"count": len(calendars), "until": screen.local(max(ends), zone)[:10]}
    return line("calendars", "calendars", well=max(ends) - now >= AHEAD_MS, **told)
