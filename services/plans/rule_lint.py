"""Whether one rule makes sense in itself and on the points that it watches."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.base import SEVERITIES
from schemas.city import Delays, LevelFile, Mistake, Placed, PointFile, RuleFile
from schemas.plan import Measure, RuleKind, Side
from services.plans.levels import SIDES, comparators


def lint_rule(placed: Placed[RuleFile], watched: Sequence[PointFile]) -> Iterator[Mistake]:
    """All mistakes of a rule; ``watched`` are the points that it selects."""
    yield from _fields(placed)
    yield from _order(placed)
    yield from _clears(placed)
    yield from _delays(placed, watched)
    yield from _points(placed, watched)
    if placed.item.life_safety and placed.item.gate is not None:
        yield placed.mistake("a life-safety rule is never gated: danger knows no season", "gate")


def _fields(placed: Placed[RuleFile]) -> Iterator[Mistake]:
    """Each level has the limits of its rule's kind, and no others."""
    rule = placed.item
    wanted = {field for field, _ in SIDES[rule.kind]}
    for severity, level in rule.levels.items():
        given = {field for field in ("limit", "low", "high") if getattr(level, field) is not None}
        needs = " or ".join(sorted(wanted)) if rule.kind is RuleKind.BAND else "limit"
        if not given & wanted or given - wanted:
            text = f"a level of a {rule.kind} rule has {needs}, not {', '.join(sorted(given)) or 'nothing'}"
            yield placed.mistake(text, "levels", severity)


def _order(placed: Placed[RuleFile]) -> Iterator[Mistake]:
    rule = placed.item
    for field, side in SIDES[rule.kind]:
        levels = [
            (severity, getattr(rule.levels[severity], field))
            for severity in SEVERITIES
            if severity in rule.levels and getattr(rule.levels[severity], field) is not None
        ]
        for (milder, before), (severity, limit) in pairwise(levels):
            above = side is Side.ABOVE
            if (limit <= before) if above else (limit >= before):
                way = "above" if above else "below"
                text = f"{limit:g} is not {way} {milder} ({before:g}): danger grows with severity"
                yield placed.mistake(text, "levels", severity, field)


def _clears(placed: Placed[RuleFile]) -> Iterator[Mistake]:
    rule = placed.item
    if rule.hysteresis is not None and rule.hysteresis_pct is not None:
        yield placed.mistake("hysteresis or hysteresis_pct, not both", "hysteresis_pct")
    for comparator in comparators(rule, rule.levels):
        above = comparator.side is Side.ABOVE
        if comparator.clear > comparator.limit if above else comparator.clear < comparator.limit:
            text = f"clears at {comparator.clear:g} before it raises at {comparator.limit:g}: hysteresis >= 0"
            yield placed.mistake(text, "hysteresis")


def _delays(placed: Placed[RuleFile], watched: Sequence[PointFile]) -> Iterator[Mistake]:
    rule = placed.item
    periodic = [point for point in watched if point.mode == "periodic"]
    if not periodic:
        return
    slowest = max(periodic, key=lambda point: point.every_s)
    for path, delay in _all_delays(rule):
        if 0 < delay.s < slowest.every_s:
            text = (
                f"{delay.s:g} s is shorter than the interval of {slowest.code} ({slowest.every_s} s): "
                f"say 0, at least {slowest.every_s}, or samples"
            )
            yield placed.mistake(text, *path)


def _all_delays(rule: RuleFile) -> Iterator[tuple[tuple[str, ...], Delays]]:
    owners: list[tuple[tuple[str, ...], RuleFile | LevelFile]] = [((), rule)]
    owners += [(("levels", severity), level) for severity, level in rule.levels.items()]
    for path, owner in owners:
        for name in ("on", "off"):
            delay = getattr(owner, name)
            if delay is not None:
                yield (*path, name), delay


def _points(placed: Placed[RuleFile], watched: Sequence[PointFile]) -> Iterator[Mistake]:
    rule = placed.item
    for point in watched:
        if rule.measure is Measure.VALUE and point.unit != rule.unit:
            text = f"in {rule.unit!r}, but {point.code} is in {point.unit!r}: one unit for both"
            yield placed.mistake(text, "unit")
        if rule.measure is not Measure.VALUE and not point.reference:
            yield placed.mistake(f"{point.code} has no reference to take percentages of", "measure")
        if rule.life_safety and not point.life_safety:
            text = f"{point.code} is not marked life_safety, so the rule would miss over-range values"
            yield placed.mistake(text, "life_safety")
        if rule.measure is Measure.VALUE:
            yield from _reachable(placed, point)


def _reachable(placed: Placed[RuleFile], point: PointFile) -> Iterator[Mistake]:
    low, high = point.range
    for comparator in comparators(placed.item, placed.item.levels):
        if not low <= comparator.limit <= high:
            text = f"{comparator.limit:g} can never be reached: {point.code} reads {low:g} to {high:g}"
            yield placed.mistake(text, "levels", comparator.severity)
