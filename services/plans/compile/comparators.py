"""A rule's levels as comparators: limits, hysteresis and delays resolved."""

from collections.abc import Mapping

from schemas.base import SEVERITIES, Severity
from schemas.city.rules import Delays, LevelFile, RuleFile
from schemas.plan import Comparator, Delay, Side
from services.plans.compile.kinds import limits_of

Levels = Mapping[Severity, LevelFile]


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


def _comparator(
    rule: RuleFile, level: LevelFile, severity: Severity, *, side: Side, limit: float
) -> Comparator:
    back = _hysteresis(rule, level, limit)
    return Comparator(
        severity=severity,
        side=side,
        limit=limit,
        clear=_tidy(limit - back if side is Side.ABOVE else limit + back),
        on=_delay(level.on or rule.on),
        off=_delay(level.off or rule.off),
    )


def _hysteresis(rule: RuleFile, level: LevelFile, limit: float) -> float:
    if level.hysteresis is not None:
        return level.hysteresis
    if rule.hysteresis_pct is not None:
        return abs(limit) * rule.hysteresis_pct / 100
    return rule.hysteresis or 0.0


def _tidy(value: float) -> float:
    """18 + 0.3 is 18.3 on paper: no trail of binary fractions in a limit."""
    return round(value, 9)


def _delay(delays: Delays) -> Delay:
    return Delay(ms=round(delays.s * 1000), samples=delays.samples)
