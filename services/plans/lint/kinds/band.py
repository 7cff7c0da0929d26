"""Mistakes of rules with two limits."""

from collections.abc import Iterator, Sequence

from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile
from services.plans.compile.comparators import Levels, comparators
from services.plans.lint.messages import Complaint


def mistakes(rule: RuleFile, levels: Levels, _points: Sequence[PointFile]) -> Iterator[Complaint]:
    """Between the two sides there is no room where both are clear."""
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
