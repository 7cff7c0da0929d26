"""Mistakes of a rule's limits and delays, in themselves and on the points that it watches."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.base import SEVERITIES, Severity
from schemas.city.rules import Delays, LevelFile, RuleFile
from schemas.city.stations import PointFile
from schemas.kinds import OF_STATES, Measure, Side
from schemas.plan import Comparator
from services.plans.compile.comparators import Levels, comparators, limits_of, measure_of, on_delay
from services.plans.lint.kinds import own_mistakes
from services.plans.lint.messages import Complaint
from services.plans.lint.rule_fields import level_mistakes
from services.plans.lint.rule_points import fit_mistakes, measured_ends

ORDER: dict[tuple[Side | None, ...], str] = {
    (Side.ABOVE,): "rise",
    (Side.BELOW,): "fall",
    (Side.BELOW, Side.ABOVE): "widen",
}
"""The way in which limits on these sides move as severity grows."""
UNTIMED = (Measure.INTERVALS_MISSED, Measure.DAYS_PAST_CALIBRATION)
"""Measures that the clock changes: no scan has to come for a delay to pass."""


def rule_mistakes(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Complaint]:
    """All mistakes of a rule with these levels (its own, or a point's) on ``points``."""
    for severity, level in levels.items():
        yield from level_mistakes(rule, severity, level)
    yield from _order(rule, levels)
    yield from _clears(rule, levels)
    yield from _delays(rule, levels, points)
    for point in points:
        yield from fit_mistakes(rule, point)
        yield from _reachable(rule, levels, point)
    yield from own_mistakes(rule, levels, points)


def _limits(rule: RuleFile, levels: Levels) -> dict[str, list[tuple[Severity, Side, float]]]:
    """By field, least severe first."""
    found: dict[str, list[tuple[Severity, Side, float]]] = {}
    for severity in SEVERITIES:
        for field, side, limit in limits_of(rule.kind, levels[severity]) if severity in levels else ():
            found.setdefault(field, []).append((severity, side, limit))
    return found


def _order(rule: RuleFile, levels: Levels) -> Iterator[Complaint]:
    """Levels may share a limit if the worse lasts longer, or where a special point inherits the milder."""
    if rule.kind in OF_STATES:
        return
    special = levels is not rule.levels
    sides = tuple(rule.kind.facts.limits.values())
    for field, limits in _limits(rule, levels).items():
        for (milder, side, before), (severity, _, limit) in pairwise(limits):
            further = limit > before if side is Side.ABOVE else limit < before
            lasting = on_delay(rule, levels[severity]) > on_delay(rule, levels[milder])
            if not further and not (limit == before and (special or lasting)):
                text = (
                    f"{limit:g} is not {side} {milder} ({before:g}): "
                    f"levels of a {rule.kind} rule {ORDER[sides]}"
                )
                yield ("levels", severity, field), text


def _clears(rule: RuleFile, levels: Levels) -> Iterator[Complaint]:
    for comparator in comparators(rule, levels):
        above = comparator.side is Side.ABOVE
        if comparator.clear > comparator.limit if above else comparator.clear < comparator.limit:
            text = f"clears at {comparator.clear:g} before it raises at {comparator.limit:g}: hysteresis >= 0"
            own = levels[comparator.severity].hysteresis is not None
            yield ("levels", comparator.severity, "hysteresis") if own else ("hysteresis",), text


def _delays(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Complaint]:
    periodic = [point for point in points if point.mode == "periodic"]
    if not periodic or measure_of(rule) in UNTIMED:
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


def _reachable(rule: RuleFile, levels: Levels, point: PointFile) -> Iterator[Complaint]:
    """A limit, and the way back from it, lie within what the point can read."""
    ends = measured_ends(rule, point)
    if ends is None:
        return
    low, high = ends
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
