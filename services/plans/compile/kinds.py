"""What rules of each kind compare, and on which side of their limits the danger lies."""

from collections.abc import Iterator

from schemas.city.rules import LevelFile, RuleFile
from schemas.plan import Measure, RuleKind, Side

_VALUES = (
    Measure.VALUE,
    Measure.PERCENT_OF_REFERENCE,
    Measure.PERCENT_FROM_REFERENCE,
    Measure.PERCENT_FROM_SCHEDULE,
)
MEASURES: dict[RuleKind, tuple[Measure, ...]] = {
    RuleKind.HIGH: _VALUES,
    RuleKind.LOW: _VALUES,
    RuleKind.BAND: _VALUES,
    RuleKind.RATE: (Measure.RATE,),
    RuleKind.STATE: (Measure.VALUE,),
    RuleKind.NO_DATA: (Measure.INTERVALS_MISSED,),
    RuleKind.QUALITY: (Measure.BAD_SCANS, Measure.DAYS_PAST_CALIBRATION),
    RuleKind.GRADE: (Measure.GRADE,),
}
"""What rules of a kind may compare; the first is taken when the file says none."""
PERCENTAGES = frozenset(_VALUES) - {Measure.VALUE}
"""Measures that need the point's reference."""
FIELDS: dict[RuleKind, tuple[str, ...]] = {RuleKind.BAND: ("low", "high"), RuleKind.STATE: ("state",)}
"""Which fields of a level are its limits, where that is not ``limit``."""
BELOW = {(RuleKind.LOW, "limit"), (RuleKind.BAND, "low")}
HALF = 0.5
"""States are whole numbers: the limit lies half way to the next."""


def measure_of(rule: RuleFile) -> Measure:
    """What the rule compares with its limits."""
    return rule.measure or MEASURES[rule.kind][0]


def fields_of(kind: RuleKind) -> tuple[str, ...]:
    """The fields of a level that are limits of rules of this kind."""
    return FIELDS.get(kind, ("limit",))


def limits_of(kind: RuleKind, level: LevelFile) -> Iterator[tuple[str, Side, float]]:
    """The limits of a level: field, side, number.

    A state is an end of its point's range, and ranges of states begin at 0: state 0 is below the half
    way to 1, any other is above the half way to the one before.
    """
    for field in fields_of(kind):
        given = getattr(level, field)
        if given is None:
            continue
        if kind is not RuleKind.STATE:
            yield field, Side.BELOW if (kind, field) in BELOW else Side.ABOVE, float(given)
        elif given <= 0:
            yield field, Side.BELOW, given + HALF
        else:
            yield field, Side.ABOVE, given - HALF
