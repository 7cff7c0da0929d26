"""``miyun rejects show``: one record that could not be taken, with its original."""

import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import asyncpg

from services.cli.shown.lists import reject_reason
from services.cli.shown.words import FOUND, HEADING, PAGE
from services.runtime import screen
from services.runtime.clock import city_zone
from services.runtime.command_line import database
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import Language, sentence

SHOWN_CHARACTERS = 8_000
HEX_BYTES = 512
HEX_LINE = 16


async def show_reject(settings: Settings, number: int, language: Language, *, raw: bool) -> None:
    """Print reject ``number``; ``raw``: only the stored bytes of the original.

    Raises:
        StopProcessError: there is no such reject, or the database is not there.
    """
    async with database(settings) as connection:
        row = await connection.fetchrow(queries(__package__)["reject_page"], number)
        zone = await city_zone(connection)
    if row is None:
        raise StopProcessError(sentence(FOUND, "no_reject", number=number))
    if raw:
        sys.stdout.buffer.write(row["original"])
    else:
        screen.show(screen.facts(_facts(row, language, zone)))
        screen.show(*map(screen.text, _original(row, language)), whole=True)


def _facts(row: asyncpg.Record, language: Language, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    place = {name: row[name] for name in ("topic", "partition", "offset")}
    facts = {
        "reject": str(row["id"]),
        "rejected": screen.local(row["rejected_at"], zone),
        "source": row["source"],
        "station": row["station_id"] or "",
        "reason": reject_reason(row, language),
        "detail": row["detail"],
        "from": sentence(PAGE, "origin", **place)[language],
    }
    yield from ((HEADING[name][language], words) for name, words in facts.items())
    for name, value in sorted(row["headers"].items()):
        yield PAGE["header"][language].format(name), value


def _original(row: asyncpg.Record, language: Language) -> Iterator[str]:
    original: bytes = row["original"]
    key = "original_cut" if row["original_bytes"] > len(original) else "original"
    yield sentence(PAGE, key, bytes=row["original_bytes"], stored=len(original))[language]
    try:
        words = original.decode()
    except UnicodeDecodeError:
        yield from _dump(original)
        more = len(original) - HEX_BYTES
    else:
        yield from words[:SHOWN_CHARACTERS].splitlines()
        more = len(words) - SHOWN_CHARACTERS
    if more > 0:
        yield PAGE["more"][language].format(more)


def _dump(original: bytes) -> Iterator[str]:
    """Bytes that are no text: as hexadecimal numbers and, where there are some, characters."""
    for start in range(0, min(len(original), HEX_BYTES), HEX_LINE):
        line = original[start : start + HEX_LINE]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)  # ASCII
        yield f"{start:06x}  {line.hex(' '):<{3 * HEX_LINE}}{shown}"
