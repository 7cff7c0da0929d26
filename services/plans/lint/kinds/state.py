"""Mistakes of rules about states."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile
from services.plans.compile.comparators import Levels, comparators, on_delay
from services.plans.lint.messages import Complaint


def mistakes(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Complaint]:
    """A state is left or not, two levels of one state differ by their delay, and points have states."""
    stated = "a state is left or not: no hysteresis"
    if levels is rule.levels:
        yield from (((field,), stated) for field in ("hysteresis", "hysteresis_pct") if getattr(rule, field))
        yield from _same_state(rule, levels)
    for severity, level in levels.items():
        if level.hysteresis:
            yield ("levels", severity, "hysteresis"), stated
    for point in points:
        yield from _states(levels, point)


def _same_state(rule: RuleFile, levels: Levels) -> Iterator[Complaint]:
    """Nobody ever sees the milder one of two that come at the same time."""
    for milder, worse in pairwise(comparators(rule, levels)):
        same = (milder.side, milder.limit) == (worse.side, worse.limit)
        if same and on_delay(rule, levels[worse.severity]) <= on_delay(rule, levels[milder.severity]):
            text = f"comes no later than {milder.severity}, of the same state: a longer on, or one level"
            yield ("levels", worse.severity), text


def _states(levels: Levels, point: PointFile) -> Iterator[Complaint]:
    """Beyond an end of the range there is nothing, so that one limit tells the state from all others."""
    if not point.states:
        yield ("points",), f"{point.code} has no states: give it words for them, or kind: high or low"
        return
    for severity, level in levels.items():
        if level.state is not None and level.state not in point.range:
            ends = " or ".join(f"{end:g}" for end in point.range)
            text = f"{level.state} is no end of the range of {point.code}: {ends}"
            yield ("levels", severity, "state"), text
