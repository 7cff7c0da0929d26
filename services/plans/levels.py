"""A rule's levels as comparators: limits, hysteresis and delays resolved."""

from collections.abc import Mapping

from schemas.base import SEVERITIES, Severity
from schemas.city import Delays, LevelFile, OverrideFile, RuleFile
from schemas.plan import Comparator, Delay, RuleKind, Side

SIDES: dict[RuleKind, tuple[tuple[str, Side], ...]] = {
    RuleKind.HIGH: (("limit", Side.ABOVE),),
    RuleKind.LOW: (("limit", Side.BELOW),),
    RuleKind.BAND: (("low", Side.BELOW), ("high", Side.ABOVE)),
}
"""Which field of a level is a limit on which side, by kind of rule."""


def comparators(rule: RuleFile, levels: Mapping[Severity, LevelFile]) -> tuple[Comparator, ...]:
    """The comparators of ``levels`` (the rule's own, or a point's override), least severe first."""
    return tuple(
        _comparator(rule, level, severity, side=side, limit=limit)
        for severity in SEVERITIES
        if (level := levels.get(severity)) is not None
        for field, side in SIDES[rule.kind]
        if (limit := getattr(level, field)) is not None
    )


def own_levels(rule: RuleFile, override: OverrideFile) -> dict[Severity, LevelFile]:
    """The rule's levels with what the override changes: who raises ``warn`` keeps ``critical``."""
    own = dict(rule.levels)
    for severity, level in override.levels.items():
        usual = rule.levels.get(severity)
        changes = {name: getattr(level, name) for name in level.model_fields_set}
        own[severity] = level if usual is None else usual.model_copy(update=changes)
    return own


def _comparator(
    rule: RuleFile, level: LevelFile, severity: Severity, *, side: Side, limit: float
) -> Comparator:
    back = _hysteresis(rule, level, limit)
    return Comparator(
        severity=severity,
        side=side,
        limit=float(limit),
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
