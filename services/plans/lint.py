"""What a city's files say about each other: every contradiction at once, each with its place."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from schemas.base import FileModel
from schemas.city import City, Mistake, Placed, PointFile, RuleFile, StationFile, StationType
from services.plans.calendars import local_midnight_ms
from services.plans.compiler import watches
from services.plans.rule_lint import lint_rule

AHEAD_DAYS = 60
"""Calendars must reach this far beyond the instant that the lint is asked about."""


def lint(city: City, *, at_ms: int) -> list[Mistake]:
    """All mistakes of a city that parsed. ``at_ms`` is the instant it is to be used at (epoch ms)."""
    return [
        *_district(city),
        *_duplicates(city),
        *_station_types(city),
        *_stations(city),
        *_rules(city),
        *_calendars(city, at_ms),
    ]


def _district(city: City) -> Iterator[Mistake]:
    if city.district.time_zone not in available_timezones():
        text = f"unknown time zone {city.district.time_zone!r}; for example Asia/Shanghai"
        yield Mistake("district.yaml", ("time_zone",), text)


def _duplicates(city: City) -> Iterator[Mistake]:
    lists: Sequence[tuple[str, Sequence[Placed[FileModel]]]] = (
        ("code", city.towns),
        ("id", city.systems),
        ("id", city.organisations),
        ("type", city.station_types),
        ("id", city.stations),
        ("id", city.rules),
        ("calendar", city.calendars),
    )  # type: ignore[assignment]  # Placed is read only here
    for field, items in lists:
        seen: dict[str, Placed[FileModel]] = {}
        for placed in items:
            name = getattr(placed.item, field)
            if name in seen:
                yield placed.mistake(f"{name} stands in {seen[name].file} already; ids are unique", field)
            seen[name] = placed


def _station_types(city: City) -> Iterator[Mistake]:
    systems = {placed.item.id for placed in city.systems}
    for placed in city.station_types:
        kind = placed.item
        if kind.system not in systems:
            yield placed.mistake(_unknown("system", kind.system, systems), "system")
        for code, count in Counter(point.code for point in kind.points).items():
            if count > 1:
                yield placed.mistake(f"point {code} stands {count} times in {kind.type}", "points")
        for index, point in enumerate(kind.points):
            if point.range[0] >= point.range[1]:
                text = f"range {point.range} is empty: lower end first"
                yield placed.mistake(text, "points", index, "range")


def _stations(city: City) -> Iterator[Mistake]:
    types = {placed.item.type: placed.item for placed in city.station_types}
    known = {
        "type": set(types),
        "town": {placed.item.code for placed in city.towns},
        "owner": {placed.item.id for placed in city.organisations},
    }
    rules = {placed.item.id: placed.item for placed in city.rules}
    for placed in city.stations:
        station = placed.item
        for field, names in known.items():
            value = getattr(station, field)
            if value not in names:
                yield placed.mistake(_unknown(field, value, names), field)
        box = city.district
        if not (box.west <= station.lon <= box.east and box.south <= station.lat <= box.north):
            yield placed.mistake(f"{station.lat}, {station.lon} lies outside the district (WGS-84)", "lat")
        if station.type in types:
            yield from _changes(placed, types[station.type], rules)


def _changes(placed: Placed[StationFile], kind: StationType, rules: dict[str, RuleFile]) -> Iterator[Mistake]:
    points = {point.code: point for point in kind.points}
    for code, change in placed.item.points.items():
        if code not in points:
            yield placed.mistake(_unknown(f"point of {kind.type}", code, points), "points", code)
            continue
        for index, override in enumerate(change.overrides):
            rule = rules.get(override.rule)
            if rule is None or not watches(rule, kind, points[code]):
                text = f"{override.rule} does not watch {code}; it cannot be overridden here"
                yield placed.mistake(text, "points", code, "overrides", index, "rule")


def _rules(city: City) -> Iterator[Mistake]:
    calendars = {placed.item.calendar: placed.item for placed in city.calendars}
    types = [placed.item for placed in city.station_types]
    for placed in city.rules:
        rule = placed.item
        watched = [(kind, p) for kind in types for p in kind.points if watches(rule, kind, p)]
        yield from _selector(placed, types, watched)
        yield from lint_rule(placed, [point for _, point in watched])
        if rule.gate is not None and rule.gate.calendar not in calendars:
            yield placed.mistake(_unknown("calendar", rule.gate.calendar, calendars), "gate", "calendar")
        elif rule.gate is not None:
            phases = {phase.phase for phase in calendars[rule.gate.calendar].phases}
            for phase in sorted(set(rule.gate.phases) - phases):
                yield placed.mistake(_unknown("phase", phase, phases), "gate", "phases")


def _selector(
    placed: Placed[RuleFile], types: Iterable[StationType], watched: Sequence[tuple[StationType, PointFile]]
) -> Iterator[Mistake]:
    rule = placed.item
    if (rule.builtin is None) == (not rule.points):
        yield placed.mistake("a rule watches either points or one builtin point", "points")
        return
    names = {kind.type for kind in types}
    for index, name in enumerate(rule.stations):
        if name not in names:
            yield placed.mistake(_unknown("station type", name, names), "stations", index)
    found = {point.code for _, point in watched}
    codes = {point.code for kind in types for point in kind.points}
    for index, code in enumerate(rule.points):
        if code not in found:
            text = _unknown("point", code, codes) if code not in codes else f"no selected station has {code}"
            yield placed.mistake(text, "points", index)


def _calendars(city: City, at_ms: int) -> Iterator[Mistake]:
    zone = ZoneInfo(city.district.time_zone)
    needed = at_ms + round(timedelta(days=AHEAD_DAYS).total_seconds() * 1000)
    for placed in city.calendars:
        phases = placed.item.phases
        for index, (phase, after) in enumerate(zip(phases, [*phases[1:], None], strict=True)):
            if phase.start >= phase.end:
                yield placed.mistake(f"{phase.phase} ends before it begins", "phases", index)
            elif after is not None and after.start != phase.end:
                text = f"{after.phase} begins {after.start}, {phase.phase} ends {phase.end}: phases touch"
                yield placed.mistake(text, "phases", index + 1, "start")
        if local_midnight_ms(phases[-1].end, zone) < needed:
            text = f"ends {phases[-1].end}, less than {AHEAD_DAYS} days ahead: add the next season"
            yield placed.mistake(text, "phases", len(phases) - 1, "end")


def _unknown(what: str, name: str, names: Iterable[str]) -> str:
    shown = sorted(names)
    more = ", ..." if len(shown) > 8 else ""
    return f"unknown {what} {name!r}; there are {', '.join(shown[:8])}{more}"
