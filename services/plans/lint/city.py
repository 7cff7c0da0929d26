"""Lints a city: every contradiction between its files at once, each with its place."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.base import FileModel
from schemas.city.files import City, Mistake, Placed
from services.plans.lint.assets import asset_mistakes, located
from services.plans.lint.calendars import calendar_mistakes
from services.plans.lint.messages import unknown
from services.plans.lint.selectors import watch_mistakes
from services.plans.lint.station_types import type_mistakes
from services.plans.lint.stations import station_mistakes


def lint(city: City, *, at_ms: int | None) -> list[Mistake]:
    """All mistakes of a city that parsed, for use at an instant (epoch ms; None: whatever the date)."""
    zone = _zone(city)
    found = [
        *_district(city, zone),
        *_duplicates(city),
        *_references(city),
        *type_mistakes(city),
        *station_mistakes(city, at_ms=at_ms, zone=zone),
        *asset_mistakes(city),
        *watch_mistakes(city),
        *calendar_mistakes(city, at_ms=at_ms, zone=zone),
    ]
    return list(dict.fromkeys(found))


def _zone(city: City) -> ZoneInfo | None:
    try:
        return ZoneInfo(city.district.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _district(city: City, zone: ZoneInfo | None) -> Iterator[Mistake]:
    district = city.district
    if zone is None:
        text = f"unknown time zone {district.time_zone!r}; for example Asia/Shanghai"
        yield Mistake("district.yaml", ("time_zone",), text)
    for low, high in (("west", "east"), ("south", "north")):
        if getattr(district, low) >= getattr(district, high):
            text = f"{getattr(district, low):g} is not below {high} ({getattr(district, high):g})"
            yield Mistake("district.yaml", (low,), text)


def _duplicates(city: City) -> Iterator[Mistake]:
    lists: Sequence[tuple[str, Sequence[Placed[FileModel]]]] = (
        ("code", city.towns),
        ("id", city.systems),
        ("id", city.organisations),
        ("type", city.station_types),
        ("id", (*city.stations, *city.key_users, *city.valves)),  # people say these over the phone
        ("id", city.rules),
        ("calendar", city.calendars),
        ("id", city.roads),
    )
    for field, items in lists:
        seen: dict[str, Placed[FileModel]] = {}
        for placed in items:
            name = getattr(placed.item, field)
            if name in seen:
                yield placed.mistake(f"{name} stands in {seen[name].file} already; ids are unique", field)
            seen[name] = placed


def _references(city: City) -> Iterator[Mistake]:
    """An id by which an item refers to another is one of the city's."""
    known = {
        "type": {placed.item.type for placed in city.station_types},
        "owner": {placed.item.id for placed in city.organisations},
        "road": {placed.item.id for placed in city.roads},
        "town": {placed.item.code for placed in city.towns},
        "system": {placed.item.id for placed in city.systems},
    }
    for placed in (*city.station_types, *located(city)):
        for field, names in known.items():
            name = getattr(placed.item, field, None)
            if name is not None and name not in names:
                yield placed.mistake(unknown(field, name, names), field)
