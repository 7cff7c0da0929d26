"""Mistakes between a rule and a point that it cannot judge: unit, reference, states, how it reports."""

from collections.abc import Iterator

from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile
from schemas.kinds import OF_STATES, PERCENTAGES, Measure
from services.plans.compile.comparators import measure_of
from services.plans.compile.selectors import can_fail
from services.plans.lint.messages import Complaint

SAMPLED = ("periodic", "burst")
"""Modes of points that are read again and again."""


def fit_mistakes(rule: RuleFile, point: PointFile) -> Iterator[Complaint]:
    """Yields why the rule, whatever its levels, cannot judge the point."""
    yield from _units(rule, point)
    yield from _references(rule, point)
    yield from _reports(rule, point)
    yield from _mean(rule, point)
    if rule.life_safety and not point.life_safety:
        text = f"{point.code} is not marked life_safety, so the rule would miss over-range values"
        yield ("life_safety",), text


def measured_ends(rule: RuleFile, point: PointFile) -> tuple[float, float] | None:
    """The least and the greatest that the rule can see of the point; None: not bound by its range."""
    measure = measure_of(rule)
    if rule.kind in OF_STATES or measure not in (Measure.VALUE, *PERCENTAGES):
        return None
    low, high = point.range
    if measure is Measure.VALUE or not point.reference or point.reference < 0:
        return low, high
    shift = 0.0 if measure is Measure.PERCENT_OF_REFERENCE else 100.0
    scheduled = measure is Measure.PERCENT_FROM_SCHEDULE and bool(point.schedule)
    shares = [one.share for one in point.schedule] if scheduled else [1.0]
    found = [100 * end / (point.reference * share) - shift for end in (low, high) for share in shares]
    return min(found), max(found)


def _units(rule: RuleFile, point: PointFile) -> Iterator[Complaint]:
    measure = measure_of(rule)
    if measure is Measure.VALUE and point.unit != rule.unit:
        yield ("unit",), f"in {rule.unit!r}, but {point.code} is in {point.unit!r}: one unit for both"
    if measure in PERCENTAGES and rule.unit != "%":
        yield ("unit",), f"in {rule.unit!r}, but {measure} gives '%'"


def _references(rule: RuleFile, point: PointFile) -> Iterator[Complaint]:
    measure = measure_of(rule)
    if measure in PERCENTAGES and point.reference is None:
        yield ("measure",), f"{point.code} has no reference to take percentages of"
    elif measure in PERCENTAGES and point.reference is not None and point.reference <= 0:
        yield (
            ("measure",),
            f"{point.code} has the reference {point.reference:g}: percentages need more than 0",
        )
    if measure is Measure.PERCENT_FROM_SCHEDULE and not point.schedule:
        yield ("measure",), f"{point.code} has no schedule: give it one, or percent_from_reference"


def _reports(rule: RuleFile, point: PointFile) -> Iterator[Complaint]:
    if measure_of(rule) is Measure.GRADE and point.mode != "inspected":
        text = f"{point.code} is {point.mode}: only points of mode inspected are graded"
        yield ("points",), text
    if "every_point" in rule.kind.facts.takes and not can_fail(rule, point):
        how = "inspected" if point.mode == "inspected" else "computed"
        yield ("points",), f"{point.code} is {how}: no device reports it, so none can fail to"


def unsampled(point: PointFile, field: str, word: str) -> Iterator[Complaint]:
    """Whatever looks back over a window needs a point that is read again and again."""
    if point.mode not in SAMPLED:
        yield (field,), f"{point.code} is {point.mode}: only what is read at intervals has a {word}"


def _mean(rule: RuleFile, point: PointFile) -> Iterator[Complaint]:
    """Two scans at least."""
    if rule.mean_s is None:
        return
    yield from unsampled(point, "mean_s", "mean")
    if point.mode == "periodic" and rule.mean_s < 2 * point.every_s:
        text = (
            f"{rule.mean_s} s hold one scan of {point.code}, which come every {point.every_s} s: "
            f"at least {2 * point.every_s}"
        )
        yield ("mean_s",), text
