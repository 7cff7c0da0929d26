"""The state of one station. ``hot`` changes with every frame, ``cold`` only when an alert does.

States are values to everyone outside the engine: ``step`` returns a new one and leaves the old
as it was. All fields are plain types, so that a snapshot comes back type-exact. Parts that stand in a state
are replaced, not changed; they are not frozen, which would double the price of making them.
"""

from dataclasses import dataclass, field
from typing import Literal

from schemas.aggregates import AggregatePart
from schemas.alerts import Alert
from schemas.base import Nature

ENGINE_VERSION = "3"
"""Raised whenever the same log could give other effects than before: evidence of each transition."""
STATE_VERSION = 3
"""Version of the snapshot's shape; a newer one is refused, an older one upcast."""

ClockFaultKind = Literal["", "reset", "wrong_unit", "ahead", "stands_still", "behind"]
"""What is wrong with a device's clock; empty: nothing."""


@dataclass(slots=True)
class StreamState:
    """What a stream (source, boot) has sent last, and what is known of its clock (JUDGING 3)."""

    seq: int
    sent_at: int
    newest: int
    """Newest scan time of the last frame, as the device told it."""
    arrival: int
    fault: ClockFaultKind = ""
    correction: int = 0
    """Of a faulty clock: what makes its times right (ms)."""
    error_ms: int = 0
    """Of a faulty clock: how far it was off when the correction was found; negative: slow."""
    off: int = 0
    """Frames in a row that stand far off their arrival, corrected: the correction is no longer right."""
    lagging: "Lagging | None" = None
    frames: tuple[str, ...] = ()
    """Of a faulty clock: digests of the last frames, to tell repeats."""


@dataclass(frozen=True, slots=True)
class Lagging:
    """Frames whose scans are old: stored ones, or those of a clock that is behind."""

    since: int
    """Arrival of the first."""
    lag: int
    """How old its newest scan was."""
    frames: int
    """How many, all of the same lag."""
    leapt: bool
    """The frame before the first was fresh: the clock may have been set back."""


@dataclass(slots=True)
class LevelState:
    """A level that has begun to change: since when, how often it was seen so. All 0: nothing is pending.

    Whether the level is on, the channel's alert says (``levels.standing``).
    """

    since: int = 0
    count: int = 0
    gap: int = 0
    """The longest time between two of the readings that were counted (ms)."""
    came: int = 0
    """Arrival of the first of them (epoch ms)."""


NOTHING_PENDING = LevelState()


@dataclass(slots=True)
class ChannelState:
    """Memory of (rule, point) while not at rest: one ``LevelState`` per level."""

    fingerprint: str
    levels: tuple[LevelState, ...]
    nature: Nature
    recent: tuple[tuple[int, float], ...] = ()
    """The last readings judged, as (event time, value in the rule's unit): the evidence."""


@dataclass(slots=True)
class PointState:
    """The state of a point: event time judged on, last usable value, arrival of the last scan."""

    at: int = 0
    """Event time of the newest scan (epoch ms)."""
    good_at: int = 0
    """Event time of the newest usable scan; 0: none yet."""
    value: float = 0.0
    """Its value, in the point's unit."""
    heard: int = 0
    """Arrival of the newest scan, usable or not; 0: none yet."""
    silent: bool = False
    bad: int = 0
    """Scans without a usable value since the newest usable one."""


Window = tuple[tuple[int, float, int], ...]
"""(event time, value, 1) per good scan, or (minute, sum of value x ms, ms) per minute; oldest first."""

Run = tuple[int, int, int]
"""(first, step, count): scan times first, first + step, ..."""


ScanTimes = tuple[tuple[str, ...], tuple[Run, ...]]
"""Points that were scanned together, and when: runs by their beginning."""


@dataclass(slots=True)
class ClassRun:
    """Readings in a row, as they were taken, that met the same highest level of a life-safety channel."""

    first: int
    last: int
    rank: int
    """The level's (``SEVERITY_RANK``); -1: none was met."""
    count: int


@dataclass(slots=True)
class ToldDanger:
    """When an alert that is over has lasted, from its onset to its end, and how severe it was."""

    first: int
    last: int
    rank: int


@dataclass(slots=True)
class HotState:
    """The part that changes with every frame."""

    as_of: int = -1
    """Offset of the last event that changed the state."""
    due: int = 0
    """The first of the timers; 0: which there are has to be found out."""
    timers: dict[str, int] = field(default_factory=dict)
    """By ``kind`` or ``kind|key``: when it is due (epoch ms). Replaced as a whole (``timers.arm``)."""
    streams: dict[str, StreamState] = field(default_factory=dict)
    """By ``source|boot``."""
    scanned: tuple[ScanTimes, ...] = ()
    points: dict[str, PointState] = field(default_factory=dict)
    buckets: dict[int, dict[str, AggregatePart]] = field(default_factory=dict)
    """Open minutes, by the epoch ms of their start."""
    channels: dict[str, ChannelState] = field(default_factory=dict)
    """By channel; only those that are not at rest, or that wait for their gate to open."""
    windows: dict[str, Window] = field(default_factory=dict)
    """By ``rule|point``: what rules over a time window look back on."""
    runs: dict[str, tuple[ClassRun, ...]] = field(default_factory=dict)
    """By life-safety channel, oldest first. What was taken at another time was within limits."""
    told: dict[str, tuple[ToldDanger, ...]] = field(default_factory=dict)
    """By life-safety channel, oldest first."""
    since: int = 0
    """Arrival time from which the station's points are expected to report; 0: not known."""
    nature: Nature = "real"
    """Of the station's last event."""
    condition: str = ""
    """The ``state`` of the station that was told last (``StationStateChanged``)."""
    inspections: tuple[str, ...] = ()
    """Ids of the last inspections taken."""
    back: int = 0
    """Arrival of the frame with which the station was heard again, after nothing of it was; 0: never."""


@dataclass(frozen=True, slots=True)
class ColdState:
    """The part that changes only with an alert or a command. It is replaced as a whole."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    """By channel: the open alert, or the last closed one while it may re-open."""
    occurrences: dict[str, int] = field(default_factory=dict)
    """By channel: alerts raised so far."""
    commands: dict[str, int] = field(default_factory=dict)
    """Ids of commands taken, with their expiry (epoch ms): each is single-use."""


@dataclass(frozen=True, slots=True)
class StationState:
    """Everything the engine remembers of a station."""

    station: str
    hot: HotState = field(default_factory=HotState)
    cold: ColdState = field(default_factory=ColdState)
