"""Disturbances of a station's readings and reports by faults: functions of time, without state.

A simulated station holds one ``StationDisturbances`` (``UNDISTURBED`` at first; replaced while it runs when a
scene is played). It reads its points by ``reading``, leaves out of its scans what is ``muted``, dates them by
``device_time``, and has each frame sent ``copies`` times.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from schemas.base import Quality
from simulators.networks.chance import Chance

Normal = Callable[[int], float]
"""The reading of a point at an instant (epoch ms) without faults."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A trapezium over city time (epoch ms): something moves in, holds and moves out."""

    begins: int
    rises_ms: int
    holds_ms: int
    falls_ms: int

    @property
    def ends(self) -> int:
        """The instant from which on all is normal again."""
        return self.begins + self.rises_ms + self.holds_ms + self.falls_ms

    def within(self, at_ms: int) -> bool:
        """Returns whether it goes on at ``at_ms``."""
        return self.begins <= at_ms < self.ends

    def share(self, at_ms: int) -> float:
        """The way that things have moved, in [0, 1]."""
        into = at_ms - self.begins
        left = self.ends - at_ms
        if into < 0 or left <= 0:
            return 0.0
        rise = into / self.rises_ms if self.rises_ms else inf
        fall = left / self.falls_ms if self.falls_ms else inf
        return min(1.0, rise, fall)


class How(StrEnum):
    """The way in which a disturbance changes a value or a report; ``amount`` is its size."""

    TO = "to"
    """The value moves to ``amount``, by the envelope's share."""
    ADD = "add"
    """``amount`` is added, by the envelope's share; a drift is a long rise."""
    TIMES = "times"
    """The value is multiplied by ``amount``, by the envelope's share."""
    SET = "set"
    """The point is in state ``amount``, from begin to end."""
    STUCK = "stuck"
    """The value stays at what was read when it began, or at ``amount`` if given."""
    SPIKES = "spikes"
    """One scan in five is off by ``amount``."""
    NOISE = "noise"
    """The value has normal noise with the deviation ``amount``."""
    NOTHING = "nothing"
    """There is no value (null)."""
    BAD = "bad"
    """The value is there, of quality ``bad``."""
    SILENT = "silent"
    """The point or the station is not reported."""
    CLOCK = "clock"
    """The device's clock is ``amount`` seconds ahead; without, it was reset and counts from 1970."""
    REPEATS = "repeats"
    """Each frame of the station is sent ``amount`` times."""
    OFFSET = "offset"
    """The reading wanders around the true one by up to ``amount``, past the range's end, too."""
    RAW = "raw"
    """The number ``amount`` is sent instead of a reading, whatever the range: a sentinel."""
    CUT = "cut"
    """The cable is cut: a current of 0 mA, where 4 to 20 mA are the range."""
    ODD = "odd"
    """What is sent is no number, or of no known point, in ``amount`` of a hundred scans."""
    STEPS = "steps"
    """The device's clock steps now and then, up to ``amount`` seconds ahead or behind."""
    STANDS = "stands"
    """The device's clock stands still."""
    REBOOTS = "reboots"
    """The device restarts every ``amount`` seconds: its counter at 0, its clock at 1970 for a while."""
    LOST = "lost"
    """``amount`` of a hundred scans never come."""
    OVERTAKES = "overtakes"
    """A frame is under way for up to ``amount`` seconds: later ones overtake it."""
    DELAY = "delay"
    """Each frame is under way for ``amount`` seconds."""
    AGAIN = "again"
    """Each frame comes a second time, ``amount`` seconds after the first."""
    STORED = "stored"
    """The link is down until the envelope falls; then what was stored comes, and behind it what is new."""
    STORED_BEHIND = "stored_behind"
    """As before, but what was stored comes while the envelope falls, among what is new."""
    BATCH = "batch"
    """Scans are gathered and sent together every ``amount`` seconds."""
    TWIN = "twin"
    """A second device has the station's id: it reads what was normal, ``amount`` seconds after the first."""


