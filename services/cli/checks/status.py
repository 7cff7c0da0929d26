"""``miyun status``: how the city and its monitor are, on one screen."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from schemas.base import SEVERITIES
from services.cli import broker_checks, database_checks
from services.cli.coverage import counted, of_state
from services.cli.lag import LAG_WELL, Lag, monitor_lag, recorder_lag
from services.cli.report import Line, Question, answers
from services.cli.services_health import readiness
from services.cli.session import BROKER_REMEDY, DATABASE_REMEDY, database
from services.cli.sql import query
from services.cli.times import both
from services.cli.words import READINESS
from services.runtime.clock import city_time_ms
from services.runtime.settings import Settings

STATION_STATES = {"partial": "in part", "silent": "silent", "unheard": "never heard of"}
NO_CLOCK = "under clock=log time comes from the simulator or a replay: make up, or miyun simulate run"
NO_ROWS = "the recorder makes the tables and fills them: make up, or miyun recorder run"


async def report(settings: Settings) -> list[Line]:
    """All lines; what cannot be asked says so in its own."""
    asked = (
        ("city clock", _clock, NO_CLOCK),
        ("broker", broker_checks.broker, BROKER_REMEDY),
        ("database", database_checks.reachable, DATABASE_REMEDY),
        ("services", _services, "make up; logs: make logs"),
        ("plan", _plan, NO_ROWS),
        ("monitor lag", _monitor_lag, BROKER_REMEDY),
        ("recorder lag", _recorder_lag, NO_ROWS),
        ("open alerts", _alerts, NO_ROWS),
        ("stations", _stations, NO_ROWS),
        ("rejects", _rejects, NO_ROWS),
    )
    questions = [
        Question(name=name, ask=partial(ask, settings), remedy=remedy) for name, ask, remedy in asked
    ]
    return [Line(name="namespace", text=settings.namespace), *await answers(questions)]


async def _clock(settings: Settings) -> list[Line]:
    now = await city_time_ms(settings)
    return [Line(name="city clock", text=f"{both(now)}, clock={settings.clock}")]


async def _services(settings: Settings) -> list[Line]:
    ports = {"monitor": settings.monitor_port, "recorder": settings.recorder_port}
    if settings.clock == "log":
        ports["simulator"] = settings.simulator_port
    optional = {"console": settings.console_port, "notifier": settings.notifier_port}
    ports |= {name: port for name, port in optional.items() if port}
    return [await _service(settings, name, port) for name, port in ports.items()]


async def _service(settings: Settings, name: str, port: int) -> Line:
    host = settings.host
    variable = f"MIYUN_{name.upper()}_PORT"
    if port == 0:
        return Line(
            name=name, text="not asked: it has no port", well=False, remedy=f"set {variable}, restart it"
        )
    told = await readiness(host, port)
    if told is None:
        remedy = f"make up, or miyun {_command(name)}; its log: make logs ARGS={name}"
        return Line(name=name, text=f"no answer on {host}:{port}", well=False, remedy=remedy)
    if told.namespace not in (None, settings.namespace):
        text = f"the one on {host}:{port} serves namespace {told.namespace}"
        return Line(
            name=name,
            text=text,
            well=False,
            remedy=f"miyun {_command(name)} in this namespace, on a port of its own",
        )
    if told.ready:
        return Line(name=name, text=f"ready ({host}:{port})")
    remedy = next((READINESS[word] for word in told.reasons if word in READINESS), f"make logs ARGS={name}")
    return Line(name=name, text=f"not ready: {', '.join(told.reasons)}", well=False, remedy=remedy)


def _command(name: str) -> str:
    return "simulate run" if name == "simulator" else f"{name} run"


async def _plan(settings: Settings) -> list[Line]:
    async with database(settings) as connection:
        active = await database_checks.active_plans(connection)
    return [database_checks.plan_line(active)]


async def _monitor_lag(settings: Settings) -> list[Line]:
    return [_lag_line("monitor", await monitor_lag(settings))]


async def _recorder_lag(settings: Settings) -> list[Line]:
    async with database(settings) as connection:
        return [_lag_line("recorder", await recorder_lag(settings, connection))]


def _lag_line(who: str, lag: Lag) -> Line:
    name = f"{who} lag"
    if not lag.begun:
        return Line(
            name=name, text="has not taken anything yet", well=False, remedy=f"make up, or miyun {who} run"
        )
    parts = ", ".join(f"{topic} {n}" for topic, n in lag.by_topic.items() if n)
    detail = f" ({parts})" if parts and len(lag.by_topic) > 1 else ""
    return Line(
        name=name,
        text=f"{lag.total} records{detail}",
        well=lag.total <= LAG_WELL,
        remedy=f"it catches up, or it does not run: make logs ARGS={who}; more workers share the partitions",
    )


async def _alerts(settings: Settings) -> list[Line]:
    async with database(settings) as connection:
        rows = await connection.fetch(query("open_alerts_by_severity"))
    by_severity = {row["severity"]: row for row in rows}
    parts = [
        f"{by_severity[word]['n']} {word} ({by_severity[word]['unacked']} unacknowledged)"
        for word in reversed(SEVERITIES)
        if word in by_severity
    ]
    return [Line(name="open alerts", text=", ".join(parts) or "none")]


async def _stations(settings: Settings) -> list[Line]:
    async with database(settings) as connection:
        return [stations_line(of_state(await counted(connection)))]


def stations_line(counts: Mapping[str, int]) -> Line:
    """How many stations speak; not well when there are some and none does."""
    total = sum(counts.values())
    speaking = counts.get("reporting", 0)
    others = [f"{counts[state]} {words}" for state, words in STATION_STATES.items() if counts.get(state)]
    return Line(
        name="stations",
        text=", ".join([f"{speaking} of {total} reporting", *others]),
        well=total == 0 or speaking + counts.get("partial", 0) > 0,
        remedy="normal in the first two minutes of a log; else miyun coverage says which",
    )


async def _rejects(settings: Settings) -> list[Line]:
    now = datetime.fromtimestamp(await city_time_ms(settings) / 1000, UTC)
    async with database(settings) as connection:
        rows = await connection.fetch(query("rejects_by_reason"), now - timedelta(hours=1))
    parts = _sorted_counts((row["reason"], row["n"]) for row in rows)
    return [Line(name="rejects", text=f"last hour: {', '.join(parts) or 'none'}")]


def _sorted_counts(counts: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{n} {reason}" for reason, n in sorted(counts, key=lambda one: (-one[1], one[0]))]
