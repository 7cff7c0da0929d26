"""The page of ``miyun coverage --instruments``: each way to misbehave, whose it is, and what to do."""

from dataclasses import dataclass

import asyncpg

from services.cli.shown.instrument_words import HOW, INSTRUMENTS, REMEDY
from services.cli.shown.instruments import Instruments
from services.runtime import screen
from services.runtime.words import REJECT, Language, word

COLUMNS = ("station", "name", "point", "source", "since", "last", "times", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was found and the options of its page."""

    instruments: Instruments
    language: Language
    limit: int

    def say(self, key: str, *parts: object) -> str:
        """Words of the page."""
        return INSTRUMENTS[key][self.language].format(*parts)

    def how(self, how: str) -> str:
        """What is wrong, in words, and as other commands call it."""
        words = HOW if how in HOW else REJECT
        return f"{word(words, how, self.language)} ({how})"


def show(page: Page) -> None:
    """Print it: what hides most comes first, each way under its own heading."""
    found = page.instruments
    since = screen.both_zones(round(found.since.timestamp() * 1000), found.zone)
    if not found.found:
        screen.show(page.say("none", since))
        return
    screen.show(page.say("some", found.stations, since))
    ways = found.ways
    for how in (*(one for one in REMEDY if one in ways), *(one for one in ways if one not in REMEDY)):
        _show_way(page, how, ways[how])


def _show_way(page: Page, how: str, rows: list[asyncpg.Record]) -> None:
    title = f"{page.how(how)}: {len(rows)}"
    cells = [_cells(page, one) for one in rows[: page.limit]]
    screen.show("", screen.table(map(page.say, COLUMNS), cells, title=title))
    if len(rows) > page.limit:
        screen.show(page.say("more", len(rows) - page.limit))
    if how in REMEDY:
        screen.show(screen.text(f"-> {REMEDY[how][page.language]}"))


def _cells(page: Page, one: asyncpg.Record) -> screen.TableRow:
    zone = page.instruments.zone
    last = page.say("still") if one["last"] is None else screen.local(one["last"], zone)
    return (
        one["station_id"] or "-",
        one["station_name"][page.language] if one["station_name"] else "-",
        one["point"] or "-",
        one["source"] or "-",
        screen.local(one["since"], zone),
        last,
        str(one["times"]),
        one["words"][page.language],
    )
