"""``miyun alerts show``: everything about one alert on one page."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import asyncpg
import yaml
from rich.console import RenderableType

from schemas.kinds import OF_STATES
from services.cli.shown.alert_list import find_alert, state_of
from services.cli.shown.lists import headings
from services.cli.shown.words import HEADING, PAGE, SOURCE_STATUS
from services.rules.lifecycle.transitions import SUPPRESSED
from services.runtime import screen
from services.runtime.clock import city_zone
from services.runtime.command_line import database
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import (
    ENGINE,
    MARK,
    NATURE,
    REASON,
    SEVERITY,
    SEVERITY_COLOUR,
    STATE,
    ByLanguage,
    Language,
    joined,
    sentence,
    word,
)

TIMES = ("onset", "raised", "detected", "acknowledged", "cleared", "closed")
HISTORY = ("at", "change", "state", "severity", "value", "by", "note")


async def show_alert(settings: Settings, prefix: str, language: Language) -> None:
    """Print the only alert whose id begins with ``prefix``: of several, the only open one.

    Raises:
        StopProcessError: none or several fit, or the database is not there.
    """
    async with database(settings) as connection:
        alert_id = (await find_alert(connection, prefix, language))["alert_id"]
        alert = await connection.fetchrow(queries(__package__)["alert_page"], alert_id)
        history = await connection.fetch(queries(__package__)["alert_history"], alert_id)
        zone = await city_zone(connection)
    assert alert is not None, "it was there a moment ago, and no alert is ever deleted"
    facts = [
        *_what(alert, language, zone),
        *_where(settings, alert, language),
        *_when(alert, zone),
        *_why(alert, language),
    ]
    screen.show(
        screen.text(alert["headline"][language], SEVERITY_COLOUR.get(alert["severity"], "")),
        screen.facts((word(HEADING, key, language), said) for key, said in facts),
        "",
        _readings(alert, language, zone),
        "",
        _history(history, alert, language, zone),
    )


def _what(alert: asyncpg.Record, language: Language, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "alert", f"{alert['alert_id']}  seq {alert['seq']}"
    yield "severity", word(SEVERITY, alert["severity"], language)
    yield "state", state_of(alert, language)
    yield "marks", joined(_marks(alert, language), language)
    yield "suppressed", joined(_suppressions(alert, language, zone), language)


def _where(settings: Settings, alert: asyncpg.Record, language: Language) -> Iterator[tuple[str, str]]:
    yield "station", _named(alert["station_id"], alert["station_name"], language)
    yield "point", _named(alert["point"], alert["point_name"], language)
    yield "system", _named(alert["system"], alert["system_name"], language)
    yield "town", _named(alert["town_code"], alert["town_name"], language)
    yield "owner", _named(alert["owner_org"], _organisation(settings, alert["owner_org"]), language)
    yield "nature", word(NATURE, alert["nature"], language)
    yield "value", _against(alert, alert, language)


def _value(alert: asyncpg.Record, value: float | None, language: Language, unit: str = "") -> str:
    """A value of the alert's point; of a rule of states, the state."""
    shown = screen.figure(value)
    if alert["rule_kind"] in OF_STATES and shown in (alert["point_states"] or {}):
        return f"{alert['point_states'][shown][language]} ({shown})"
    return screen.figure(value, unit)


def _against(alert: asyncpg.Record, row: asyncpg.Record, language: Language) -> str:
    """A value against its limit; of a state, only that."""
    if row["value"] is None and row["limit_value"] is None:
        return ""
    value = _value(alert, row["value"], language)
    is_state = alert["rule_kind"] in OF_STATES
    return value if is_state else f"{value} / {screen.figure(row['limit_value'], alert['unit'])}"


