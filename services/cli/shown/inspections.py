"""``miyun inspections list``."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from rich.table import Table

from services.recorder.session import database
from services.recorder.statements import statement
from services.recorder.words import HEADING, INSPECTION
from services.runtime import screen
from services.runtime.settings import Settings
from services.runtime.words import Language, word

COLUMNS = ("inspected", "system", "station", "inspection", "grade", "by", "finding")
GRADE_COLOUR = {"IV": "red", "III": "magenta", "II": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which inspections: those that meet all that is not None."""

    system: str | None
    town: str | None
    limit: int


async def print_list(settings: Settings, wanted: Wanted, language: Language) -> None:
    """Print the latest inspections as a table, and how many there are.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        rows = await connection.fetch(statement("inspections_list"), wanted.system, wanted.town, wanted.limit)
    console = screen.console()
    if rows:
        console.print(_table(rows, language))
    console.print(_footer(rows, language))


def _table(rows: Sequence[asyncpg.Record], language: Language) -> Table:
    table = screen.table(*(word(HEADING, column, language) for column in COLUMNS))
    for row in rows:
        table.add_row(
            screen.text(screen.local(row["at"])),
            screen.text(row["system_name"][language] if row["system_name"] else row["system"]),
            screen.text(row["station_id"]),
            screen.text(word(INSPECTION, row["kind"], language)),
            screen.text(row["grade"] or "-", GRADE_COLOUR.get(row["grade"], "")),
            screen.text(screen.shortened(row["inspector"], 12)),
            screen.text(_finding(row, language)),
        )
    return table


def _finding(row: asyncpg.Record, language: Language) -> str:
    """Place, what was looked at, defect and note, as far as told."""
    names = [row[column][language] for column in ("station_name", "point_name") if row[column]]
    return " · ".join(filter(None, [*names, row["defect"], row["note"]]))


def _footer(rows: Sequence[asyncpg.Record], language: Language) -> str:
    found = rows[0]["found"] if rows else 0
    if language == "zh":
        return f"{found} 条检测记录,显示 {len(rows)} 条" if found > len(rows) else f"{found} 条检测记录"
    return f"{len(rows)} of {found} inspections" if found > len(rows) else f"{found} inspections"
