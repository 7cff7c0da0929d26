"""Whether stations fit the lists they refer to, and whether their own points and limits make sense."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from schemas.city import City, Mistake, OverrideFile, Placed, PointChange, PointFile, RuleFile, StationFile
from services.plans.calendars import expiry_ms
from services.plans.levels import own_levels
from services.plans.rule_lint import rule_mistakes
from services.plans.selection import own_point, watches
from services.plans.wording import unknown


def station_mistakes(city: City, *, at_ms: int | None, zone: ZoneInfo | None) -> Iterator[Mistake]:
    """All mistakes of all stations. Without an instant or a zone no override counts as expired."""
    known = {
        "type": {placed.item.type for placed in city.station_types},
        "town": {placed.item.code for placed in city.towns},
        "owner": {placed.item.id for placed in city.organisations},
    }
    box = city.district
    for placed in city.stations:
        station = placed.item
        for field, names in known.items():
            value = getattr(station, field)
            if value not in names:
                yield placed.mistake(unknown(field, value, names), field)
        if not (box.west <= station.lon <= box.east and box.south <= station.lat <= box.north):
            text = (
                f"{station.lat}, {station.lon} lies outside the district: "
                f"lat {box.south:g} to {box.north:g}, lon {box.west:g} to {box.east:g} (WGS-84)"
            )
            yield placed.mistake(text, "lat")
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
        watching = {p.item.id: p.item for p in city.rules if watches(p.item, kind, points[code])}
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
    """What is wrong with a rule on this station's point and is not wrong with it elsewhere."""
    own = own_point(point, change)
    place: tuple[str | int, ...] = ("points", point.code)
    if own.range[0] >= own.range[1]:
        yield placed.mistake(f"range {own.range} is empty: lower end first", *place, "range")
        return
    for rule in watching.values():
        index, override = _override_of(rule, change.overrides)
        levels = rule.levels if override is None else own_levels(rule, override)
        usual = set(rule_mistakes(rule, rule.levels, [point]))
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
            end = expiry_ms(override, zone)
            if end is not None and end <= at_ms:
                text = f"expired on {override.expires}: remove the override or have it approved anew"
                yield placed.mistake(text, "points", code, "overrides", index, "expires")
