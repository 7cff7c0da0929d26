"""``miyun status``: how the city and its monitor are, on one screen."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from schemas.base import SEVERITIES
from services.cli.checks import broker, database
from services.cli.checks.database import fetch
from services.cli.checks.health import port_of, readiness
from services.cli.checks.judging import judged
from services.cli.checks.lag import Lag, monitor_lag, recorder_lag
from services.cli.checks.report import Check, Line, answers, line
from services.cli.checks.words import FINDING, READINESS, REMEDY
from services.runtime import screen
from services.runtime.clock import city_time_ms, city_zone
from services.runtime.command_line import database as open_database
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import REJECT, SEVERITY, listed, sentence

STATION_STATES = {"partial": "partial", "silent": "silent_stations", "unheard": "unheard"}


async def report(settings: Settings) -> list[Line]:
    """All lines; what cannot be checks says so in its own."""
    checks: dict[str, Check] = {
        "city clock": _clock,
        "broker": broker.reachable,
        "database": database.reachable,
        "services": _services,
        "plan": database.plan,
        "judged": judged,
        "monitor lag": partial(_lag, who="monitor", ask=monitor_lag),
        "recorder lag": partial(_lag, who="recorder", ask=recorder_lag),
        "open alerts": _alerts,
        "stations": stations,
        "rejects": _rejects,
    }
    namespace = line("namespace", "as_is", words=settings.namespace)
    return [namespace, *await answers(settings, checks)]


async def _clock(settings: Settings) -> list[Line]:
    now = screen.both_zones(await city_time_ms(settings), await _zone(settings))
    return [line("city clock", "clock", now=now, clock=settings.clock)]


async def _zone(settings: Settings) -> ZoneInfo:
    """The city's zone; UTC while the database does not tell it."""
    with suppress(StopProcessError):
        async with open_database(settings) as connection:
            return await city_zone(connection)
    return ZoneInfo("UTC")


async def _services(settings: Settings) -> list[Line]:
    simulator = ["simulator"] if settings.clock == "log" else []
    optional = [name for name in ("console", "notifier") if port_of(settings, name)]
    return [await _service(settings, name) for name in ("monitor", "recorder", *simulator, *optional)]


async def _service(settings: Settings, name: str) -> Line:
    command = "simulate run" if name == "simulator" else f"{name} run"
    port = port_of(settings, name)
    at = f"{settings.host}:{port}"
    if port == 0:
        return line(name, "no_port", well=False, variable=f"MIYUN_{name.upper()}_PORT")
    answer = await readiness(settings, name)
    if answer is None:
        return line(name, "silent", well=False, at=at, name=name, command=command)
    if answer.namespace not in (None, settings.namespace):
        return line(name, "elsewhere", well=False, at=at, namespace=answer.namespace, command=command)
    if answer.ready:
        return line(name, "ready", at=at)
    remedy = next((READINESS[word] for word in answer.reasons if word in READINESS), REMEDY["any"])
    return line(name, "not_ready", well=False, reasons=", ".join(answer.reasons), remedy=remedy)


async def _lag(settings: Settings, *, who: str, ask: Callable[[Settings], Awaitable[Lag]]) -> list[Line]:
    lag = await ask(settings)
    if not lag.begun:
        return [line(f"{who} lag", "lag_not_begun", well=False, who=who)]
    parts = ", ".join(f"{topic} {n}" for topic, n in lag.by_topic.items())
    detail = sentence(FINDING, "lag_of", parts=parts) if parts else ""
    return [line(f"{who} lag", "lag", well=lag.well, total=lag.total, detail=detail, who=who)]


async def _alerts(settings: Settings) -> list[Line]:
    found = {row["severity"]: row for row in await fetch(settings, "open_alerts_by_severity")}
    parts = [
        sentence(
            FINDING, "alerts_of", severity=SEVERITY[one], count=found[one]["n"], unacked=found[one]["unacked"]
        )
        for one in reversed(SEVERITIES)
        if one in found
    ]
    return [line("open alerts", "as_is", words=listed(parts or [FINDING["none"]]))]


async def stations(settings: Settings) -> list[Line]:
    """Counts the stations by their state."""
    rows = await fetch(settings, "stations_by_state")
    return [stations_line({row["state"]: row["stations"] for row in rows})]


def stations_line(counts: Mapping[str, int]) -> Line:
    """Says how many stations report; not well when there are some and none does."""
    total, speaking = sum(counts.values()), counts.get("reporting", 0)
    states = [sentence(FINDING, "reporting", total=total, speaking=speaking)]
    states += [
        sentence(FINDING, key, count=counts[name]) for name, key in STATION_STATES.items() if counts.get(name)
    ]
    well = total == 0 or speaking + counts.get("partial", 0) > 0
    return line("stations", "stations", well=well, states=listed(states))


async def _rejects(settings: Settings) -> list[Line]:
    now = datetime.fromtimestamp(await city_time_ms(settings) / 1000, UTC)
    parts = [
        sentence(FINDING, "rejects_of", count=row["n"], reason=REJECT.get(row["reason"], row["reason"]))
        for row in await fetch(settings, "rejects_by_reason", now - timedelta(hours=1))
    ]
    return [line("rejects", "rejects", reasons=listed(parts or [FINDING["none"]]))]
