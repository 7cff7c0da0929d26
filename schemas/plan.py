"""The compiled plan: rules x assets x calendars, all that the engine judges by, named by its sha256."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, TypeAdapter

from schemas.alerts import Headline
from schemas.base import ReportMode, Severity, SourceStatus

PLAN_FORMAT = 1
PLAN_PART_BYTES = 512 * 1024


class RuleKind(StrEnum):
    """How a rule looks at a point."""

    HIGH = "high"
    LOW = "low"
    BAND = "band"


class Side(StrEnum):
    """On which side of the limit the danger lies."""

    ABOVE = "above"
    BELOW = "below"


class Measure(StrEnum):
    """What of a point a rule compares with its limits."""

    VALUE = "value"
    PERCENT_OF_REFERENCE = "percent_of_reference"
    """100 x value / reference."""
    PERCENT_FROM_REFERENCE = "percent_from_reference"
    """100 x (value / reference - 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How long a condition must last before it counts: both the time and the number of good scans."""

    ms: int = 0
    samples: int = 1


AT_ONCE = Delay()
"""The first good scan decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparator:
    """One limit of a rule. Above: true while value >= limit, over when value < clear.

    Below is its mirror: true while value < limit, over when value >= clear.
    """

    severity: Severity
    side: Side
    limit: float
    clear: float
    on: Delay
    off: Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A compiled rule. ``fingerprint`` covers exactly what changes behaviour."""

    rule_id: str
    kind: RuleKind
    measure: Measure
    purpose: Literal["alarm", "entry", "assessment"]
    life_safety: bool
    unit: str
    comparators: tuple[Comparator, ...]
    gate: str | None
    """Name of a calendar; the rule judges only inside its intervals."""
    latch: Literal["none", "above", "below", "both"]
    """On which side an alert stays until a person resets it. Carried; the engine does not act on it yet."""
    re_alarm_ms: int | None
    reoccurrence_ms: int
    title: Headline
    guidance: Headline
    source: str
    source_status: SourceStatus
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOverride:
    """A point's own limits for one rule, already approved; until ``expires`` (epoch ms)."""

    rule_id: str
    comparators: tuple[Comparator, ...]
    reason: str
    approver: str
    expires: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One measured quantity of a station, in ``unit``, physically possible in [low, high]."""

    code: str
    name: Headline
    unit: str
    low: float
    high: float
    expected_every_s: int
    report_mode: ReportMode
    life_safety: bool
    reference: float | None
    """Setpoint, design or limit that percentages refer to, in ``unit``."""
    rules: tuple[str, ...]
    overrides: tuple[LimitOverride, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place with instruments."""

    station_id: str
    kind: str
    system: str
    town_code: str
    owner_org: str
    name: Headline
    lat: float | None
    lon: float | None
    virtual: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """An Ed25519 public key (hex) of a signer, valid in [valid_from, valid_until) epoch ms."""

    key_id: str
    signer: str
    public_key: str
    valid_from: int
    valid_until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything compiled. ``calendars`` map a name to [start, end) intervals, epoch ms, sorted."""

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")

    format: int
    district_code: str
    towns: dict[str, Headline]
    rules: tuple[Rule, ...]
    stations: tuple[Station, ...]
    calendars: dict[str, tuple[tuple[int, int], ...]]
    keys: tuple[PublicKey, ...]


PLAN = TypeAdapter(Plan)


def plan_bytes(plan: Plan) -> bytes:
    """The one serialisation of a plan: JSON with sorted keys and no spaces, UTF-8."""
    text = json.dumps(asdict(plan), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def plan_id(serialised: bytes) -> str:
    """The plan's name: sha256 of its serialisation."""
    return hashlib.sha256(serialised).hexdigest()


def fingerprint_of(behaviour: object) -> str:
    """A short stable digest of JSON-able ``behaviour`` (sorted keys): 16 hex digits."""
    text = json.dumps(behaviour, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
