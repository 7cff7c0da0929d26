"""``miyun rejects list``."""

from collections.abc import Sequence

import asyncpg
from rich.table import Table

from services.recorder.session import database
from services.recorder.statements import statement
from services.runtime import screen
from services.runtime.settings import Settings


async def print_list(settings: Settings, *, reason: str | None, source: str | None, limit: int) -> None:
    """Print the newest rejects as a table, and how many there are.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        rows = await connection.fetch(statement("rejects_list"), reason, source, limit)
    console = screen.console()
    if rows:
        console.print(_table(rows))
    found = rows[0]["found"] if rows else 0
    console.print(f"{len(rows)} of {found} rejects" if found > len(rows) else f"{found} rejects")


def _table(rows: Sequence[asyncpg.Record]) -> Table:
    table = screen.table("id", "rejected", "source", "reason", "from", "bytes", "detail")
    for row in rows:
        table.add_row(
            str(row["id"]),
            screen.text(screen.local(row["rejected_at"])),
            screen.text(screen.shortened(row["source"])),
            screen.text(row["reason"], "yellow"),
            screen.text(f"{row['topic']} {row['partition']}:{row['offset']}"),
            str(row["original_bytes"]),
            screen.text(row["detail"]),
        )
    return table
