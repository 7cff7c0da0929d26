"""What ``miyun coverage`` prints: our own lag first, shares, then each kind of what is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from services.cli.coverage import Behind, By, Coverage, QuietStation, Share, SilentPoint, SilentSource, shares
from services.cli.coverage_words import REMEDY, SAY, TITLE, WHO
from services.cli.times import both
from services.runtime import screen
from services.runtime.words import Language, word

NOTHING_EXPECTED = "·"
Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How it is to be shown."""

    coverage: Coverage
    by: By
    language: Language
    limit: int

    def say(self, key: str, *parts: object) -> str:
        """Words of the page."""
        return SAY[key][self.language].format(*parts)

    def town(self, code: str) -> str:
        """A town's name, or its code."""
        return word(self.coverage.towns, code, self.language)

    def system(self, code: str) -> str:
        """A system's name, or its code."""
        return word(self.coverage.systems, code, self.language)

    def moment(self, at: datetime | None) -> str:
        """In the city's time."""
        return self.say("never") if at is None else screen.local(at)


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of what is missing, and how one of it becomes a line."""

    kind: str
    found: Sequence[Any]
    columns: Cells
    cells: Callable[[Page, Any], Cells]


def show(page: Page) -> None:
    """Print it."""
    console = screen.console()
    _show_lag(page, console)
    console.print()
    console.print(page.say("share"))
    console.print(_matrix(page) if page.by == "both" else _lines(page))
    coverage = page.coverage
    total = _total(page)
    if total.seen == total.expected:
        stations = sum(count.stations for count in coverage.counts)
        order = (stations, total.expected) if page.language == "zh" else (total.expected, stations)
        console.print(page.say("all_heard", *order))
    for section in _sections(coverage):
        _show_missing(page, console, section)


def _sections(coverage: Coverage) -> list[Section]:
    """What is missing, from the largest to the smallest, each finding once."""
    place = ("station", "system", "town", "since", "heard")
    return [
        Section("sources", coverage.sources, ("source", "stations", "since", "system"), _source),
        Section("silent", coverage.in_state("silent"), (*place, "place"), _station),
        Section("points", coverage.points, (*place, "point"), _point),
        Section("unheard", coverage.in_state("unheard"), (*place, "place"), _station),
    ]


def _show_lag(page: Page, console: Console) -> None:
    """At the top: nobody is to take our lag for a silent city."""
    at = page.coverage.at
    now = page.say("no_clock") if at is None else page.say("now", both(at))
    console.print(screen.text("; ".join([now, *(_lag(page, one) for one in page.coverage.behind)])))
    if not all(one.well for one in page.coverage.behind):
        console.print(screen.text(page.say("our_lag"), "bold red"))
        console.print(screen.text(f"-> {page.say('our_lag_remedy')}"))


def _lag(page: Page, behind: Behind) -> str:
    who = word(WHO, behind.who, page.language)
    if behind.lag is None:
        return page.say("lag_unknown", who, behind.failure)
    return page.say("lag", who, behind.lag.total) if behind.lag.begun else page.say("not_begun", who)


def _total(page: Page) -> Share:
    return sum((count.share for count in page.coverage.counts), Share())


def _matrix(page: Page) -> Table:
    """Towns by systems."""
    found = shares(page.coverage.counts, "both")
    systems = _systems(page)
    by_system, by_town = shares(page.coverage.counts, "system"), shares(page.coverage.counts, "town")
    table = _figures(page.say("town"), *map(page.system, systems), page.say("total"))
    for town in sorted({count.town_code for count in page.coverage.counts}):
        cells = [found.get((system, town), Share()) for system in systems]
        _add(table, page.town(town), [*cells, by_town[None, town]])
    _add(table, page.say("total"), [*(by_system[system, None] for system in systems), _total(page)])
    return table


def _lines(page: Page) -> Table:
    """Systems or towns, one a line."""
    table = _figures(page.say(page.by), page.say("percent"), page.say("points_seen"))
    for name, share in _named(page):
        table.add_row(screen.text(name), _percent(share), f"{share.seen} / {share.expected}")
    return table


def _named(page: Page) -> Iterator[tuple[str, Share]]:
    found = shares(page.coverage.counts, page.by)
    for (system, town), share in sorted(found.items(), key=lambda item: _rank(page, item[0])):
        yield (page.town(town) if town is not None else page.system(system or "")), share
    yield page.say("total"), _total(page)


def _rank(page: Page, key: tuple[str | None, str | None]) -> tuple[int, str]:
    system, town = key
    return (_systems(page).index(system) if system is not None else 0), town or ""


def _systems(page: Page) -> list[str]:
    """As the city orders them, then others."""
    there, named = {count.system for count in page.coverage.counts}, page.coverage.systems
    return [*(code for code in named if code in there), *sorted(there - set(named))]


def _figures(first: str, *others: str) -> Table:
    table = Table(box=screen.PLAIN, show_edge=False, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _add(table: Table, name: str, cells: Sequence[Share]) -> None:
    table.add_row(screen.text(name), *(screen.text(_percent(cell), _colour(cell)) for cell in cells))


def _percent(share: Share) -> str:
    return NOTHING_EXPECTED if share.percent is None else f"{share.percent:g}%"


def _colour(share: Share) -> str:
    return "" if share.percent in (None, 100) else "yellow" if share.seen else "red"


def _show_missing(page: Page, console: Console, section: Section) -> None:
    if not section.found:
        return
    title = TITLE[section.kind][page.language].format(len(section.found))
    table = screen.table(*map(page.say, section.columns), title=title)
    for one in section.found[: page.limit]:
        table.add_row(*map(screen.text, section.cells(page, one)))
    console.print()
    console.print(table)
    if len(section.found) > page.limit:
        console.print(page.say("more", len(section.found) - page.limit))
    console.print(screen.text(f"-> {REMEDY[section.kind][page.language]}"))


def _source(page: Page, one: SilentSource) -> Cells:
    systems = ", ".join(map(page.system, one.systems))
    return screen.shortened(one.source), str(one.stations), page.moment(one.since), systems


def _station(page: Page, one: QuietStation) -> Cells:
    since = page.moment(one.since) if one.since is not None else "-"
    name = one.name[page.language]
    return (
        one.station_id,
        page.system(one.system),
        page.town(one.town_code),
        since,
        page.moment(one.heard),
        name,
    )


def _point(page: Page, one: SilentPoint) -> Cells:
    where = one.station_id, page.system(one.system), page.town(one.town_code)
    what = f"{one.point_name[page.language]} {one.point} · {one.name[page.language]}"
    return *where, page.moment(one.since), page.moment(one.heard), what
