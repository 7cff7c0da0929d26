"""Whether the fields of a rule go with its kind, whatever points it watches."""

from collections.abc import Iterator

from schemas.city.rules import LevelFile, RuleFile
from schemas.plan import Measure, RuleKind
from services.plans.compile.kinds import MEASURES, fields_of, measure_of
from services.plans.lint.messages import Complaint

OF_VALUES = (RuleKind.HIGH, RuleKind.LOW, RuleKind.BAND)
OF_REPORTING = (RuleKind.NO_DATA, RuleKind.QUALITY)
"""Kinds that judge how a point reports, not what."""
ALLOWED: dict[Measure, tuple[float, float, str]] = {
    Measure.INTERVALS_MISSED: (1, float("inf"), "counts whole intervals: 1 or more"),
    Measure.BAD_SCANS: (1, float("inf"), "counts scans: 1 or more"),
    Measure.DAYS_PAST_CALIBRATION: (0, float("inf"), "counts days from the due date on: 0 or more"),
    Measure.GRADE: (1, 5, "is a class: 1 to 4, or 5 for the worst defects"),
}
"""Least and greatest limit, and in words."""
LIMITS = ("limit", "state", "low", "high")


def form_mistakes(rule: RuleFile) -> Iterator[Complaint]:
    """All mistakes that show without looking at a point."""
    yield from _measure(rule)
    yield from _of_one_kind(rule)
    yield from _selectors(rule)
    if rule.hysteresis is not None and rule.hysteresis_pct is not None:
        yield ("hysteresis_pct",), "hysteresis or hysteresis_pct, not both"
    if rule.life_safety and rule.gate is not None:
        yield ("gate",), "a life-safety rule is never gated: danger knows no season"


def level_mistakes(rule: RuleFile, severity: str, level: LevelFile) -> Iterator[Complaint]:
    """Whether a level, of the rule or of a point, has limits of the rule's kind, and sensible ones."""
    fields = fields_of(rule.kind)
    given = [field for field in LIMITS if getattr(level, field) is not None]
    if not set(given) & set(fields) or set(given) - set(fields):
        text = f"a level of a {rule.kind} rule has {' or '.join(fields)}, not {', '.join(given) or 'nothing'}"
        yield ("levels", severity), text
        return
    for field in given:
        yield from _number(rule, ("levels", severity, field), getattr(level, field))
    if rule.kind is RuleKind.STATE and level.hysteresis:
        yield ("levels", severity, "hysteresis"), "a state is left or not: no hysteresis"


def _number(rule: RuleFile, path: tuple[str, ...], limit: float) -> Iterator[Complaint]:
    if rule.kind is RuleKind.RATE and limit <= 0:
        yield path, f"{limit:g} is no speed in the rule's direction: more than 0; direction says rise or drop"
    least, greatest, words = ALLOWED.get(measure_of(rule), (-float("inf"), float("inf"), ""))
    whole = measure_of(rule) is Measure.DAYS_PAST_CALIBRATION or not words or limit == int(limit)
    if not (least <= limit <= greatest and whole):
        yield path, f"{limit:g}: the limit of a {rule.kind} rule {words}"


def _measure(rule: RuleFile) -> Iterator[Complaint]:
    known = MEASURES[rule.kind]
    if rule.builtin is None and measure_of(rule) not in known:
        yield ("measure",), f"a {rule.kind} rule compares {' or '.join(known)}, not {rule.measure}"


def _of_one_kind(rule: RuleFile) -> Iterator[Complaint]:
    if rule.kind is RuleKind.RATE and rule.rate is None:
        yield ("kind",), "a rate rule says in rate: direction, window_s and per_s"
    if rule.kind is not RuleKind.RATE and rule.rate is not None:
        yield ("rate",), f"a {rule.kind} rule has no rate: leave it out, or kind: rate"
    if rule.mean_s is not None and rule.kind not in OF_VALUES:
        yield ("mean_s",), f"a {rule.kind} rule judges no mean: only {', '.join(OF_VALUES)} rules do"
    if rule.mean_s is not None and measure_of(rule) is Measure.PERCENT_FROM_SCHEDULE:
        yield ("mean_s",), "a mean is not taken across phases of a schedule: use a delay"
    if rule.worst_defects and rule.kind is not RuleKind.GRADE:
        yield ("worst_defects",), f"a {rule.kind} rule knows no defects: only grade rules do"
    if rule.kind is RuleKind.STATE and (rule.hysteresis or rule.hysteresis_pct):
        field = "hysteresis" if rule.hysteresis else "hysteresis_pct"
        yield (field,), "a state is left or not: no hysteresis"


def _selectors(rule: RuleFile) -> Iterator[Complaint]:
    if rule.every_point and rule.kind not in OF_REPORTING:
        text = f"a {rule.kind} rule names its points: only {' and '.join(OF_REPORTING)} rules watch every one"
        yield ("every_point",), text
    if rule.every_point and rule.points:
        yield ("points",), "every_point or points, not both"
