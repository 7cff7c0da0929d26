"""Whether a rule's limits and delays make sense in themselves and on the points that it watches."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from schemas.base import SEVERITIES, Severity
from schemas.city import Delays, LevelFile, PointFile, RuleFile
from schemas.plan import Comparator, Measure, RuleKind, Side
from services.plans.levels import SIDES, comparators

Levels = Mapping[Severity, LevelFile]
Told = tuple[tuple[str, ...], str]
"""Where inside the rule, and what is wrong and would be right."""
ORDER = {RuleKind.HIGH: "rise", RuleKind.LOW: "fall", RuleKind.BAND: "widen"}
"""What the limits of a rule do as severity grows."""


def rule_mistakes(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Told]:
    """All mistakes of a rule with these levels (its own, or a point's) on ``points``."""
    yield from _fields(rule, levels)
    yield from _order(rule, levels)
    yield from _bands(rule, levels)
    yield from _clears(rule, levels)
    yield from _delays(rule, levels, points)
    for point in points:
        yield from _fits(rule, point)
        yield from _reachable(rule, levels, point)


def _fields(rule: RuleFile, levels: Levels) -> Iterator[Told]:
    """Each level has the limits of its rule's kind, and no others."""
    wanted = {field for field, _ in SIDES[rule.kind]}
    for severity, level in levels.items():
        given = {field for field in ("limit", "low", "high") if getattr(level, field) is not None}
        needs = " or ".join(sorted(wanted)) if rule.kind is RuleKind.BAND else "limit"
        if not given & wanted or given - wanted:
            text = f"a level of a {rule.kind} rule has {needs}, not {', '.join(sorted(given)) or 'nothing'}"
            yield ("levels", severity), text


def _order(rule: RuleFile, levels: Levels) -> Iterator[Told]:
    for field, side in SIDES[rule.kind]:
        limits = [
            (severity, limit)
            for severity in SEVERITIES
            if severity in levels and (limit := getattr(levels[severity], field)) is not None
        ]
        for (milder, before), (severity, limit) in pairwise(limits):
            above = side is Side.ABOVE
            if (limit <= before) if above else (limit >= before):
                text = (
                    f"{limit:g} is not {side} {milder} ({before:g}): "
                    f"levels of a {rule.kind} rule {ORDER[rule.kind]}"
                )
                yield ("levels", severity, field), text


def _bands(rule: RuleFile, levels: Levels) -> Iterator[Told]:
    """Between the two sides of a band there is room where both are clear."""
    if rule.kind is not RuleKind.BAND:
        return
    for severity, level in levels.items():
        if level.low is None or level.high is None:
            continue
        low, high = comparators(rule, {severity: level})
        if level.low >= level.high:
            text = f"low ({level.low:g}) is not below high ({level.high:g})"
            yield ("levels", severity, "low"), text
        elif low.clear >= high.clear:
            text = (
                f"clears only at {low.clear:g} or more and below {high.clear:g}, which is never: "
                "less hysteresis"
            )
            yield ("levels", severity), text


def _clears(rule: RuleFile, levels: Levels) -> Iterator[Told]:
    if rule.hysteresis is not None and rule.hysteresis_pct is not None:
        yield ("hysteresis_pct",), "hysteresis or hysteresis_pct, not both"
    for comparator in comparators(rule, levels):
        above = comparator.side is Side.ABOVE
        if comparator.clear > comparator.limit if above else comparator.clear < comparator.limit:
            text = f"clears at {comparator.clear:g} before it raises at {comparator.limit:g}: hysteresis >= 0"
            own = levels[comparator.severity].hysteresis is not None
            yield ("levels", comparator.severity, "hysteresis") if own else ("hysteresis",), text


def _delays(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Told]:
    periodic = [point for point in points if point.mode == "periodic"]
    if not periodic:
        return
    slowest = max(periodic, key=lambda point: point.every_s)
    for path, delay in _all_delays(rule, levels):
        if 0 < delay.s < slowest.every_s:
            text = (
                f"{delay.s:g} s is shorter than the interval of {slowest.code} ({slowest.every_s} s): "
                f"say 0, at least {slowest.every_s}, or samples"
            )
            yield path, text


def _all_delays(rule: RuleFile, levels: Levels) -> Iterator[tuple[tuple[str, ...], Delays]]:
    owners: list[tuple[tuple[str, ...], RuleFile | LevelFile]] = [((), rule)]
    owners += [(("levels", severity), level) for severity, level in levels.items()]
    for path, owner in owners:
        for name in ("on", "off"):
            delay = getattr(owner, name)
            if delay is not None:
                yield (*path, name), delay


def _fits(rule: RuleFile, point: PointFile) -> Iterator[Told]:
    if rule.measure is Measure.VALUE and point.unit != rule.unit:
        yield ("unit",), f"in {rule.unit!r}, but {point.code} is in {point.unit!r}: one unit for both"
    if rule.measure is not Measure.VALUE and not point.reference:
        yield ("measure",), f"{point.code} has no reference to take percentages of"
    if rule.measure is not Measure.VALUE and rule.unit != "%":
        yield ("unit",), f"in {rule.unit!r}, but {rule.measure} gives '%'"
    if rule.life_safety and not point.life_safety:
        text = f"{point.code} is not marked life_safety, so the rule would miss over-range values"
        yield ("life_safety",), text


def _reachable(rule: RuleFile, levels: Levels, point: PointFile) -> Iterator[Told]:
    """A limit, and the way back from it, lie within what the point can read."""
    low, high = (_measured(rule, point, end) for end in point.range)
    reads = f"{point.code} reads {low:g} to {high:g} {rule.unit}"
    for comparator in comparators(rule, levels):
        path = ("levels", comparator.severity)
        if comparator.limit <= low and comparator.side is Side.ABOVE:
            yield path, f"{comparator.limit:g} is always reached: {reads}"
        elif not low < comparator.limit <= high:
            yield path, f"{comparator.limit:g} can never be reached: {reads}"
        elif not _clearable(comparator, low, high):
            yield path, f"clears at {comparator.clear:g}, which is never: {reads}; less hysteresis"


def _clearable(comparator: Comparator, low: float, high: float) -> bool:
    return comparator.clear > low if comparator.side is Side.ABOVE else comparator.clear <= high


def _measured(rule: RuleFile, point: PointFile, value: float) -> float:
    """What the rule compares when the point reads ``value``."""
    if rule.measure is Measure.VALUE or not point.reference:
        return value
    percent = 100 * value / point.reference
    return percent - 100 if rule.measure is Measure.PERCENT_FROM_REFERENCE else percent
