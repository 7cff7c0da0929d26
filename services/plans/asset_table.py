"""The size of a city, system by system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.city.files import City
from schemas.city.stations import PointChange, StationFile, StationType
from services.plans.compile.selectors import is_reported, own_point

HEADS = ("system", "stations", "points", "towns", "links", "readings/s")


@dataclass(frozen=True, slots=True)
class Row:
    """A system, or all. ``readings_per_s`` is of points that report at intervals; others come on top."""

    name: str
    stations: int
    points: int
    towns: int
    links: int
    readings_per_s: float


def rows(city: City) -> list[Row]:
    """A row for each system, then one for the whole."""
    types = {placed.item.type: placed.item for placed in city.station_types}
    stations = [placed.item for placed in city.stations]
    made = []
    for system in (placed.item.id for placed in city.systems):
        own = [station for station in stations if types[station.type].system == system]
        made.append(_row(system, city, own, types))
    return [*made, _row("all", city, stations, types)]


def table(city: City) -> list[str]:
    """The rows as lines that people read."""
    cells = [HEADS, *(_cells(row) for row in rows(city))]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(_padded(line, widths)) for line in cells]


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


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = [*zip(line, widths, strict=True)]
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]
