"""``miyun deliveries``: who was told of what, and who could not be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from rich.table import Table

from services.notifier.session import database
from services.notifier.statements import statement
from services.notifier.words import CHANNEL, HEADING, KIND, STATE
from services.runtime import screen
from services.runtime.settings import Settings
from services.runtime.words import Language, word

COLUMNS = ("at", "alert", "kind", "recipient", "channel", "state", "attempts", "said")
COLOUR = {"failed": "red", "waiting": "yellow", "sending": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages. ``alert``: the beginning of an id."""

    failed: bool
    alert: str | None
    limit: int


async def print_list(settings: Settings, wanted: Wanted, language: Language) -> None:
    """Print the messages as a table, and how many there are.

    Raises:
        StopProcessError: the database is not there, or the namespace has no outbox.
    """
    prefix = None if wanted.alert is None else wanted.alert.lower()
    async with database(settings) as connection:
        rows = await connection.fetch(statement("deliveries"), wanted.failed, prefix, wanted.limit)
    console = screen.console()
    if rows:
        console.print(_table(rows, language))
    found = rows[0]["found"] if rows else 0
    console.print(
        f"{found} 条消息,显示 {len(rows)} 条" if language == "zh" else f"{len(rows)} of {found} messages"
    )


def _table(rows: Sequence[asyncpg.Record], language: Language) -> Table:
    table = screen.table(*(word(HEADING, column, language) for column in COLUMNS))
    for row in rows:
        table.add_row(
            screen.text(screen.local(row["at"])[5:]),
            screen.text(f"{row['alert_id'][: screen.SHORT_ID]}:{row['seq']}"),
            screen.text(word(KIND, row["kind"], language)),
            screen.text(screen.shortened(row["recipient"])),
            screen.text(word(CHANNEL, row["channel"], language)),
            screen.text(word(STATE, row["state"], language), COLOUR.get(row["state"], "")),
            screen.text(row["attempts"]),
            screen.text(_said(row, language)),
        )
    return table


def _said(row: asyncpg.Record, language: Language) -> str:
    """The headline, after the reason why the last attempt did not succeed."""
    headline: str = row["headline"][language]
    return f"({row['reason']}) {headline}" if row["reason"] else headline
