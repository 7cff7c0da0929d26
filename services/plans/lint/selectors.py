"""Mistakes in what rules watch: points, station types, built-in points, variants."""

from collections.abc import Iterator, Sequence

from schemas.city.files import City, Mistake, Placed
from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile, StationType
from schemas.kinds import OF_REPORTING, Measure
from services.plans.compile.comparators import measure_of, own_levels
from services.plans.compile.selectors import fits, fits_type, watches
from services.plans.lint.messages import unknown
from services.plans.lint.rule_fields import form_mistakes
from services.plans.lint.rules import rule_mistakes
from services.rules.builtin import CLOCK_POINT, CLOCK_RULE, REJECT_POINT, REJECT_RULE

BUILTIN = {CLOCK_POINT: (CLOCK_RULE, "s"), REJECT_POINT: (REJECT_RULE, "%")}
"""The engine's own points: the one rule that watches each, and the unit."""
Watched = Sequence[tuple[StationType, PointFile]]


def watch_mistakes(city: City) -> Iterator[Mistake]:
    """All mistakes of all rules, but for their gates."""
    types = [placed.item for placed in city.station_types]
    for placed in city.rules:
        rule = placed.item
        watched = [(kind, p) for kind in types for p in kind.points if watches(rule, kind, p)]
        if rule.builtin is not None or rule.id in dict(BUILTIN.values()):
            yield from _builtin(placed)
        elif not rule.points and not rule.every_point:
            yield placed.mistake("a rule watches points, or every_point, or one builtin point", "points")
        yield from _selector(placed, types, watched)
        yield from _stations(city, placed, watched)
        points = [point for _, point in watched]
        told = [*form_mistakes(rule), *rule_mistakes(rule, rule.levels, points)]
        yield from (placed.mistake(text, *path) for path, text in told)
        yield from _variants(city, placed, watched, types)
    yield from _alone(city, types)


def _builtin(placed: Placed[RuleFile]) -> Iterator[Mistake]:
    """A builtin point is watched by the one rule that the engine looks for, as a plain value."""
    rule = placed.item
    if rule.points or rule.stations or rule.every_point:
        yield placed.mistake("a builtin point is everywhere: no points, no stations", "points")
    if rule.builtin not in BUILTIN:
        needed = next((point for point, (id_, _) in BUILTIN.items() if id_ == rule.id), None)
        text = unknown("builtin point", str(rule.builtin), BUILTIN if needed is None else [needed])
        yield placed.mistake(text, "builtin")
        return
    id_, unit = BUILTIN[rule.builtin]
    if rule.id != id_:
        yield placed.mistake(f"{rule.builtin} is watched by the rule {id_} alone", "id")
    if (rule.unit, measure_of(rule)) != (unit, Measure.VALUE):
        yield placed.mistake(f"{rule.builtin} is a value in {unit!r}", "unit")
    if rule.variants:
        yield placed.mistake(f"{rule.builtin} is the same everywhere: no variants", "variants")


def _selector(placed: Placed[RuleFile], types: Sequence[StationType], watched: Watched) -> Iterator[Mistake]:
    rule = placed.item
    names = {kind.type for kind in types}
    for index, name in enumerate(rule.stations):
        if name not in names:
            yield placed.mistake(unknown("station type", name, names), "stations", index)
    found = {point.code for _, point in watched}
    codes = {point.code for kind in types for point in kind.points}
    for index, code in enumerate(rule.points):
        if code not in found and not rule.every_point:
            text = unknown("point", code, codes) if code not in codes else f"no selected station has {code}"
            yield placed.mistake(text, "points", index)


def _stations(city: City, placed: Placed[RuleFile], watched: Watched) -> Iterator[Mistake]:
    """Station types alone are watched by nothing. Stations of unknown type are told elsewhere."""
    used = {station.item.type for station in city.stations}
    wanted = {kind.type for kind, _ in watched}
    where = "every_point" if placed.item.every_point else "points"
    if wanted and not wanted & used and used <= {kind.item.type for kind in city.station_types}:
        text = f"the city has no {' or '.join(sorted(wanted))}: the rule watches nothing, leave it out"
        yield placed.mistake(text, where)
    elif wanted and measure_of(placed.item) is Measure.DAYS_PAST_CALIBRATION and not _dated(city, watched):
        text = "no point that it watches has a calibration_due: the rule watches nothing, leave it out"
        yield placed.mistake(text, where)


def _dated(city: City, watched: Watched) -> bool:
    """Says whether some point among them has a date for its calibration."""
    codes = {(kind.type, point.code) for kind, point in watched}
    return any(
        change.calibration_due is not None and (station.item.type, code) in codes
        for station in city.stations
        for code, change in station.item.points.items()
    )


def _variants(
    city: City, placed: Placed[RuleFile], watched: Watched, types: Sequence[StationType]
) -> Iterator[Mistake]:
    rule = placed.item
    names = {kind.type for kind in types}
    used = _used_variants(city, rule, watched) if rule.variants else set()
    for index, variant in enumerate(rule.variants):
        place = ("variants", index)
        strange = [(at, name) for at, name in enumerate(variant.stations) if name not in names]
        for at, name in strange:
            yield placed.mistake(unknown("station type", name, names), *place, "stations", at)
        if not (variant.stations or variant.traits or variant.life_safety is not None):
            yield placed.mistake("says nowhere where it holds: stations, traits or life_safety", *place)
        elif not strange and watched and index not in used:
            text = "fits no point that the rule watches, or only such as a variant above it takes"
            yield placed.mistake(text, *place)
        points = [point for kind, point in watched if fits_type(variant, kind.type, point)]
        usual = set(rule_mistakes(rule, rule.levels, points))
        for path, text in rule_mistakes(rule, own_levels(rule.levels, variant.levels), points):
            if (path, text) not in usual:
                yield placed.mistake(text, *place, *path)


def _used_variants(city: City, rule: RuleFile, watched: Watched) -> set[int]:
    """The variants that are the first to fit some point of the city."""
    points: dict[str, list[PointFile]] = {}
    for kind, point in watched:
        points.setdefault(kind.type, []).append(point)
    found = set()
    for station in city.stations:
        for point in points.get(station.item.type, ()):
            fitting = (i for i, variant in enumerate(rule.variants) if fits(variant, station.item, point))
            found.add(next(fitting, -1))
    return found


def _alone(city: City, types: Sequence[StationType]) -> Iterator[Mistake]:
    """Two rules about a point's silence, bad scans or calibration would raise each alert twice."""
    taken: dict[tuple[Measure, str, str], str] = {}
    for placed in city.rules:
        rule = placed.item
        if measure_of(rule) not in OF_REPORTING or rule.purpose != "alarm":
            continue
        pairs = [(kind.type, p.code) for kind in types for p in kind.points if watches(rule, kind, p)]
        before = {taken.setdefault((measure_of(rule), *pair), rule.id) for pair in pairs} - {rule.id}
        for other in sorted(before):
            text = f"{other} asks for {measure_of(rule)} of the same points: one rule alone"
            yield placed.mistake(text, "kind")