def _when(alert: asyncpg.Record, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    for name in TIMES:
        column = "acked" if name == "acknowledged" else name
        by = f" {alert['acked_by'] or ''}" if name == "acknowledged" else ""
        yield name, f"{screen.local(alert[f'{column}_at'], zone)}{by}".strip()


def _why(alert: asyncpg.Record, language: Language) -> Iterator[tuple[str, str]]:
    yield "rule", f"{_named(alert['rule_id'], alert['rule_title'], language)} {alert['fingerprint']}"
    if alert["source"]:
        yield "source", f"{alert['source']} ({word(SOURCE_STATUS, alert['source_status'], language)})"
    yield "guidance", alert["guidance"][language] if alert["guidance"] else ""
    plan = screen.short_sha(alert["plan"])
    yield "basis", sentence(PAGE, "judged_by", plan=plan, epoch=alert["epoch"])[language]
    yield "event", f"events {alert['src_partition']}:{alert['src_offset']}"


def _marks(alert: asyncpg.Record, language: Language) -> Iterator[str]:
    for mark in ("life_safety", "latched", "held", "late", "clock_fault"):
        if alert[mark]:
            yield word(MARK, mark, language)
    if alert["suppressions"]:
        yield word(MARK, "muted", language)
    if alert["flapping"]:
        yield PAGE["flapping"][language].format(alert["flapping"])


def _suppressions(alert: asyncpg.Record, language: Language, zone: ZoneInfo) -> Iterator[str]:
    for one in alert["suppressions"]:
        until = "" if one["until"] is None else f" – {screen.local(one['until'], zone)}"
        kind = word(STATE, SUPPRESSED.get(one["kind"], one["kind"]), language)
        yield f"{kind}, {one['actor']}: {one['reason']}{until}"


def _named(code: str, name: ByLanguage | None, language: Language) -> str:
    return code if name is None else f"{name[language]} ({code})"


def _organisation(settings: Settings, code: str) -> ByLanguage | None:
    """Its name, which the city's files know and the plan does not; None where these are not at hand."""
    try:
        files = yaml.safe_load((settings.city_dir / "organisations.yaml").read_text(encoding="utf-8"))
        return next((one["name"] for one in files["organisations"] if one["id"] == code), None)
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return None


def _readings(alert: asyncpg.Record, language: Language, zone: ZoneInfo) -> RenderableType:
    """The readings that decided, as the snapshot keeps them."""
    rows = [
        (screen.local(reading["at"], zone), _value(alert, reading["value"], language, alert["unit"]))
        for reading in alert["snapshot"]["readings"]
    ]
    return screen.table(headings(("at", "reading"), language), rows, title=HEADING["evidence"][language])


def _history(
    rows: Sequence[asyncpg.Record], alert: asyncpg.Record, language: Language, zone: ZoneInfo
) -> RenderableType:
    """All transitions that were ever stored, not only those that the snapshot still has."""
    cells = [
        (
            screen.local(row["at"], zone),
            word(REASON, row["reason"], language),
            f"{row['from_state']}→{row['to_state']}",
            screen.text(word(SEVERITY, row["severity"], language), SEVERITY_COLOUR.get(row["severity"], "")),
            _against(alert, row, language),
            row["actor"] if row["actor"] != ENGINE else "",
            _said(alert, row, language),
        )
        for row in rows
    ]
    return screen.table(headings(HISTORY, language), cells, title=HEADING["history"][language])


def _said(alert: asyncpg.Record, row: asyncpg.Record, language: Language) -> str:
    """What a person wrote, the delays that had to pass, the clear limit, and the event that caused it."""
    delays = [screen.duration(row["delay_ms"])] if row["delay_ms"] else []
    delays += [f"×{row['samples']}"] if row["samples"] > 1 else []
    if row["clear_value"] is not None and alert["rule_kind"] not in OF_STATES:
        delays.append(f"{HEADING['clear'][language]} {screen.figure(row['clear_value'])}")
    return "  ".join(filter(None, [row["note"], " ".join(delays), f"@{row['event_ref']}"]))
