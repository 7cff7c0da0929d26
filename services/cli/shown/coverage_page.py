"""The page of ``miyun coverage``: our own lag first, shares, then each kind of what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from rich.console import RenderableType
from rich.text import Text

from services.cli.checks.lag import Lag
from services.cli.shown.coverage import By, Coverage
from services.cli.shown.words import COVERAGE, REMEDY, TITLE, WHO
from services.runtime import screen
from services.runtime.words import Language, joined, one_line, word

NOTHING_EXPECTED = "·"
PLACE = ("station", "system", "town", "since", "heard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The coverage and the options of its page."""

    coverage: Coverage
    by: By
    language: Language
    limit: int

    def say(self, key: str, *parts: object) -> str:
        """Words of the page."""
        return COVERAGE[key][self.language].format(*parts)

    def town(self, code: str) -> str:
        """A town's name, or its code."""
        return word(self.coverage.towns, code, self.language)

    def system(self, code: str) -> str:
        """A system's name, or its code."""
        return word(self.coverage.systems, code, self.language)

    def moment(self, at: datetime | None) -> str:
        """In the city's time."""
        return self.say("never") if at is None else screen.local(at, self.coverage.zone)


def show(page: Page) -> None:
    """Print it: what is missing from the largest to the smallest, each finding once."""
    coverage = page.coverage
    screen.show(
        *_lag_lines(page), "", page.say("share"), _matrix(page) if page.by == "both" else _lines(page)
    )
    total = coverage.total
    if total["seen"] == total["expected"]:
        heard = COVERAGE["all_heard"][page.language]
        screen.show(heard.format(stations=total["stations"], points=total["expected"]))
    _show_missing(page, "sources", coverage.sources, ("source", "stations", "since", "system"))
    _show_missing(page, "silent", coverage.in_state("silent"), (*PLACE, "place"))
    _show_missing(page, "points", coverage.points, (*PLACE, "point"))
    _show_missing(page, "unheard", coverage.in_state("unheard"), (*PLACE, "place"))


def _lag_lines(page: Page) -> Iterator[Text]:
    """At the top: nobody is to take our lag for a silent city."""
    at = page.coverage.at
    now = page.say("no_clock") if at is None else page.say("now", screen.both_zones(at, page.coverage.zone))
    lags = page.coverage.lags
    yield screen.text(joined([now, *(_lag(page, name, lag) for name, lag in lags.items())], page.language))
    if not all(lag.well for lag in lags.values()):
        yield screen.text(page.say("our_lag"), "bold red")
        yield screen.text(f"-> {page.say('our_lag_remedy')}")


def _lag(page: Page, name: str, lag: Lag) -> str:
    who = word(WHO, name, page.language)
    if lag.failure is not None:
        return page.say("lag_unknown", who, one_line(lag.failure, page.language))
    return page.say("lag", who, lag.total) if lag.begun else page.say("not_begun", who)


def _matrix(page: Page) -> RenderableType:
    """Towns by systems."""
    shares, systems = page.coverage.shares, _systems(page)
    rows: list[screen.TableRow] = [
        (page.town(town or ""), *(_share(shares.get((system, town))) for system in (*systems, None)))
        for _, town in page.coverage.shares_by("town")
    ]
    rows.append((page.say("total"), *(_share(shares[system, None]) for system in (*systems, None))))
    heads = (page.say("town"), *map(page.system, systems), page.say("total"))
    return screen.table(heads, rows, figures=True)


def _lines(page: Page) -> RenderableType:
    """Systems or towns, one a line."""
    shares = page.coverage.shares
    if page.by == "system":
        named = [(page.system(system), shares[system, None]) for system in _systems(page)]
    else:
        named = [
            (page.town(town or ""), share) for (_, town), share in page.coverage.shares_by("town").items()
        ]
    named.append((page.say("total"), page.coverage.total))
    rows = [(name, _share(share), f"{share['seen']} / {share['expected']}") for name, share in named]
    return screen.table((page.say(page.by), page.say("percent"), page.say("points_seen")), rows, figures=True)


def _systems(page: Page) -> list[str]:
    """As the city orders them, then others."""
    there = {system for system, _ in page.coverage.shares_by("system") if system is not None}
    named = page.coverage.systems
    return [*(code for code in named if code in there), *sorted(there - set(named))]


def _share(share: asyncpg.Record | None) -> Text:
    if share is None or share["percent"] is None:
        return screen.text(NOTHING_EXPECTED)
    colour = "" if share["percent"] == 100 else "yellow" if share["seen"] else "red"
    return screen.text(f"{share['percent']:g}%", colour)


def _show_missing(page: Page, kind: str, found: Sequence[asyncpg.Record], columns: Sequence[str]) -> None:
    if not found:
        return
    title = TITLE[kind][page.language].format(len(found))
    rows = [_cells(page, one) for one in found[: page.limit]]
    screen.show("", screen.table(map(page.say, columns), rows, title=title))
    if len(found) > page.limit:
        screen.show(page.say("more", len(found) - page.limit))
    screen.show(screen.text(f"-> {REMEDY[kind][page.language]}"))


def _cells(page: Page, one: asyncpg.Record) -> screen.TableRow:
    """A source, a station, or a point of one."""
    if "source" in one:
        systems = joined(map(page.system, one["systems"]), page.language)
        return one["source"], str(one["stations"]), page.moment(one["since"]), systems
    since = page.moment(one["since"]) if one["since"] is not None else "-"
    what = one["name"][page.language]
    if "point" in one:
        what = f"{one['point_name'][page.language]} {one['point']} · {what}"
    where = one["station_id"], page.system(one["system"]), page.town(one["town_code"])
    return *where, since, page.moment(one["heard"]), what
