"""The state of one station. ``hot`` changes with every frame, ``cold`` only when an alert does.

States are values to everyone outside the engine: ``step`` returns a new one and leaves the old
as it was. All fields are plain types, so that a snapshot comes back type-exact.
"""

from dataclasses import dataclass, field

from schemas.aggregates import AggregatePart
from schemas.alerts import Alert
from schemas.base import Nature

ENGINE_VERSION = "2"
"""Raised whenever the same log could give other effects than before: evidence of each transition."""
STATE_VERSION = 2
"""Version of the snapshot's shape; a newer one is refused, an older one upcast."""


@dataclass(frozen=True, slots=True)
class SeqWindow:
    """Which ``seq`` of a stream (source, boot) were taken: all up to ``top`` but ``missing``."""

    top: int
    missing: tuple[int, ...]
    last_at: int
    """Newest scan time of the stream, to tell a restart from a repeat (epoch ms)."""


@dataclass(slots=True)
class LevelState:
    """One comparator: whether it is on, and since when its opposite has been seen how often."""

    active: bool = False
    since: int = 0
    count: int = 0
    """0: nothing pending."""


@dataclass(slots=True)
class ChannelState:
    """Memory of (rule, point) while not at rest: one ``LevelState`` per comparator."""

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
"""(event time, value, 1) per good scan, or (minute, sum, number) per minute of them; oldest first."""


@dataclass(slots=True)
class HotState:
    """The part that changes with every frame."""

    as_of: int = -1
    """Offset of the last event that changed the state."""
    due: int = 0
    """No tick before this arrival time has anything to do (epoch ms)."""
    silence_due: int = 0
    """No point can be silent before this arrival time."""
    streams: dict[str, SeqWindow] = field(default_factory=dict)
    """By ``source|boot``."""
    scans: dict[int, int] = field(default_factory=dict)
    """Recent scan times -> number of their group, oldest first: recognises duplicate scans."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Sets of points that were scanned together."""
    points: dict[str, PointState] = field(default_factory=dict)
    buckets: dict[int, dict[str, AggregatePart]] = field(default_factory=dict)
    """Open minutes, by the epoch ms of their start."""
    channels: dict[str, ChannelState] = field(default_factory=dict)
    """By ``rule|point``; only those that are not at rest, or that wait for their gate to open."""
    windows: dict[str, Window] = field(default_factory=dict)
    """By ``rule|point``: what rules over a time window look back on."""
    since: int = 0
    """Arrival time from which the station's points are expected to report; 0: not known."""
    nature: Nature = "real"
    """Of the station's last event."""
    condition: str = ""
    """The ``state`` of the station that was told last (``StationStateChanged``)."""


@dataclass(frozen=True, slots=True)
class ColdState:
    """The part that changes only with an alert or a command. It is replaced as a whole."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    """By ``rule|point``: the open alert, or the last closed one while it may re-open."""
    occurrences: dict[str, int] = field(default_factory=dict)
    """By ``rule|point``: alerts raised so far."""
    commands: dict[str, int] = field(default_factory=dict)
    """Ids of commands taken, with their expiry (epoch ms): each is single-use."""


@dataclass(frozen=True, slots=True)
class StationState:
    """Everything the engine remembers of a station."""

    station: str
    hot: HotState = field(default_factory=HotState)
    cold: ColdState = field(default_factory=ColdState)