SPIKE_SHARE = 0.2
ON_THE_WAY = frozenset(
    {
        *(How.CLOCK, How.REPEATS, How.OFFSET, How.RAW, How.CUT, How.ODD, How.STEPS, How.STANDS, How.REBOOTS),
        *(How.LOST, How.OVERTAKES, How.DELAY, How.AGAIN, How.STORED, How.STORED_BEHIND, How.BATCH, How.TWIN),
    }
)
"""What changes no reading, but what is sent of it, and when that arrives."""
BY_LINK = ON_THE_WAY - {How.CLOCK, How.REPEATS}
"""Carried out by a link (``simulators.transmission``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """One fault's effect on one point, or with ``code`` None on the whole station."""

    station: str
    code: str | None
    how: How
    envelope: Envelope
    amount: float | None = None

    def applied(self, value: float | None, at_ms: int, normal: Normal) -> float | None:
        """The reading at ``at_ms`` under this disturbance, where it would be ``value`` without."""
        if value is None or not self.envelope.within(at_ms):
            return value
        if self.how is How.NOTHING:
            return None
        if self.how is How.STUCK:
            return normal(self.envelope.begins) if self.amount is None else self.amount
        return self._moved(value, self.amount or 0.0, at_ms)

    def _moved(self, value: float, amount: float, at_ms: int) -> float:
        share = self.envelope.share(at_ms)
        chance = Chance(self.envelope.begins, self.station)
        match self.how:
            case How.TO:
                return value + (amount - value) * share
            case How.ADD:
                return value + amount * share
            case How.TIMES:
                return value * (1 + (amount - 1) * share)
            case How.SET:
                return amount
            case How.SPIKES:
                return value + amount * (chance.uniform("spike", self.code, at_ms) < SPIKE_SHARE)
            case How.NOISE:
                return value + amount * share * chance.noise(f"burst {self.code}", at_ms)
        return value


@dataclass(frozen=True, slots=True)
class StationDisturbances:
    """All disturbances of one station, by the point that they touch; None: the whole station."""

    by_point: Mapping[str | None, tuple[Disturbance, ...]] = field(default_factory=dict)

    def reading(self, code: str, at_ms: int, normal: Normal) -> tuple[float | None, Quality]:
        """Value (not yet limited to the point's range) and quality of a point at ``at_ms``."""
        value: float | None = normal(at_ms)
        quality: Quality = "good"
        for one in self.by_point.get(code, ()):
            value = one.applied(value, at_ms, normal)
            if one.how is How.BAD and one.envelope.within(at_ms):
                quality = "bad"
        return value, quality

    def muted(self, code: str, at_ms: int) -> bool:
        """Returns whether the point is not reported at ``at_ms``; as if it had not been scanned."""
        return bool(self.going_on(How.SILENT, None, at_ms) or self.going_on(How.SILENT, code, at_ms))

    def device_time(self, at_ms: int) -> int:
        """The time that the device tells at ``at_ms``."""
        for clock in self.going_on(How.CLOCK, None, at_ms):
            return at_ms + (-clock.envelope.begins if clock.amount is None else round(clock.amount * 1000))
        return at_ms

    def copies(self, at_ms: int) -> int:
        """The number of times that a frame is sent."""
        return max((round(one.amount or 1) for one in self.going_on(How.REPEATS, None, at_ms)), default=1)

    def going_on(self, how: How, code: str | None, at_ms: int) -> list[Disturbance]:
        """The disturbances of a point, or of the whole station, that go on at an instant."""
        return [one for one in self.by_point.get(code, ()) if one.how is how and one.envelope.within(at_ms)]

    @property
    def needs_link(self) -> bool:
        """Tells if something changes what is sent, or when it arrives."""
        return any(one.how in BY_LINK for touching in self.by_point.values() for one in touching)


UNDISTURBED = StationDisturbances()


def by_station(disturbances: Iterable[Disturbance]) -> dict[str, StationDisturbances]:
    """The disturbances by station, in their given order; stations without any are absent."""
    found: dict[str, dict[str | None, tuple[Disturbance, ...]]] = {}
    for one in disturbances:
        by_point = found.setdefault(one.station, {})
        by_point[one.code] = (*by_point.get(one.code, ()), one)
    return {station: StationDisturbances(by_point) for station, by_point in found.items()}
