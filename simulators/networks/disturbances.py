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


SPIKE_SHARE = 0.2


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
        return bool(self._going_on(How.SILENT, None, at_ms) or self._going_on(How.SILENT, code, at_ms))

    def device_time(self, at_ms: int) -> int:
        """The time that the device tells at ``at_ms``."""
        for clock in self._going_on(How.CLOCK, None, at_ms):
            return at_ms + (-clock.envelope.begins if clock.amount is None else round(clock.amount * 1000))
        return at_ms

    def copies(self, at_ms: int) -> int:
        """The number of times that a frame is sent."""
        return max((round(one.amount or 1) for one in self._going_on(How.REPEATS, None, at_ms)), default=1)

    def _going_on(self, how: How, code: str | None, at_ms: int) -> list[Disturbance]:
        return [one for one in self.by_point.get(code, ()) if one.how is how and one.envelope.within(at_ms)]


UNDISTURBED = StationDisturbances()


def by_station(disturbances: Iterable[Disturbance]) -> dict[str, StationDisturbances]:
    """The disturbances by station, in their given order; stations without any are absent."""
    found: dict[str, dict[str | None, tuple[Disturbance, ...]]] = {}
    for one in disturbances:
        by_point = found.setdefault(one.station, {})
        by_point[one.code] = (*by_point.get(one.code, ()), one)
    return {station: StationDisturbances(by_point) for station, by_point in found.items()}
