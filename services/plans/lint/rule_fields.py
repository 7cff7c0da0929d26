"""Mistakes of a rule's fields, whatever points it watches: do they go with its kind?"""

from collections.abc import Iterator

from schemas.city.rules import LevelFile, RuleFile
from schemas.kinds import BOUNDS, Measure, RuleKind
from services.plans.compile.comparators import measure_of
from services.plans.lint.messages import Complaint, unknown

OF_SOME_KINDS = {
    "rate": "has no rate: leave it out, or kind: {kinds}",
    "mean_s": "judges no mean: only {kinds} rules do",
    "worst_defects": "knows no defects: only {kinds} rules do",
    "every_point": "names its points: only {kinds} rules watch every one",
}
"""Fields that only some kinds take, and what is said of any other."""
LIMITS = ("limit", "state", "low", "high")


def form_mistakes(rule: RuleFile) -> Iterator[Complaint]:
    """All mistakes that show without looking at a point."""
    yield from _of_some_kinds(rule)
    yield from _settings(rule)
    if rule.hysteresis is not None and rule.hysteresis_pct is not None:
        yield ("hysteresis_pct",), "hysteresis or hysteresis_pct, not both"
    if rule.life_safety and rule.gate is not None:
        yield ("gate",), "a life-safety rule is never gated: danger knows no season"


def level_mistakes(rule: RuleFile, severity: str, level: LevelFile) -> Iterator[Complaint]:
    """A level, of the rule or of a point, has limits of the rule's kind, and sensible ones."""
    fields = rule.kind.facts.limits
    given = [field for field in LIMITS if getattr(level, field) is not None]
    if not given or not fields.keys() >= set(given):
        text = f"a level of a {rule.kind} rule has {' or '.join(fields)}, not {', '.join(given) or 'nothing'}"
        yield ("levels", severity), text
        return
    for field in given:
        yield from _number(rule, ("levels", severity, field), getattr(level, field))


def _number(rule: RuleFile, path: tuple[str, ...], limit: float) -> Iterator[Complaint]:
    least, greatest, words = BOUNDS.get(measure_of(rule), (-float("inf"), float("inf"), ""))
    whole = measure_of(rule) is Measure.DAYS_PAST_CALIBRATION or not words or limit == int(limit)
    if not (least <= limit <= greatest and whole):
        yield path, f"{limit:g}: the limit of a {rule.kind} rule {words}"


def _of_some_kinds(rule: RuleFile) -> Iterator[Complaint]:
    known = rule.kind.facts.measures
    if rule.builtin is None and measure_of(rule) not in known:
        yield ("measure",), f"a {rule.kind} rule compares {' or '.join(known)}, not {rule.measure}"
    for field, words in OF_SOME_KINDS.items():
        if getattr(rule, field) and field not in rule.kind.facts.takes:
            kinds = [kind for kind in RuleKind if field in kind.facts.takes]
            listed = (" and " if len(kinds) == 2 else ", ").join(kinds)
            yield (field,), f"a {rule.kind} rule {words.format(kinds=listed)}"
    if rule.mean_s is not None and measure_of(rule) is Measure.PERCENT_FROM_SCHEDULE:
        yield ("mean_s",), "a mean is not taken across phases of a schedule: use a delay"
    if rule.every_point and rule.points:
        yield ("points",), "every_point or points, not both"


def _settings(rule: RuleFile) -> Iterator[Complaint]:
    known = rule.kind.facts.settings
    for name, number in rule.settings.items():
        least, greatest = known.get(name, (number, number))
        if name not in known:
            yield ("settings", name), unknown(f"setting of a {rule.kind} rule", name, known)
        elif not least <= number <= greatest:
            yield ("settings", name), f"{number:g}: from {least:g} to {greatest:g}"
