"""The kinds of rules: a row of facts each, and what they may compare with their limits.

What a kind does beyond its facts stands in files of its name, which are found by it: ``services/rules/kinds``
(how it measures, its words), ``services/plans/lint/kinds`` (its mistakes). A kind needs neither.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from math import inf
from typing import Self


class Side(StrEnum):
    """On which side of the limit the danger lies."""

    ABOVE = "above"
    BELOW = "below"


class Measure(StrEnum):
    """The measure of a point that a rule compares with its limits."""

    VALUE = "value"
    PERCENT_OF_REFERENCE = "percent_of_reference"
    """100 x value / reference."""
    PERCENT_FROM_REFERENCE = "percent_from_reference"
    """100 x (value / reference - 1)."""
    PERCENT_FROM_SCHEDULE = "percent_from_schedule"
    """100 x (value / (reference x the point's scheduled share) - 1)."""
    RATE = "rate"
    """By how much the value moved in the rule's direction, per ``Rate.per_ms``."""
    INTERVALS_MISSED = "intervals_missed"
    """Whole reporting intervals since the point was heard."""
    BAD_SCANS = "bad_scans"
    """Scans without a usable value, one after the other."""
    DAYS_PAST_CALIBRATION = "days_past_calibration"
    """Days since the instrument's calibration was due."""
    SPANS_UNCHANGED = "spans_unchanged"
    """How many times over the time has passed within which the point should have moved."""
    GRADE = "grade"
    """Class of the latest inspection: 1 to 4; 5 for one of the rule's worst defects."""
    COUNT = "count"
    """Readings of a window that are beyond a value."""


VALUES = (
    Measure.VALUE,
    Measure.PERCENT_OF_REFERENCE,
    Measure.PERCENT_FROM_REFERENCE,
    Measure.PERCENT_FROM_SCHEDULE,
)
TRUST = (Measure.BAD_SCANS, Measure.DAYS_PAST_CALIBRATION)
OF_REPORTING = frozenset({Measure.INTERVALS_MISSED, *TRUST})
"""Measures of how a point reports; the others are of what it reads."""
PERCENTAGES = frozenset(VALUES) - {Measure.VALUE}
"""Measures that need the point's reference."""
BOUNDS: dict[Measure, tuple[float, float, str]] = {
    Measure.INTERVALS_MISSED: (1, inf, "counts whole intervals: 1 or more"),
    Measure.BAD_SCANS: (1, inf, "counts scans: 1 or more"),
    Measure.DAYS_PAST_CALIBRATION: (0, inf, "counts days from the due date on: 0 or more"),
    Measure.SPANS_UNCHANGED: (1, inf, "counts whole spans: 1 or more"),
    Measure.GRADE: (1, 5, "is a class: 1 to 4, or 5 for the worst defects"),
    Measure.COUNT: (1, 200, "counts readings: 1 to 200"),
}
"""Least and greatest limit, and in words; but for days they are whole numbers."""


def _words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class KindFacts:
    """The facts of a kind of rules."""

    words: dict[str, str]
    """What people call it, by language."""
    measures: tuple[Measure, ...]
    """What its rules may compare; the first is taken when the file says none."""
    _: KW_ONLY
    limits: Mapping[str, Side | None] = field(default_factory=lambda: {"limit": Side.ABOVE})
    """The fields of a level that are its limits, and where the danger lies. None: the field is a state."""
    takes: tuple[str, ...] = ()
    """Fields of a rule that not every kind has."""
    settings: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Numbers of its own (``settings`` of a rule), with the least and the greatest of each."""
    windowed: bool = False
    """Several readings decide, not the last one: no limit can be drawn into a chart of values."""


class RuleKind(StrEnum):
    """The kinds of rules: ways of looking at a point."""

    facts: KindFacts

    def __new__(cls, name: str, facts: KindFacts) -> Self:
        member = str.__new__(cls, name)
        member._value_, member.facts = name, facts
        return member

    HIGH = "high", KindFacts(_words("上限", "high"), VALUES, takes=("mean_s",))
    LOW = "low", KindFacts(_words("下限", "low"), VALUES, takes=("mean_s",), limits={"limit": Side.BELOW})
    BAND = (
        "band",
        KindFacts(
            _words("区间", "band"), VALUES, takes=("mean_s",), limits={"low": Side.BELOW, "high": Side.ABOVE}
        ),
    )
    RATE = "rate", KindFacts(_words("变化率", "rate"), (Measure.RATE,), takes=("rate",), windowed=True)
    """How fast a value rises or drops."""
    STATE = "state", KindFacts(_words("状态", "state"), (Measure.VALUE,), limits={"state": None})
    """A point that reports states is in one of them."""
    NO_DATA = (
        "no_data",
        KindFacts(_words("无数据", "no data"), (Measure.INTERVALS_MISSED,), takes=("every_point",)),
    )
    """A point, or all of a station, has not been heard for some of its intervals."""
    FLATLINE = (
        "flatline",
        KindFacts(
            _words("读数不变", "flatline"), (Measure.SPANS_UNCHANGED,), takes=("every_point",), windowed=True
        ),
    )
    """A reading does not move for longer than a working instrument's would."""
    QUALITY = "quality", KindFacts(_words("数据质量", "quality"), TRUST, takes=("every_point",))
    """An instrument cannot be trusted: bad readings in a row, or its calibration is overdue."""
    GRADE = "grade", KindFacts(_words("检测等级", "grade"), (Measure.GRADE,), takes=("worst_defects",))
    """The class that an inspection gave."""
    COUNT_IN_WINDOW = (
        "count_in_window",
        KindFacts(
            _words("时段次数", "count in window"),
            (Measure.COUNT,),
            settings={"above": (-inf, inf), "below": (-inf, inf), "window_s": (1, 86_400)},
            windowed=True,
        ),
    )
    """So many readings of the last ``window_s`` are at or ``above`` a value, or ``below`` it."""


OF_STATES = frozenset(kind for kind in RuleKind if None in kind.facts.limits.values())
"""Kinds whose limits are states."""
