"""A rule's levels as comparators: limits, hysteresis and delays resolved."""

from collections.abc import Iterator, Mapping

from schemas.base import SEVERITIES, Severity
from schemas.city.rules import Delays, LevelFile, RuleFile
from schemas.kinds import Measure, RuleKind, Side
from schemas.plan import Comparator, Delay

Levels = Mapping[Severity, LevelFile]
HALF = 0.5
"""States are whole numbers: the limit lies half way to the next."""


def measure_of(rule: RuleFile) -> Measure:
    """Returns what the rule compares with its limits."""
    return rule.measure or rule.kind.facts.measures[0]


def limits_of(kind: RuleKind, level: LevelFile) -> Iterator[tuple[str, Side, float]]:
    """The limits of a level: field, side, number.

    A state is an end of its point's range, and ranges of states begin at 0: state 0 is below the half
    way to 1, any other is above the half way to the one before.
    """
    for field, side in kind.facts.limits.items():
        given = getattr(level, field)
        if given is None:
            continue
        if side is not None:
            yield field, side, float(given)
        elif given <= 0:
            yield field, Side.BELOW, given + HALF
        else:
            yield field, Side.ABOVE, given - HALF


def comparators(rule: RuleFile, levels: Levels) -> tuple[Comparator, ...]:
    """The comparators of ``levels`` (the rule's own, or those of a point), least severe first."""
    return tuple(
        _comparator(rule, level, severity, side=side, limit=limit)
        for severity in SEVERITIES
        if (level := levels.get(severity)) is not None
        for _, side, limit in limits_of(rule.kind, level)
    )


def own_levels(usual: Levels, changes: Levels) -> dict[Severity, LevelFile]:
    """The usual levels with what ``changes`` names: who raises ``warn`` keeps ``critical``."""
    own = dict(usual)
    for severity, level in changes.items():
        before = usual.get(severity)
        named = {name: getattr(level, name) for name in level.model_fields_set}
        own[severity] = level if before is None else before.model_copy(update=named)
    return own


def on_delay(rule: RuleFile, level: LevelFile) -> tuple[float, int]:
    """The on-delay of a level, as seconds and good scans: the longer one is the greater."""
    delay = level.on or rule.on
    return delay.s, delay.samples


def _comparator(
    rule: RuleFile, level: LevelFile, severity: Severity, *, side: Side, limit: float
) -> Comparator:
    """18 + 0.3 is 18.3 on paper: no trail of binary fractions in a limit."""
    back = _hysteresis(rule, level, limit)
    return Comparator(
        severity=severity,
        side=side,
        limit=limit,
        clear=round(limit - back if side is Side.ABOVE else limit + back, 9),
        on=_delay(level.on or rule.on),
        off=_delay(level.off or rule.off),
    )


def _hysteresis(rule: RuleFile, level: LevelFile, limit: float) -> float:
    if level.hysteresis is not None:
        return level.hysteresis
    if rule.hysteresis_pct is not None:
        return abs(limit) * rule.hysteresis_pct / 100
    return rule.hysteresis or 0.0


def _delay(delays: Delays) -> Delay:
    return Delay(ms=round(delays.s * 1000), samples=delays.samples)
