"""What a city's files say about each other: every contradiction at once, each with its place."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.base import FileModel
from schemas.city import Calendar, City, Mistake, Placed, PointFile, RuleFile, StationType
from schemas.plan import Measure
from services.plans.calendars import gate_intervals, local_midnight_ms
from services.plans.rule_lint import rule_mistakes
from services.plans.selection import watches
from services.plans.station_lint import station_mistakes
from services.plans.wording import unknown
from services.rules.index import CLOCK_POINT, CLOCK_RULE, REJECT_POINT, REJECT_RULE

AHEAD_DAYS = 60
"""Calendars must reach this far beyond the instant that the lint is asked about."""
BUILTIN = {CLOCK_POINT: (CLOCK_RULE, "s"), REJECT_POINT: (REJECT_RULE, "%")}
"""The engine's own points: the one rule that watches each, and the unit."""


def lint(city: City, *, at_ms: int | None) -> list[Mistake]:
    """All mistakes of a city that parsed, for use at an instant (epoch ms; None: whatever the date)."""
    zone = _zone(city)
    found = [
        *_district(city, zone),
        *_duplicates(city),
        *_station_types(city),
        *station_mistakes(city, at_ms=at_ms, zone=zone),
        *_rules(city),
        *_gates(city, zone),
        *_phases(city),
    ]
    if at_ms is not None and zone is not None:
        found += _reach(city, at_ms, zone)
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
            yield placed.mistake(unknown("system", kind.system, systems), "system")
        for code, count in Counter(point.code for point in kind.points).items():
            if count > 1:
                yield placed.mistake(f"point {code} stands {count} times in {kind.type}", "points")
        for index, point in enumerate(kind.points):
            if point.range[0] >= point.range[1]:
                text = f"range {point.range} is empty: lower end first"
                yield placed.mistake(text, "points", index, "range")


def _rules(city: City) -> Iterator[Mistake]:
    types = [placed.item for placed in city.station_types]
    for placed in city.rules:
        rule = placed.item
        watched = [(kind, p) for kind in types for p in kind.points if watches(rule, kind, p)]
        if rule.builtin is not None or rule.id in dict(BUILTIN.values()):
            yield from _builtin(placed)
        elif not rule.points:
            yield placed.mistake("a rule watches points, or one builtin point", "points")
        yield from _selector(placed, types, watched)
        yield from _stations(city, placed, watched)
        for path, text in rule_mistakes(rule, rule.levels, [point for _, point in watched]):
            yield placed.mistake(text, *path)
        if rule.life_safety and rule.gate is not None:
            yield placed.mistake("a life-safety rule is never gated: danger knows no season", "gate")


def _builtin(placed: Placed[RuleFile]) -> Iterator[Mistake]:
    """A builtin point is watched by the one rule that the engine looks for, as a plain value."""
    rule = placed.item
    if rule.points or rule.stations:
        yield placed.mistake("a builtin point is everywhere: no points, no stations", "points")
    if rule.builtin not in BUILTIN:
        needed = next((point for point, (id_, _) in BUILTIN.items() if id_ == rule.id), None)
        text = unknown("builtin point", str(rule.builtin), BUILTIN if needed is None else [needed])
        yield placed.mistake(text, "builtin")
        return
    id_, unit = BUILTIN[rule.builtin]
    if rule.id != id_:
        yield placed.mistake(f"{rule.builtin} is watched by the rule {id_} alone", "id")
    if (rule.unit, rule.measure) != (unit, Measure.VALUE):
        yield placed.mistake(f"{rule.builtin} is a value in {unit!r}", "unit")


def _selector(
    placed: Placed[RuleFile], types: Iterable[StationType], watched: Sequence[tuple[StationType, PointFile]]
) -> Iterator[Mistake]:
    rule = placed.item
    names = {kind.type for kind in types}
    for index, name in enumerate(rule.stations):
        if name not in names:
            yield placed.mistake(unknown("station type", name, names), "stations", index)
    found = {point.code for _, point in watched}
    codes = {point.code for kind in types for point in kind.points}
    for index, code in enumerate(rule.points):
        if code not in found:
            text = unknown("point", code, codes) if code not in codes else f"no selected station has {code}"
            yield placed.mistake(text, "points", index)


def _stations(
    city: City, placed: Placed[RuleFile], watched: Sequence[tuple[StationType, PointFile]]
) -> Iterator[Mistake]:
    """Station types alone are watched by nothing. Stations of unknown type are told elsewhere."""
    used = {station.item.type for station in city.stations}
    wanted = {kind.type for kind, _ in watched}
    if wanted and not wanted & used and used <= {kind.item.type for kind in city.station_types}:
        text = f"the city has no {' or '.join(sorted(wanted))}: the rule watches nothing, leave it out"
        yield placed.mistake(text, "points")


def _gates(city: City, zone: ZoneInfo | None) -> Iterator[Mistake]:
    calendars = {placed.item.calendar: placed.item for placed in city.calendars}
    for placed in city.rules:
        gate = placed.item.gate
        if gate is None:
            continue
        if gate.calendar not in calendars:
            yield placed.mistake(unknown("calendar", gate.calendar, calendars), "gate", "calendar")
            continue
        phases = {phase.phase for phase in calendars[gate.calendar].phases}
        strange = sorted(set(gate.phases) - phases)
        for phase in strange:
            yield placed.mistake(unknown("phase", phase, phases), "gate", "phases")
        if not strange and zone is not None and not gate_intervals(gate, calendars[gate.calendar], zone):
            text = f"never opens: no such phase lasts {gate.after_h:g} h"
            yield placed.mistake(text, "gate", "after_h")


def _phases(city: City) -> Iterator[Mistake]:
    for placed in city.calendars:
        phases = placed.item.phases
        for index, (phase, after) in enumerate(zip(phases, [*phases[1:], None], strict=True)):
            if phase.start >= phase.end:
                yield placed.mistake(f"{phase.phase} ends before it begins", "phases", index)
            elif after is not None and after.start != phase.end:
                text = f"{after.phase} begins {after.start}, {phase.phase} ends {phase.end}: phases touch"
                yield placed.mistake(text, "phases", index + 1, "start")


def _reach(city: City, at_ms: int, zone: ZoneInfo) -> Iterator[Mistake]:
    """Calendars hold at the instant and for 60 days more."""
    needed = at_ms + round(timedelta(days=AHEAD_DAYS).total_seconds() * 1000)
    for placed in city.calendars:
        first, last = _ends(placed.item, zone)
        if last < needed:
            text = (
                f"ends {placed.item.phases[-1].end}, less than {AHEAD_DAYS} days ahead: add the next season"
            )
            yield placed.mistake(text, "phases", len(placed.item.phases) - 1, "end")
        if first > at_ms:
            text = f"begins {placed.item.phases[0].start}, after the instant of use: add the season before"
            yield placed.mistake(text, "phases", 0, "start")


def _ends(calendar: Calendar, zone: ZoneInfo) -> tuple[int, int]:
    phases = calendar.phases
    return local_midnight_ms(phases[0].start, zone), local_midnight_ms(phases[-1].end, zone)
