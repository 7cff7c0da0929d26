"""``miyun rejects show``: one rejected record, with its original."""

import sys
from collections.abc import Iterator

import asyncpg
from rich.table import Table

from services.recorder.session import database
from services.recorder.statements import statement
from services.runtime import screen
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

SHOWN_CHARACTERS = 8_000
HEX_BYTES = 512
HEX_LINE = 16


async def print_page(settings: Settings, number: int, *, raw: bool) -> None:
    """Print reject ``number``; ``raw``: only the stored bytes of the original.

    Raises:
        StopProcessError: there is no such reject, or the database is not there.
    """
    async with database(settings) as connection:
        row = await connection.fetchrow(statement("reject_page"), number)
    if row is None:
        raise StopProcessError(f"there is no reject {number}: miyun rejects list shows the latest")
    if raw:
        sys.stdout.buffer.write(row["original"])
        return
    console = screen.console()
    console.print(_facts(row))
    for line in _original(row):
        console.print(screen.text(line), soft_wrap=True)


def _facts(row: asyncpg.Record) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    told = {
        "reject": row["id"],
        "rejected": screen.local(row["rejected_at"]),
        "source": row["source"],
        "station": row["station_id"] or "",
        "reason": row["reason"],
        "detail": row["detail"],
        "from": f"{row['topic']}, partition {row['partition']}, offset {row['offset']}",
    }
    for name, words in told.items():
        lines.add_row(name, screen.text(words))
    for name, words in sorted(row["headers"].items()):
        lines.add_row(screen.text(f"header {name}"), screen.text(words))
    return lines


def _original(row: asyncpg.Record) -> Iterator[str]:
    original: bytes = row["original"]
    cut = f", the first {len(original)} stored" if row["original_bytes"] > len(original) else ""
    yield f"original, {row['original_bytes']} bytes{cut}:"
    try:
        words = original.decode()
    except UnicodeDecodeError:
        yield from _dump(original)
        return
    yield from words[:SHOWN_CHARACTERS].splitlines()
    if len(words) > SHOWN_CHARACTERS:
        yield f"… {len(words) - SHOWN_CHARACTERS} more characters: --raw prints all that is stored"


def _dump(original: bytes) -> Iterator[str]:
    """Bytes that are no text: as hexadecimal numbers and, where there are some, characters."""
    for start in range(0, min(len(original), HEX_BYTES), HEX_LINE):
        line = original[start : start + HEX_LINE]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)  # ASCII
        yield f"{start:06x}  {line.hex(' '):<{3 * HEX_LINE}}{shown}"
    if len(original) > HEX_BYTES:
        yield f"… {len(original) - HEX_BYTES} more bytes: --raw prints all that are stored"
