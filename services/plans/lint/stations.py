"""Mistakes of stations: of the points and limits that each has of its own."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from schemas.city.files import City, Mistake, Placed
from schemas.city.rules import RuleFile
from schemas.city.stations import OverrideFile, PointChange, PointFile, StationFile
from services.plans.compile.calendars import end_of_day_ms
from services.plans.compile.comparators import own_levels
from services.plans.compile.selectors import is_reported, own_point, usual_levels, watches_own
from services.plans.lint.messages import unknown
from services.plans.lint.rules import rule_mistakes
from services.plans.lint.station_types import flatline_mistakes


def station_mistakes(city: City, *, at_ms: int | None, zone: ZoneInfo | None) -> Iterator[Mistake]:
    """All mistakes of all stations. Without an instant or a zone no override counts as expired."""
    for placed in city.stations:
        yield from _changes(city, placed)
        if at_ms is not None and zone is not None:
            yield from _expired(placed, at_ms, zone)


def _changes(city: City, placed: Placed[StationFile]) -> Iterator[Mistake]:
    kind = next((k.item for k in city.station_types if k.item.type == placed.item.type), None)
    if kind is None:
        return
    points = {point.code: point for point in kind.points}
    for code, change in placed.item.points.items():
        if code not in points:
            yield placed.mistake(unknown(f"point of {kind.type}", code, points), "points", code)
            continue
        watching = {p.item.id: p.item for p in city.rules if watches_own(p.item, kind, points[code], change)}
        if change.calibration_due is not None and not is_reported(points[code]):
            text = f"{code} is computed or inspected: no instrument to calibrate"
            yield placed.mistake(text, "points", code, "calibration_due")
        yield from _overrides(placed, code, change, watching)
        yield from _own(placed, points[code], change, watching)


def _overrides(
    placed: Placed[StationFile], code: str, change: PointChange, watching: Mapping[str, RuleFile]
) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, override in enumerate(change.overrides):
        place = ("points", code, "overrides", index, "rule")
        if override.rule not in watching:
            text = f"{override.rule} does not watch {code}; there are {', '.join(sorted(watching)) or 'none'}"
            yield placed.mistake(text, *place)
        if override.rule in seen:
            yield placed.mistake(f"{override.rule} is overridden above already: once per point", *place)
        seen.add(override.rule)


def _own(
    placed: Placed[StationFile], point: PointFile, change: PointChange, watching: Mapping[str, RuleFile]
) -> Iterator[Mistake]:
    """Yields what is wrong with a rule on this station's point and is not wrong with it elsewhere."""
    own = own_point(point, change)
    place: tuple[str | int, ...] = ("points", point.code)
    if own.range[0] >= own.range[1]:
        yield placed.mistake(f"range {own.range} is empty: lower end first", *place, "range")
        return
    if change.flatline is not None or change.resolution is not None:
        for path, text in flatline_mistakes(own):
            yield placed.mistake(text, *place, *path)
    for rule in watching.values():
        index, override = _override_of(rule, change.overrides)
        usually = usual_levels(rule, placed.item, own)
        levels = usually if override is None else own_levels(usually, override.levels)
        usual = set(rule_mistakes(rule, usually, [point]))
        for path, text in rule_mistakes(rule, levels, [own]):
            if (path, text) in usual:
                continue
            if override is None:
                yield placed.mistake(f"{rule.id}: {text}", *place)
            else:
                yield placed.mistake(text, *place, "overrides", index, *path)


def _override_of(rule: RuleFile, overrides: Sequence[OverrideFile]) -> tuple[int, OverrideFile | None]:
    return next(((i, o) for i, o in enumerate(overrides) if o.rule == rule.id), (0, None))


def _expired(placed: Placed[StationFile], at_ms: int, zone: ZoneInfo) -> Iterator[Mistake]:
    for code, change in placed.item.points.items():
        for index, override in enumerate(change.overrides):
            last = override.expires
            if last is not None and end_of_day_ms(last, zone) <= at_ms:
                text = f"expired on {last}: remove the override or have it approved anew"
                yield placed.mistake(text, "points", code, "overrides", index, "expires")
