"""``miyun deliveries``: who was told of what, and who could not be reached."""

import asyncpg

from services.cli.shown.lists import show_list
from services.cli.shown.words import DELIVERY
from services.runtime import screen
from services.runtime.command_line import database
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import MESSAGE_KIND, Language, word

COLUMNS = ("at", "alert", "message", "channel", "state", "recipient", "said")
COLOUR = {"failed": "red", "waiting": "yellow", "sending": "yellow"}


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
    show_list("messages", found, COLUMNS, _cells, language)


def _cells(row: asyncpg.Record, language: Language) -> screen.TableRow:
    """The headline stands after the reason why the last attempt did not succeed."""
    headline: str = row["headline"][language]
    state = word(DELIVERY, row["state"], language)
    tried = f"{state} ×{row['attempts']}" if row["attempts"] > 1 else state
    return (
        screen.local(row["at"])[5:],
        f"{screen.short_id(row['alert_id'])}:{row['seq']}",
        word(MESSAGE_KIND, row["kind"], language),
        row["channel"][language],
        screen.text(tried, COLOUR.get(row["state"], "")),
        row["recipient"],
        f"({row['reason']}) {headline}" if row["reason"] else headline,
    )
