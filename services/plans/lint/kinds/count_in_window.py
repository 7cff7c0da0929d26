"""Mistakes of rules that count readings in a window."""

from collections.abc import Iterator, Sequence

from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile
from services.plans.compile.comparators import Levels
from services.plans.lint.messages import Complaint
from services.plans.lint.rule_points import unsampled


def mistakes(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Complaint]:
    """It counts beyond one value that its points can read, over a window that holds as many readings."""
    given = [name for name in ("above", "below") if name in rule.settings]
    if "window_s" not in rule.settings or len(given) != 1:
        yield ("settings",), "a count_in_window rule says in settings: window_s, and above or below"
        return
    beyond, window_s = rule.settings[given[0]], rule.settings["window_s"]
    for point in points:
        yield from unsampled(point, "kind", "count in a window")
        low, high = point.range
        if not low < beyond <= high:
            text = (
                f"{point.code} reads {low:g} to {high:g} {point.unit}: always or never {given[0]} {beyond:g}"
            )
            yield ("settings", given[0]), text
        for severity, level in levels.items():
            if point.mode == "periodic" and (level.limit or 0) * point.every_s > window_s:
                text = f"{window_s:g} s hold less than {level.limit:g} readings of {point.code}"
                yield ("levels", severity, "limit"), f"{text}, which come every {point.every_s} s"
