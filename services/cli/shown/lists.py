"""Lists of what is stored: a table of what was found, and how many there are."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
from rich.console import RenderableType

from services.cli.shown.words import COUNT, DELIVERY, DROPPED, HEADING, INSPECTION
from services.runtime import screen
from services.runtime.clock import city_zone
from services.runtime.command_line import database
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import MESSAGE_KIND, REJECT, Language, word

Cells: TypeAlias = "Callable[[asyncpg.Record, Language, ZoneInfo], screen.TableRow]"
INSPECTIONS = ("inspected", "system", "station", "inspection", "grade", "by", "finding")
DELIVERIES = ("at", "alert", "message", "channel", "state", "recipient", "summary")
REJECTS = ("reject", "rejected", "source", "reason", "from", "bytes", "detail")
"""Columns."""
GRADE_COLOUR = {"IV": "red", "III": "magenta", "II": "yellow"}
DELIVERY_COLOUR = {"failed": "red", "waiting": "yellow", "sending": "yellow"}


async def show_inspections(
    settings: Settings, language: Language, *, system: str | None, town: str | None, limit: int
) -> None:
    """Print the latest inspections as a table, and how many there are. None: of all systems or towns.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        codes = await codes_of(connection, system), await codes_of(connection, town)
        found = await connection.fetch(queries(__package__)["inspections_list"], *codes, limit)
        zone = await city_zone(connection)
    show_list("inspections", found, INSPECTIONS, _inspection, language=language, zone=zone)


async def show_deliveries(
    settings: Settings, language: Language, *, failed: bool, alert: str | None, limit: int
) -> None:
    """Print the messages as a table, and how many there are. ``alert``: the beginning of an id.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    prefix = None if alert is None else alert.lower()
    async with database(settings) as connection:
        found = await connection.fetch(queries(__package__)["deliveries_list"], failed, prefix, limit)
        zone = await city_zone(connection)
    show_list("messages", found, DELIVERIES, _delivery, language=language, zone=zone)


async def show_rejects(
    settings: Settings, language: Language, *, reason: str | None, source: str | None, limit: int
) -> None:
    """Print the newest rejects as a table, and how many there are. None: of all reasons or sources.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        found = await connection.fetch(queries(__package__)["rejects_list"], reason, source, limit)
        zone = await city_zone(connection)
    show_list("rejects", found, REJECTS, _reject, language=language, zone=zone)


async def codes_of(connection: Connection, named: str | None) -> list[str] | None:
    """Codes of the systems or towns that a person names; None: all."""
    if named is None:
        return None
    return [row["code"] for row in await connection.fetch(queries(__package__)["codes_named"], named)]


def show_list(
    what: str,
    found: Sequence[asyncpg.Record],
    columns: Iterable[str],
    cells: Cells,
    *,
    language: Language,
    zone: ZoneInfo,
) -> None:
    """Print the rows, of which each knows as ``found`` how many there are, and that number in words."""
    if found:
        screen.show(table_of(found, columns, cells, language=language, zone=zone))
    number = found[0]["found"] if found else 0
    counted = COUNT[what][language].format(number)
    in_part = COUNT["part"][language].format(all=counted, shown=len(found))
    screen.show(counted if number == len(found) else in_part)


def table_of(
    found: Iterable[asyncpg.Record],
    columns: Iterable[str],
    cells: Cells,
    *,
    language: Language,
    zone: ZoneInfo,
) -> RenderableType:
    """The rows with the names of their columns."""
    return screen.table(headings(columns, language), [cells(row, language, zone) for row in found])


def headings(columns: Iterable[str], language: Language) -> list[str]:
    """Names of columns in a language."""
    return [word(HEADING, column, language) for column in columns]


def reject_reason(row: asyncpg.Record, language: Language) -> str:
    """In words, and as ``--reason`` takes it."""
    return f"{word(REJECT, row['reason'], language)} ({row['reason']})"


def _inspection(row: asyncpg.Record, language: Language, zone: ZoneInfo) -> screen.TableRow:
    """The finding: place, what was looked at, defect and note, as far as there are any."""
    names = [row[column][language] for column in ("station_name", "point_name") if row[column]]
    return (
        screen.local(row["at"], zone),
        row["system_name"][language] if row["system_name"] else row["system"],
        row["station_id"],
        word(INSPECTION, row["kind"], language),
        screen.text(row["grade"] or "-", GRADE_COLOUR.get(row["grade"], "")),
        row["inspector"],
        " · ".join(filter(None, [*names, row["defect"], row["note"]])),
    )


def _delivery(row: asyncpg.Record, language: Language, zone: ZoneInfo) -> screen.TableRow:
    """The headline stands after the reason why the last attempt did not succeed."""
    headline: str = row["headline"][language]
    state = word(DELIVERY, row["state"], language)
    tried = f"{state} ×{row['attempts']}" if row["attempts"] > 1 else state
    return (
        screen.local(row["at"], zone)[5:],
        f"{screen.short_id(row['alert_id'])}:{row['seq']}",
        word(MESSAGE_KIND, row["kind"], language),
        row["channel"][language],
        screen.text(tried, DELIVERY_COLOUR.get(row["state"], "")),
        row["recipient"],
        f"({word(DROPPED, row['reason'], language)}) {headline}" if row["reason"] else headline,
    )


def _reject(row: asyncpg.Record, language: Language, zone: ZoneInfo) -> screen.TableRow:
    return (
        str(row["id"]),
        screen.local(row["rejected_at"], zone),
        row["source"],
        screen.text(reject_reason(row, language), "yellow"),
        f"{row['topic']} {row['partition']}:{row['offset']}",
        str(row["original_bytes"]),
        row["detail"],
    )
