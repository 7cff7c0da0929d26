"""``miyun inspections list``."""

import asyncpg

from services.cli.shown.alert_list import codes_of
from services.cli.shown.lists import show_list
from services.cli.shown.words import INSPECTION
from services.runtime import screen
from services.runtime.command_line import database
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import Language, word

COLUMNS = ("inspected", "system", "station", "inspection", "grade", "by", "finding")
GRADE_COLOUR = {"IV": "red", "III": "magenta", "II": "yellow"}


async def show_inspections(
    settings: Settings, language: Language, *, system: str | None, town: str | None, limit: int
) -> None:
    """Print the latest inspections as a table, and how many there are. None: of all systems or towns.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        found = await connection.fetch(
            queries(__package__)["inspections_list"],
            await codes_of(connection, "systems_named", system),
            await codes_of(connection, "towns_named", town),
            limit,
        )
    show_list("inspections", found, COLUMNS, _cells, language)


def _cells(row: asyncpg.Record, language: Language) -> screen.TableRow:
    return (
        screen.local(row["at"]),
        row["system_name"][language] if row["system_name"] else row["system"],
        row["station_id"],
        word(INSPECTION, row["kind"], language),
        screen.text(row["grade"] or "-", GRADE_COLOUR.get(row["grade"], "")),
        row["inspector"],
        _finding(row, language),
    )


def _finding(row: asyncpg.Record, language: Language) -> str:
    """Place, what was looked at, defect and note, as far as told."""
    names = [row[column][language] for column in ("station_name", "point_name") if row[column]]
    return " · ".join(filter(None, [*names, row["defect"], row["note"]]))
