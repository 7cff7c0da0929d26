"""The plan as the engine judges by it: stations, points, channels and intervals, everything resolved."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter

from schemas.base import Bilingual
from schemas.kinds import Side
from schemas.plan import Comparator, Plan, Point, Rule, Station

NEVER = 1 << 62
"""Later than any time, in epoch ms."""

Intervals = tuple[tuple[int, int], ...]
"""A compiled calendar: [start, end) epoch ms, sorted."""
_start = itemgetter(0)


def gate_open(gate: Intervals | None, at: int) -> bool:
    """Tells if a calendar's intervals hold ``at``; without a gate everything is always judged."""
    if gate is None:
        return True
    index = bisect_right(gate, at, key=_start) - 1
    return index >= 0 and at < gate[index][1]


def next_edge(gate: Intervals | None, at: int) -> int:
    """The first instant after ``at`` at which the gate opens or closes; ``NEVER`` without one."""
    if gate is None:
        return NEVER
    index = bisect_right(gate, at, key=_start)
    if index and at < gate[index - 1][1]:
        return gate[index - 1][1]
    return gate[index][0] if index < len(gate) else NEVER


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A limit of a channel as it is judged: a tolerance for rounding is in it (JUDGING 7).

    ``shown`` is the limit as the rule says it, for words and evidence.
    """

    shown: Comparator
    side: Side
    rank: int
    """Of its severity."""
    limit: float
    clear: float


LATE = "|late"
"""Behind a channel's key: its alert of what is told late (JUDGING 4)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One rule on one point. Without window or schedule ``measured = scale * value + shift``.

    Between ``quiet_from`` (inclusive) and ``quiet_to`` (exclusive), in the rule's unit, no level can become
    true.
    """

    key: str
    rule: Rule
    point: Point
    levels: tuple[Level, ...]
    fingerprint: str
    scale: float
    shift: float
    quiet_from: float
    quiet_to: float
    gate: Intervals | None
    schedule: tuple[tuple[Intervals, float], ...]
    """Intervals, and how many times the reference counts in them; of a rule against a schedule."""
    max_gap_ms: int
    """Usable readings further apart than this have a gap between them."""
    bridge_ms: int
    """Usable readings no further apart than this count as lasting from one to the next (JUDGING 5)."""
    until: int = NEVER
    """Event time at which the point's own limits expire ..."""
    after: "Channel | None" = None
    """... and the rule's take over."""
    own_measure: Callable[..., float | None] | None = None
    own_words: Callable[..., tuple[str, str]] | None = None
    """The kind's own functions (``services.rules.kinds``)."""

    def in_force(self, at: int) -> "Channel":
        """The channel by whose limits its point is judged at an instant."""
        return self if self.after is None or at < self.until else self.after

    @property
    def is_held(self) -> bool:
        """The value holds until another one is reported, so that the clock lets its delays pass."""
        return self.point.report_mode == "on_change"

    @property
    def is_plain(self) -> bool:
        """A single value decides: neither a window nor a schedule does."""
        return not (self.rule.kind.facts.windowed or self.rule.mean_ms is not None or self.schedule)

    @property
    def keeps_runs(self) -> bool:
        """Life depends on it, and a single value decides: what was read is remembered (``class_runs``)."""
        return self.rule.life_safety and self.is_plain and not self.key.endswith(LATE)

    @property
    def comparators(self) -> tuple[Comparator, ...]:
        """Its limits as the rule says them."""
        return tuple(level.shown for level in self.levels)


def upload_ms(station: Station, point: Point) -> int:
    """How long a reading may wait for its sending: what is told within that, and a little, is not late.

    A change is sent at once, unless the station says otherwise.
    """
    usual_s = point.expected_every_s if point.report_mode == "periodic" else 0
    return 1_000 * (station.upload_every_s or usual_s)


@dataclass(frozen=True, slots=True)
class PointPlan:
    """A point with the channels that watch it.

    A value in [``quiet_from``, ``quiet_to``), in the point's unit, is inside its range and concerns no
    channel at rest. The interval is never too wide, and narrower by a hair than limits in percent.
    """

    point: Point
    channels: tuple[Channel, ...]
    """Those that judge its values."""
    silence: Channel | None
    quality: Channel | None
    calibration: Channel | None
    max_gap_ms: int
    """Good scans further apart than this have a gap between them."""
    comes_every_ms: int
    """Its interval, or that at which its station sends, if that is longer."""
    silent_after_ms: int
    """Unheard for longer than this, the point is silent."""
    heard_within_ms: int
    """A reading that is older than this when it arrives does not prove that the point reports."""
    keeps_runs: bool
    """Life depends on it: what was read beyond its limits is remembered, and late readings are judged."""
    ends: tuple[bool, bool]
    """Below its range, and above it, a reading is judged as the range's end: danger to life lies there."""
    quiet_from: float
    quiet_to: float
    expected_in: dict[str, Intervals] = field(default_factory=dict)
    """Of a share: when its members are expected; one that is not named always is."""

    @property
    def all_channels(self) -> Iterator[Channel]:
        """All channels that can raise an alert about the point."""
        watching = (self.silence, self.quality, self.calibration)
        return chain(self.channels, (channel for channel in watching if channel is not None))


@dataclass(frozen=True, slots=True)
class StationPlan:
    """A station with what the engine needs of its surroundings."""

    station: Station
    town: Bilingual
    district_code: str
    plan_id: str
    points: dict[str, PointPlan]
    channels: dict[str, Channel]
    expected: dict[str, PointPlan]
    """Points that devices have to report, by code."""
    computed: tuple[PointPlan, ...]
    silence: Channel | None
    """Of the station as a whole, if it has several points to hear of."""
    stale_after_ms: int
    """Scans that are older than this when they arrive are stored ones, or of a clock that is behind."""
    is_scheduled: bool
    """Some of its shares have members that are expected only at times."""
    twice_quickest_ms: int
    """Two intervals of the point that reports most often."""


@dataclass(frozen=True, slots=True)
class JudgingPlan:
    """A plan by station, including one built-in control station per partition (``_p3``)."""

    plan_id: str
    document: Plan
    stations: dict[str, StationPlan]
