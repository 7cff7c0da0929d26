"""Rules with one number moved a little: each such change must be noticed by one of the rule's histories."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from schemas.kinds import Measure, RuleKind, Side
from schemas.plan import Comparator, Delay, Plan, Point, Rule, Share

Levels = tuple[Comparator, ...]
DELAY_STEP_MS = 1_000
COUNTED = (Measure.INTERVALS_MISSED, Measure.BAD_SCANS, Measure.GRADE)
"""Measures that are whole numbers: the next limit is one away."""
BACK_TO_0 = (Measure.INTERVALS_MISSED, Measure.BAD_SCANS, Measure.SPANS_UNCHANGED)
"""Measures that never go down but to 0: there is no way back to be changed."""
DAYS_STEP = 0.02


@dataclass(frozen=True)
class Mutant:
    """What was changed, and the change of a plan."""

    name: str
    change: Callable[[Plan], Plan]


def levels_of(plan: Plan) -> Levels:
    """The limits by which the plan's one rule judges its one station."""
    rule = plan.rules[0]
    special = [v.comparators for station in plan.stations for p in station.points for v in p.variants]
    return special[0] if special else rule.comparators


def mutants(plan: Plan) -> Iterator[Mutant]:
    """All changes of the one rule of ``plan``, with the limits that hold at its station."""
    rule, levels = plan.rules[0], levels_of(plan)
    watched = [p for station in plan.stations for p in station.points if p.rules]
    for index, comparator in enumerate(levels):
        if _is_shadowed(comparator, levels):
            continue
        for name, changed in _comparators(rule, comparator, watched):
            moved = (*levels[:index], changed, *levels[index + 1 :])
            title = f"{comparator.severity} {comparator.side} {comparator.limit:g}: {name}"
            yield Mutant(title, lambda plan, moved=moved: _with_levels(plan, levels, moved))
    for name, other in _rules(rule):
        yield Mutant(name, lambda plan, other=other: replace(plan, rules=(other,)))


def _is_shadowed(comparator: Comparator, levels: Levels) -> bool:
    """A special point inherits it and has a worse one of the same numbers: it is tried where it shows."""
    return any(
        replace(comparator, severity=other.severity) == other
        for other in levels[levels.index(comparator) + 1 :]
    )


def _with_levels(plan: Plan, before: Levels, after: Levels) -> Plan:
    """The plan with other limits wherever those hold."""
    rules = tuple(replace(r, comparators=after) if r.comparators == before else r for r in plan.rules)
    stations = tuple(
        replace(s, points=tuple(_point_with(p, before, after) for p in s.points)) for s in plan.stations
    )
    return replace(plan, rules=rules, stations=stations)


def _point_with(point: Point, before: Levels, after: Levels) -> Point:
    variants = tuple(replace(v, comparators=after) if v.comparators == before else v for v in point.variants)
    return replace(point, variants=variants)


def _comparators(
    rule: Rule, comparator: Comparator, watched: list[Point]
) -> Iterator[tuple[str, Comparator]]:
    back = abs(comparator.limit - comparator.clear)
    step = _limit_step(rule, comparator, back, watched)
    for sign in (1, -1):
        word = "up" if sign > 0 else "down"
        yield f"limit {word}", replace(comparator, limit=comparator.limit + sign * step)
    if rule.measure not in BACK_TO_0:
        for further in (1, -1) if back else (1,):
            away = -further if comparator.side is Side.ABOVE else further
            cleared = comparator.clear + away * (back / 10 if back else step)
            yield f"clear {'later' if further > 0 else 'sooner'}", replace(comparator, clear=cleared)
    yield from ((f"on {word}", replace(comparator, on=delay)) for word, delay in _delays(comparator.on))
    yield from ((f"off {word}", replace(comparator, off=delay)) for word, delay in _delays(comparator.off))


def _limit_step(rule: Rule, comparator: Comparator, back: float, watched: list[Point]) -> float:
    """To the next value that the measure can take; else a percent, at most a tenth of the way back."""
    shares = [len(p.computed.members) for p in watched if isinstance(p.computed, Share)]
    if shares:
        return 100 / shares[0] + 0.5
    if rule.kind is RuleKind.STATE or rule.measure in COUNTED:
        return 1.0
    if rule.measure is Measure.DAYS_PAST_CALIBRATION:
        return DAYS_STEP
    percent = abs(comparator.limit) / 100
    return min(percent, back / 10) if back else percent


def _delays(delay: Delay) -> Iterator[tuple[str, Delay]]:
    """Longer and shorter; one sample more is no change where time decides, which takes two anyway."""
    if delay.ms:
        step = max(delay.ms // 50, DELAY_STEP_MS)
        yield "longer", replace(delay, ms=delay.ms + step)
        yield "shorter", replace(delay, ms=delay.ms - step)
        return
    yield "one sample more", replace(delay, samples=delay.samples + 1)
    if delay.samples > 1:
        yield "one sample less", replace(delay, samples=delay.samples - 1)
    else:
        yield "a second later", replace(delay, ms=DELAY_STEP_MS)


def _rules(rule: Rule) -> Iterator[tuple[str, Rule]]:
    if rule.gate is not None:
        yield "gate left out", replace(rule, gate=None)
    if rule.mean_ms is not None:
        yield "mean a minute longer", replace(rule, mean_ms=rule.mean_ms + 60_000)
        yield "mean a minute shorter", replace(rule, mean_ms=rule.mean_ms - 60_000)
    for defect in rule.worst_defects:
        others = tuple(one for one in rule.worst_defects if one != defect)
        yield f"without {defect}", replace(rule, worst_defects=others)
    if rule.rate is None:
        return
    rate = rule.rate
    for word, share in (("longer", 1.5), ("shorter", 0.5)):
        window = round(rate.window_ms * share)
        yield f"window {word}", replace(rule, rate=replace(rate, window_ms=window))
    for word, share in (("more", 1.02), ("less", 0.98)):
        yield f"per {word}", replace(rule, rate=replace(rate, per_ms=round(rate.per_ms * share)))
        yield f"factor {word}", replace(rule, rate=replace(rate, factor=rate.factor * share))
