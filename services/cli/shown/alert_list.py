"""``miyun alerts list``."""

from dataclasses import dataclass

import asyncpg
from rich.table import Table

from schemas.base import SEVERITIES, SEVERITY_RANK, Severity
from services.recorder.session import database
from services.recorder.statements import statement
from services.recorder.words import HEADING, MARK
from services.runtime import screen
from services.runtime.settings import Settings
from services.runtime.words import SEVERITY, SEVERITY_COLOUR, STATE, Language, word

COLUMNS = ("alert", "raised", "severity", "state", "headline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alerts: those that meet all that is not None."""

    closed_too: bool
    severity: Severity | None
    system: str | None
    town: str | None
    limit: int

    @property
    def severities(self) -> list[str] | None:
        """The severity and those above it."""
        return None if self.severity is None else list(SEVERITIES[SEVERITY_RANK[self.severity] :])


async def print_list(settings: Settings, wanted: Wanted, language: Language) -> None:
    """Print the alerts as a table, and how many there are.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        rows = await connection.fetch(
            statement("alerts_list"),
            wanted.closed_too,
            wanted.severities,
            wanted.system,
            wanted.town,
            wanted.closed_too,
            wanted.limit,
        )
    console = screen.console()
    if rows:
        console.print(alerts_table(rows, language))
    console.print(_footer(rows, wanted, language))


def alerts_table(rows: list[asyncpg.Record], language: Language) -> Table:
    """One line per alert, wrapped where the headline is long."""
    table = screen.table(*(word(HEADING, column, language) for column in COLUMNS))
    for row in rows:
        table.add_row(
            screen.text(row["alert_id"][: screen.SHORT_ID]),
            screen.text(screen.local(row["raised_at"])),
            screen.text(word(SEVERITY, row["severity"], language), SEVERITY_COLOUR.get(row["severity"], "")),
            screen.text(_state(row, language)),
            screen.text(_headline(row, language)),
            style="dim" if row["closed_at"] is not None else "",
        )
    return table


def _state(row: asyncpg.Record, language: Language) -> str:
    """The ISA-18.2 letter and its words."""
    return f"{row['state']} {word(STATE, row['state'], language)}"


def _headline(row: asyncpg.Record, language: Language) -> str:
    marks = [word(MARK, mark, language) for mark in ("life_safety", "held") if row[mark]]
    said = f" [{', '.join(marks)}]" if marks else ""
    return f"{row['headline'][language]}{said}"


def _footer(rows: list[asyncpg.Record], wanted: Wanted, language: Language) -> str:
    found = rows[0]["found"] if rows else 0
    if language == "zh":
        what = "告警" if wanted.closed_too else "未关闭告警"
        return f"{found} 条{what},显示 {len(rows)} 条" if found > len(rows) else f"{found} 条{what}"
    what = "alerts" if wanted.closed_too else "open alerts"
    return f"{len(rows)} of {found} {what}" if found > len(rows) else f"{found} {what}"
