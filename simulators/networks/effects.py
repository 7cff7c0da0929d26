"""What faults do to the readings of a station and to how it reports: functions of time, without state.

How a simulated station uses this: it holds one ``StationEffects`` (``NO_EFFECTS`` at first; replaced
while it runs when a scene is played). For each point of ``effects.values`` it calls ``reading`` instead
of its model; it leaves out of its scans what is ``muted``; whoever makes its frames tells the scan
times of ``device_time`` in them and sends each ``copies`` times.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from schemas.base import Quality
from simulators.networks.chance import Chance

Normal = Callable[[int], float]
"""What a point would read at an instant (epoch ms) without faults."""


@dataclass(frozen=True, slots=True)
class Span:
    """When something moves in, holds and moves out: a trapezium over city time, epoch ms."""

    begins: int
    rises_ms: int
    holds_ms: int
    falls_ms: int

    @property
    def ends(self) -> int:
        """From here on all is normal again."""
        return self.begins + self.rises_ms + self.holds_ms + self.falls_ms

    def within(self, at_ms: int) -> bool:
        """Whether it goes on at ``at_ms``."""
        return self.begins <= at_ms < self.ends

    def share(self, at_ms: int) -> float:
        """How far things have moved, in [0, 1]."""
        into = at_ms - self.begins
        left = self.ends - at_ms
        if into < 0 or left <= 0:
            return 0.0
        rise = into / self.rises_ms if self.rises_ms else inf
        fall = left / self.falls_ms if self.falls_ms else inf
        return min(1.0, rise, fall)


class How(StrEnum):
    """How an effect changes a value; ``amount`` is its size, scaled by the span's share."""

    TO = "to"
    """Move to ``amount``."""
    ADD = "add"
    """Add ``amount``; a drift is a long rise."""
    TIMES = "times"
    """Multiply by ``amount``."""
    SET = "set"
    """Be in state ``amount``, from begin to end."""
    STUCK = "stuck"
    """Stay at what was read when it began, or at ``amount`` if given."""
    SPIKES = "spikes"
    """One scan in five is off by ``amount``."""
    NOISE = "noise"
    """Normal noise with the deviation ``amount``."""
    NOTHING = "nothing"
    """No value (null)."""
    BAD = "bad"
    """The value is there, of quality ``bad``."""


SPIKE_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one fault does to one point."""

    station: str
    code: str
    how: How
    span: Span
    amount: float | None = None

    def applied(self, value: float | None, at_ms: int, normal: Normal) -> float | None:
        """The reading at ``at_ms`` under this effect, where it would be ``value`` without."""
        if value is None or not self.span.within(at_ms):
            return value
        if self.how is How.NOTHING:
            return None
        if self.how is How.STUCK:
            return normal(self.span.begins) if self.amount is None else self.amount
        amount = 0.0 if self.amount is None else self.amount
        return self._moved(value, amount, at_ms)

    def _moved(self, value: float, amount: float, at_ms: int) -> float:
        share = self.span.share(at_ms)
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
                return value + amount * (self._chance.uniform("spike", self.code, at_ms) < SPIKE_SHARE)
            case How.NOISE:
                return value + amount * share * self._chance.noise(f"burst {self.code}", at_ms)
        return value

    @property
    def _chance(self) -> Chance:
        return Chance(self.span.begins, self.station)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A point, or with ``code`` None the whole station, is not reported during the span."""

    station: str
    code: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongClock:
    """The device's clock is ``ahead_ms`` ahead; with None it was reset and counts from 1970."""

    station: str
    ahead_ms: int | None
    span: Span

    def told(self, at_ms: int) -> int:
        """The time that the device tells at ``at_ms``."""
        if not self.span.within(at_ms):
            return at_ms
        return at_ms - self.span.begins if self.ahead_ms is None else at_ms + self.ahead_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Each frame of the station is sent ``copies`` times during the span."""

    station: str
    copies: int
    span: Span


AnyEffect = Effect | Mute | WrongClock | Repeats


@dataclass(frozen=True, slots=True)
class StationEffects:
    """All effects on one station."""

    values: dict[str, tuple[Effect, ...]] = field(default_factory=dict)
    """By the points that are touched at some time."""
    mutes: tuple[Mute, ...] = ()
    clocks: tuple[WrongClock, ...] = ()
    repeats: tuple[Repeats, ...] = ()

    def reading(self, code: str, at_ms: int, normal: Normal) -> tuple[float | None, Quality]:
        """Value (not yet limited to the point's range) and quality of a point at ``at_ms``."""
        value: float | None = normal(at_ms)
        quality: Quality = "good"
        for effect in self.values.get(code, ()):
            value = effect.applied(value, at_ms, normal)
            if effect.how is How.BAD and effect.span.within(at_ms):
                quality = "bad"
        return value, quality

    def muted(self, code: str, at_ms: int) -> bool:
        """Whether the point is not reported at ``at_ms``; as if it had not been scanned."""
        return any(mute.code in (None, code) and mute.span.within(at_ms) for mute in self.mutes)

    def device_time(self, at_ms: int) -> int:
        """The time that the device tells at ``at_ms``."""
        for clock in self.clocks:
            if clock.span.within(at_ms):
                return clock.told(at_ms)
        return at_ms

    def copies(self, at_ms: int) -> int:
        """How many times a frame is sent."""
        return max((r.copies for r in self.repeats if r.span.within(at_ms)), default=1)


NO_EFFECTS = StationEffects()


def by_station(effects: Iterable[AnyEffect]) -> dict[str, StationEffects]:
    """The effects sorted to their stations, in their given order; stations without any are absent."""
    sorted_out: dict[str, list[AnyEffect]] = {}
    for effect in effects:
        sorted_out.setdefault(effect.station, []).append(effect)
    return {station: _of_one(found) for station, found in sorted_out.items()}


def _of_one(effects: list[AnyEffect]) -> StationEffects:
    values: dict[str, tuple[Effect, ...]] = {}
    for effect in effects:
        if isinstance(effect, Effect):
            values[effect.code] = (*values.get(effect.code, ()), effect)
    return StationEffects(
        values=values,
        mutes=tuple(e for e in effects if isinstance(e, Mute)),
        clocks=tuple(e for e in effects if isinstance(e, WrongClock)),
        repeats=tuple(e for e in effects if isinstance(e, Repeats)),
    )
