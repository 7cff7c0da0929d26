"""Mistakes of the assets as a whole: where they stand, what they are called, what hangs on what."""

from collections.abc import Iterator, Sequence

from schemas.base import Bilingual, FileModel, km_between
from schemas.city.files import City, Mistake, Path, Placed
from schemas.city.places import KeyUserFile, ValveFile
from schemas.city.stations import StationFile
from services.plans.lint.links import link_mistakes

FAR_KM = 15.0
"""Farther from its town's centre a station stands in another town, or has its coordinates swapped."""


def asset_mistakes(city: City) -> Iterator[Mistake]:
    """All mistakes of towns, roads, stations, valves, key users and links that parsed."""
    yield from _blank(city)
    yield from _unplaced(city)
    yield from _far(city)
    yield from _doubles(city)
    yield from _empty_systems(city)
    yield from link_mistakes(city)


def _blank(city: City) -> Iterator[Mistake]:
    """A name, address, guidance or note of spaces in one language is none."""
    named: Sequence[Placed[FileModel]] = (
        Placed(city.district, "district.yaml", ()),
        *city.towns, *city.systems, *city.organisations, *city.roads, *city.station_types,
        *city.stations, *city.valves, *city.key_users, *city.rules,
    )  # fmt: skip
    for placed in named:
        for path, words in _words(placed.item, ()):
            for language in ("zh", "en"):
                if not getattr(words, language).strip():
                    yield placed.mistake(f"{path[-1]} is empty in {language}: write both", *path, language)


def _words(value: object, path: Path) -> Iterator[tuple[Path, Bilingual]]:
    """All words in two languages inside an item, and where they stand in it."""
    match value:
        case Bilingual():
            yield path, value
        case FileModel():
            for field in type(value).model_fields:
                yield from _words(getattr(value, field), (*path, field))
        case list() | tuple():
            for index, one in enumerate(value):
                yield from _words(one, (*path, index))
        case dict():
            for key, one in value.items():
                yield from _words(one, (*path, key))


def _unplaced(city: City) -> Iterator[Mistake]:
    """Stations, valves and key users stand in the district."""
    box = city.district
    for placed in located(city):
        item = placed.item
        if not (box.west <= item.lon <= box.east and box.south <= item.lat <= box.north):
            text = (
                f"{item.lat}, {item.lon} lies outside the district: "
                f"lat {box.south:g} to {box.north:g}, lon {box.west:g} to {box.east:g} (WGS-84)"
            )
            yield placed.mistake(text, "lat")


def _far(city: City) -> Iterator[Mistake]:
    """Nothing stands far from its town's centre, of which both coordinates are told or none."""
    for town_placed in city.towns:
        if (town_placed.item.lat is None) != (town_placed.item.lon is None):
            yield town_placed.mistake("lat and lon of its centre, or neither", "code")
    towns = {placed.item.code: placed.item for placed in city.towns}
    for placed in located(city):
        town = towns.get(placed.item.town)
        if town is None or town.lat is None or town.lon is None:
            continue
        km = km_between((placed.item.lat, placed.item.lon), (town.lat, town.lon))
        if km > FAR_KM:
            text = f"{km:.1f} km from the centre of {town.name.en}: another town, or other coordinates"
            yield placed.mistake(text, "town")


def located(city: City) -> Sequence[Placed[StationFile] | Placed[ValveFile] | Placed[KeyUserFile]]:
    """Whatever has coordinates and a town."""
    return (*city.stations, *city.valves, *city.key_users)


def _doubles(city: City) -> Iterator[Mistake]:
    """The same facility entered twice: a type twice at one place, a name twice in one town."""
    places: dict[tuple[str, float, float], str] = {}
    names: dict[tuple[str, str, str], str] = {}
    for placed in city.stations:
        station = placed.item
        first = places.setdefault((station.type, station.lat, station.lon), station.id)
        if first != station.id:
            yield placed.mistake(f"stands where {first} stands, of the same type", "lat")
        for language in ("zh", "en"):
            name = getattr(station.name, language)
            first = names.setdefault((station.town, language, name), station.id)
            if first != station.id:
                text = f"{first} of the same town is called {name!r} too: number them"
                yield placed.mistake(text, "name", language)


def _empty_systems(city: City) -> Iterator[Mistake]:
    systems = {placed.item.type: placed.item.system for placed in city.station_types}
    used = {systems.get(placed.item.type) for placed in city.stations}
    for placed in city.systems:
        if placed.item.id not in used:
            yield placed.mistake(f"{placed.item.id} has no stations: add some, or leave it out", "id")
