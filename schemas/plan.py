"""The compiled plan: rules x assets x calendars, all that the engine judges by, named by its sha256."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, ConfigDict, TypeAdapter

from schemas.base import Bilingual, ReportMode, Severity, SourceStatus
from schemas.kinds import Measure, RuleKind, Side

PLAN_FORMAT = 1
PLAN_PART_BYTES = 512 * 1024
FIRST_ZONE = "Asia/Shanghai"
"""The zone of plans that name none: only the first releases made such, for Miyun."""


def known_zone(name: str) -> str:
    """Return the name of a time zone as it is.

    Raises:
        ValueError: the IANA database has no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}; for example {FIRST_ZONE}") from error
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The time and the number of good scans that a condition must last before it counts: both."""

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
class Rate:
    """The measuring of a rate: (last - first) / (t_last - t_first) over the good scans of ``window_ms``.

    At least the last two good scans are taken, however sparse, unless there is a gap between them.
    ``factor`` turns the point's unit into the rule's (1000: MPa into kPa).
    """

    direction: Literal["rise", "drop"]
    window_ms: int
    per_ms: int
    factor: float = 1.0


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
    rate: Rate | None = None
    mean_ms: int | None = None
    """Judge the mean of the good scans of so long a window, at least half of which are there."""
    worst_defects: tuple[str, ...] = ()
    """Of a grade rule: defects that count as class 5."""
    settings: dict[str, float] = field(default_factory=dict)
    """Numbers of the kind's own; written down only where there are some."""
    gate: str | None
    """Name of a calendar; the rule judges only inside its intervals."""
    latch: Literal["none", "above", "below", "both"]
    """On which side an alert stays until a person resets it. Carried; the engine does not act on it yet."""
    re_alarm_ms: int | None
    reoccurrence_ms: int
    title: Bilingual
    guidance: Bilingual
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
class Variant:
    """A rule's limits where its point is of a special sort (in a carriageway, at an outlet)."""

    rule_id: str
    comparators: tuple[Comparator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A point that a share counts. ``expected``: a calendar; it counts only inside its intervals."""

    point: str
    expected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """100 x ``part`` / ``whole``, of one scan that has both."""

    part: str
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Percent of the expected members that are in a state; 0 when none is expected."""

    members: tuple[Member, ...]
    state: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """Inside the intervals of calendar ``gate`` a point's reference counts ``share`` times."""

    gate: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatline:
    """A working instrument moves by ``least`` (the point's unit) or more within ``within_ms``."""

    least: float
    within_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One measured quantity of a station, in ``unit``, physically possible in [low, high]."""

    code: str
    name: Bilingual
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
    variants: tuple[Variant, ...] = ()
    states: dict[int, Bilingual] = field(default_factory=dict)
    """Words for the values of a point that reports states."""
    computed: Ratio | Share | None = None
    """The engine computes the point from others of its station; no device reports it."""
    schedule: tuple[Scheduled, ...] = ()
    calibration_due: int | None = None
    """From this instant (epoch ms) on the instrument's calibration is overdue."""
    resolution: float | None = None
    """The smallest step of its readings, in ``unit``; None: too small to matter."""
    flatline: Flatline | None = None
    """None: the point may stay as it is for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place with instruments."""

    station_id: str
    kind: str
    system: str
    town_code: str
    owner_org: str
    name: Bilingual
    lat: float | None
    lon: float | None
    virtual: bool
    points: tuple[Point, ...]
    address: Bilingual | None = None
    landmark: Bilingual | None = None
    duty_phone: str | None = None
    access_note: Bilingual | None = None
    protection_zone: bool = False
    """Inside a reservoir's protection zone."""
    traits: tuple[str, ...] = ()
    """What sets it apart from others of its kind, such as ``carriageway``."""
    road: str | None = None
    serves_people: int | None = None
    serves_m2: float | None = None
    """Heated area."""
    upload_every_s: int | None = None
    """How often a logger sends what it has read meanwhile; None: each reading as it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``origin`` feeds (supplies), or lies beside, ``target``; both are stations or key users.

    ``feeds`` is directed and without circles; ``beside`` holds both ways and is listed once.
    ``valve`` names the valve or switch that can part them.
    """

    kind: Literal["feeds", "beside"]
    origin: str
    target: str
    valve: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Valve:
    """A valve or switch without instruments that can part a link."""

    valve_id: str
    kind: Literal["valve", "switch"]
    system: str
    town_code: str
    name: Bilingual
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUser:
    """An institution that must not be without: hospital, school, care home, heat source."""

    user_id: str
    kind: str
    town_code: str
    name: Bilingual
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A network of the city, such as gas, and what it is called on screens."""

    system: str
    name: Bilingual


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
    """Everything compiled. ``calendars`` map a name to [start, end) intervals, epoch ms, sorted.

    ``systems`` stand in the order in which screens name them. ``time_zone`` is the IANA name of the zone by
    which the district lives: screens, messages and the last midnight go by it.
    """

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")

    format: int
    district_code: str
    towns: dict[str, Bilingual]
    rules: tuple[Rule, ...]
    stations: tuple[Station, ...]
    calendars: dict[str, tuple[tuple[int, int], ...]]
    keys: tuple[PublicKey, ...]
    links: tuple[Link, ...] = ()
    valves: tuple[Valve, ...] = ()
    key_users: tuple[KeyUser, ...] = ()
    systems: tuple[System, ...] = ()
    time_zone: Annotated[str, AfterValidator(known_zone)] = FIRST_ZONE


PLAN = TypeAdapter(Plan)
NEW_OF_STATIONS, NEW_OF_POINTS = ("upload_every_s",), ("resolution", "flatline")
"""Fields that the first releases did not know."""


def plan_bytes(plan: Plan) -> bytes:
    """The one serialisation of a plan: JSON with sorted keys and no spaces, UTF-8.

    What the first releases did not know is left out where it is as they took it: plans keep their names.
    """
    document = asdict(plan)
    if plan.time_zone == FIRST_ZONE:
        del document["time_zone"]
    for rule in document["rules"]:
        if not rule["settings"]:
            del rule["settings"]
    for station in document["stations"]:
        for item, names in ((station, NEW_OF_STATIONS), *((one, NEW_OF_POINTS) for one in station["points"])):
            for name in names:
                if item[name] is None:
                    del item[name]
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def plan_id(serialised: bytes) -> str:
    """The plan's name: sha256 of its serialisation."""
    return hashlib.sha256(serialised).hexdigest()


def fingerprint_of(behaviour: object) -> str:
    """A short stable digest of JSON-able ``behaviour`` (sorted keys): 16 hex digits."""
    text = json.dumps(behaviour, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
