"""The size of a city, system by system."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from schemas.city.files import City
from schemas.city.stations import PointChange, StationFile, StationType
from services.plans.compile.selectors import is_reported, own_point
from services.plans.words import ALL, COLUMN
from services.runtime import screen
from services.runtime.words import Language


def table(city: City, language: Language) -> RenderableType:
    """A row for each system, then one for the whole."""
    types = {placed.item.type: placed.item for placed in city.station_types}
    stations = [placed.item for placed in city.stations]
    rows = []
    for system in (placed.item for placed in city.systems):
        own = [station for station in stations if types[station.type].system == system.id]
        rows.append(_row(getattr(system.name, language), city, own, types))
    heads = [heading[language] for heading in COLUMN.values()]
    return screen.table(heads, [*rows, _row(ALL[language], city, stations, types)], figures=True)


def _row(
    name: str, city: City, stations: Sequence[StationFile], types: dict[str, StationType]
) -> screen.TableRow:
    """The readings per second are of points that report at intervals; others come on top."""
    ids = {station.id for station in stations}
    counts = (
        len(stations),
        sum(len(types[station.type].points) for station in stations),
        len({station.town for station in stations}),
        sum(len(link.item.to) for link in city.links if link.item.origin in ids),
    )
    per_s = sum(rate for station in stations for rate in _rates(station, types[station.type]))
    return (name, *map(str, counts), f"{per_s:.2f}")


def _rates(station: StationFile, kind: StationType) -> Iterable[float]:
    for point in kind.points:
        if is_reported(point) and point.mode != "on_change":
            yield 1 / own_point(point, station.points.get(point.code, PointChange())).every_s
