"""Files of rules: limits by level, delays, gates, and other limits where a point is special."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Bilingual, FileModel, Id, Name, Severity, SourceStatus
from schemas.city.calendars import Phases
from schemas.kinds import Measure, RuleKind


class Delays(FileModel):
    """A delay: seconds, or a number of good scans, or both (then both must pass)."""

    s: Annotated[float, Field(ge=0, le=86_400)] = 0
    samples: Annotated[int, Field(ge=1, le=1_000)] = 1


class LevelFile(FileModel):
    """One level of a rule: ``low`` and ``high`` of a band, ``state`` of a state rule, else ``limit``."""

    limit: float | None = None
    state: int | None = None
    low: float | None = None
    high: float | None = None
    hysteresis: float | None = None
    """In the rule's unit; else the rule's."""
    on: Delays | None = None
    off: Delays | None = None


class GateFile(Phases):
    """A rule that judges only in these phases of a calendar, from ``after_h`` after their beginning."""

    after_h: Annotated[float, Field(ge=0)] = 0


class RateFile(FileModel):
    """The measuring of a rate: per ``per_s`` seconds, over the good scans of the last ``window_s``.

    ``factor`` turns the point's unit into the rule's (1000: MPa into kPa).
    """

    direction: Literal["rise", "drop"]
    window_s: Annotated[int, Field(ge=1, le=86_400)]
    per_s: Annotated[int, Field(ge=1, le=86_400)]
    factor: Annotated[float, Field(gt=0)] = 1.0


class VariantFile(FileModel):
    """Other limits where all that is given here holds. Levels and fields not named stay the rule's.

    The first variant of a rule that fits a point is taken.
    """

    stations: list[Id] = Field(default_factory=list)
    """Station types."""
    traits: list[Id] = Field(default_factory=list)
    """The station has all of these; ``protection_zone`` is one if the station says so."""
    life_safety: bool | None = None
    """Of the point."""
    levels: Annotated[dict[Severity, LevelFile], Field(min_length=1)]


class RuleFile(FileModel):
    """A rule as people write it (DOMAIN section 11)."""

    id: Id
    title: Bilingual
    guidance: Bilingual
    kind: RuleKind
    measure: Measure | None = None
    """None: what the kind compares by itself."""
    purpose: Literal["alarm", "entry", "assessment"] = "alarm"
    points: list[Id] = Field(default_factory=list)
    """Point codes that it watches."""
    every_point: bool = False
    """It watches all points that devices report, instead of ``points``."""
    stations: list[Id] = Field(default_factory=list)
    """Station types that it watches; none: all that have the points."""
    builtin: Id | None = None
    """A point that the engine provides, instead of ``points``."""
    unit: Annotated[str, Field(max_length=20)]
    life_safety: bool = False
    levels: Annotated[dict[Severity, LevelFile], Field(min_length=1)]
    hysteresis: float | None = None
    hysteresis_pct: Annotated[float, Field(gt=0, lt=100)] | None = None
    """Instead of ``hysteresis``: percent of each limit."""
    on: Delays = Delays()
    off: Delays = Delays()
    gate: GateFile | None = None
    rate: RateFile | None = None
    """Of a rate rule."""
    mean_s: Annotated[int, Field(ge=60, le=86_400)] | None = None
    """Judge the mean of the good scans of so long a window, at least half of which are there."""
    worst_defects: list[Id] = Field(default_factory=list)
    """Of a grade rule: defects that count as class 5."""
    settings: dict[str, float] = Field(default_factory=dict)
    """Numbers of the kind's own (``KindFacts.settings``)."""
    variants: list[VariantFile] = Field(default_factory=list)
    latch: Literal["none", "above", "below", "both"] = "none"
    re_alarm_min: Annotated[float, Field(gt=0)] | None = None
    reoccurrence_min: Annotated[float, Field(ge=0)] = 30
    source: Name
    source_status: SourceStatus
