"""``miyun alerts show``: everything about one alert on one page."""

from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg
from rich.table import Table

from schemas.kinds import OF_STATES
from services.recorder.alert_list import alerts_table
from services.recorder.session import database
from services.recorder.statements import statement
from services.recorder.words import HEADING, MARK
from services.runtime import screen
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import REASON, SEVERITY, SEVERITY_COLOUR, STATE, Language, word

SHORTEST = 4
"""Fewer characters, such as an empty variable of a script, are a mistake rather than an alert."""
SHOWN = 10
"""Alerts named when a prefix fits several."""
SHOWN_PLAN = 12


async def print_page(settings: Settings, prefix: str, language: Language) -> None:
    """Print the only alert whose id begins with ``prefix``: of several, the only open one.

    Raises:
        StopProcessError: none or several fit, or the database is not there.
    """
    if len(prefix) < SHORTEST:
        raise StopProcessError(
            f"'{prefix}' is too short to mean an alert: give {SHORTEST} characters of its id"
        )
    async with database(settings) as connection:
        alert_id = await _meant(connection, prefix, language)
        alert = await connection.fetchrow(statement("alert_page"), alert_id)
        history = await connection.fetch(statement("alert_history"), alert_id)
    assert alert is not None, "it was there a moment ago, and no alert is ever deleted"
    console = screen.console()
    severity = SEVERITY_COLOUR.get(alert["severity"], "")
    console.print(screen.text(alert["headline"][language], severity))
    console.print(_facts(alert, language))
    console.print("", _readings(alert, language), "", _history(history, alert["unit"], language), sep="\n")


async def _meant(connection: Connection, prefix: str, language: Language) -> str:
    rows = await connection.fetch(statement("alerts_by_prefix"), prefix.lower(), SHOWN + 1)
    still_open = [row for row in rows if row["closed_at"] is None]
    for choice in (still_open, rows):
        if len(choice) == 1:
            return str(choice[0]["alert_id"])
    if not rows:
        raise StopProcessError(f"no alert begins with '{prefix}': miyun alerts list --all shows the latest")
    screen.console(to_stderr=True).print(alerts_table(rows[:SHOWN], language))
    raise StopProcessError(f"several alerts begin with '{prefix}': give more of the id")


def _facts(alert: asyncpg.Record, language: Language) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    for key, words in (*_what(alert, language), *_when(alert), *_why(alert, language)):
        if words:
            lines.add_row(word(HEADING, key, language), screen.text(words))
    return lines


def _what(alert: asyncpg.Record, language: Language) -> Iterator[tuple[str, str]]:
    yield "alert", f"{alert['alert_id']}  seq {alert['seq']}"
    yield "severity", word(SEVERITY, alert["severity"], language)
    yield "state", f"{alert['state']} {word(STATE, alert['state'], language)}"
    yield "marks", ", ".join(_marks(alert, language))
    yield "suppressed", "; ".join(_suppression(one) for one in alert["suppressions"])
    yield "station", _named(alert["station_id"], alert["station_name"], language)
    yield "point", _named(alert["point"], alert["point_name"], language)
    yield "system", _named(alert["system"], alert["system_name"], language)
    yield "town", _named(alert["town_code"], alert["town_name"], language)
    yield "owner", alert["owner_org"]
    yield "nature", alert["nature"]
    yield "value", _value(alert, language)


def _value(alert: asyncpg.Record, language: Language) -> str:
    """Against its limit; of a rule of states, the state."""
    value = screen.figure(alert["value"])
    if alert["rule_kind"] in OF_STATES and value in (alert["point_states"] or {}):
        return f"{alert['point_states'][value][language]} ({value})"
    return f"{value} / {screen.figure(alert['limit_value'], alert['unit'])}"


def _when(alert: asyncpg.Record) -> Iterator[tuple[str, str]]:
    yield "onset", screen.local(alert["onset_at"])
    yield "raised", screen.local(alert["raised_at"])
    yield "detected", screen.local(alert["detected_at"])
    yield "acknowledged", f"{screen.local(alert['acked_at'])} {alert['acked_by'] or ''}".strip()
    yield "cleared", screen.local(alert["cleared_at"])
    yield "closed", screen.local(alert["closed_at"])


def _why(alert: asyncpg.Record, language: Language) -> Iterator[tuple[str, str]]:
    source = f"  {alert['source']} ({alert['source_status']})" if alert["source"] else ""
    yield "rule", f"{alert['rule_id']} {alert['fingerprint']}{source}"
    yield "guidance", alert["guidance"][language] if alert["guidance"] else ""
    yield "basis", f"plan {alert['plan'][:SHOWN_PLAN]}, log {alert['epoch']}"
    yield "event", f"events {alert['src_partition']}:{alert['src_offset']}"


def _marks(alert: asyncpg.Record, language: Language) -> Iterator[str]:
    for mark in ("life_safety", "latched", "held", "late", "clock_fault"):
        if alert[mark]:
            yield word(MARK, mark, language)
    if alert["suppressions"]:
        yield word(MARK, "muted", language)
    if alert["flapping"]:
        yield f"flapping {alert['flapping']}" if language == "en" else f"反复 {alert['flapping']} 次"


def _suppression(one: dict[str, Any]) -> str:
    until = "" if one["until"] is None else f" – {screen.local_ms(one['until'])}"
    return f"{one['kind']}, {one['actor']}: {one['reason']}{until}"


def _named(code: str, name: dict[str, str] | None, language: Language) -> str:
    return code if name is None else f"{name[language]} ({code})"


def _readings(alert: asyncpg.Record, language: Language) -> Table:
    """The readings that decided, as the snapshot keeps them."""
    headings = (word(HEADING, "at", language), word(HEADING, "value", language).partition(" ")[0])
    table = screen.table(*headings, title=word(HEADING, "evidence", language))
    for reading in alert["snapshot"]["readings"]:
        value = screen.figure(reading["value"], alert["unit"])
        table.add_row(screen.local_ms(reading["at"]), screen.text(value))
    return table


def _history(rows: Sequence[asyncpg.Record], unit: str, language: Language) -> Table:
    """All transitions that were ever stored, not only those that the snapshot still has."""
    columns = ("at", "what", "state", "severity", "value", "by", "note")
    table = screen.table(
        *(word(HEADING, column, language) for column in columns), title=word(HEADING, "history", language)
    )
    for row in rows:
        style = SEVERITY_COLOUR.get(row["severity"], "")
        table.add_row(
            screen.text(screen.local(row["at"])),
            screen.text(word(REASON, row["reason"], language)),
            screen.text(f"{row['from_state']}→{row['to_state']}"),
            screen.text(word(SEVERITY, row["severity"], language), style),
            screen.text(_judged(row, unit)),
            screen.text(row["actor"]),
            screen.text(_said(row, language)),
        )
    return table


def _judged(row: asyncpg.Record, unit: str) -> str:
    if row["value"] is None and row["limit_value"] is None:
        return ""
    return f"{screen.figure(row['value'])} / {screen.figure(row['limit_value'], unit)}"


def _said(row: asyncpg.Record, language: Language) -> str:
    """What a person wrote, the delays that had to pass, the clear limit, and the event that caused it."""
    delays = [f"{row['delay_ms'] / 1000:g} s"] if row["delay_ms"] else []
    delays += [f"×{row['samples']}"] if row["samples"] > 1 else []
    if row["clear_value"] is not None:
        delays.append(f"{word(HEADING, 'clear', language)} {screen.figure(row['clear_value'])}")
    return "  ".join(filter(None, [row["note"], " ".join(delays), f"@{row['event_ref']}"]))
