"""Mistakes of rules about how fast a value moves."""

from collections.abc import Iterator, Sequence

from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile
from services.plans.compile.comparators import Levels
from services.plans.lint.messages import Complaint
from services.plans.lint.rule_points import unsampled


def mistakes(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Complaint]:
    """No speed, or a window without two scans."""
    for severity, level in levels.items():
        if level.limit is not None and level.limit <= 0:
            text = f"{level.limit:g} is no speed in the rule's direction: more than 0"
            yield ("levels", severity, "limit"), f"{text}; direction says rise or drop"
    if rule.rate is None:
        yield ("kind",), "a rate rule says in rate: direction, window_s and per_s"
        return
    for point in points:
        yield from unsampled(point, "rate", "rate")
        if point.mode == "periodic" and rule.rate.window_s < point.every_s:
            text = (
                f"{rule.rate.window_s} s hold no two scans of {point.code}, which come every "
                f"{point.every_s} s: at least {point.every_s}"
            )
            yield ("rate", "window_s"), text
