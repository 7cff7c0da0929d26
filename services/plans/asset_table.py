"""The size of a city, system by system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import RenderableType

from schemas.city import City
from schemas.city_stations import PointChange, StationFile, StationType
from services.plans.selection import is_reported, own_point
from services.plans.words import ALL, COLUMN
from services.runtime import screen
from services.runtime.words import Language


@dataclass(frozen=True, slots=True)
class Row:
    """A system, or all. ``readings_per_s`` is of points that report at intervals; others come on top."""

    name: str
    stations: int
    points: int
    towns: int
    links: int
    readings_per_s: float


def rows(city: City, language: Language) -> list[Row]:
    """A row for each system, then one for the whole."""
    types = {placed.item.type: placed.item for placed in city.station_types}
    stations = [placed.item for placed in city.stations]
    made = []
    for system in (placed.item for placed in city.systems):
        own = [station for station in stations if types[station.type].system == system.id]
        made.append(_row(getattr(system.name, language), city, own, types))
    return [*made, _row(ALL[language], city, stations, types)]


def table(city: City, language: Language) -> RenderableType:
    """The rows as people read them."""
    heads = [heading[language] for heading in COLUMN.values()]
    return screen.table(heads, map(_cells, rows(city, language)), figures=True)


def _row(name: str, city: City, stations: Sequence[StationFile], types: dict[str, StationType]) -> Row:
    ids = {station.id for station in stations}
    return Row(
        name=name,
        stations=len(stations),
        points=sum(len(types[station.type].points) for station in stations),
        towns=len({station.town for station in stations}),
        links=sum(len(link.item.to) for link in city.links if link.item.origin in ids),
        readings_per_s=sum(rate for station in stations for rate in _rates(station, types[station.type])),
    )


def _rates(station: StationFile, kind: StationType) -> Iterable[float]:
    for point in kind.points:
        if is_reported(point) and point.mode != "on_change":
            yield 1 / own_point(point, station.points.get(point.code, PointChange())).every_s


def _cells(row: Row) -> tuple[str, ...]:
    counts = (row.stations, row.points, row.towns, row.links)
    return (row.name, *map(str, counts), f"{row.readings_per_s:.2f}")
