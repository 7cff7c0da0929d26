"""The input of a point's model, and models that several networks use."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from schemas.plan import Point
from simulators.networks.chance import Chance, Stream
from simulators.networks.time_of_day import DAY_MS, HOUR_MS, TimeOfDay
from simulators.networks.weather import Sky, Weather


@dataclass(slots=True)
class Signal:
    """One point of one station. All that is asked of it is a function of the instant (epoch ms)."""

    kind: str
    chance: Chance
    point: Point
    weather: Weather
    traits: dict[str, float] = field(default_factory=dict)
    """Traits drawn so far; shared by the station's points."""
    fast: Stream = field(init=False)
    slow: Stream = field(init=False)

    def __post_init__(self) -> None:
        """Keep the point's streams of chance."""
        self.fast = self.chance.stream(self.point.code, "noise")
        self.slow = self.chance.stream(self.point.code, "drift")

    def noise(self, at_ms: int) -> float:
        """The instrument's noise: about normal, deviation 1, never beyond 3.5."""
        return self.fast.noise(at_ms)

    def drift(self, at_ms: int, *, hours: float) -> float:
        """A slow curve in [-1, 1] of the point's own."""
        return self.slow.wander(at_ms, round(hours * HOUR_MS))

    def demand(self, at_ms: int) -> float:
        """The consumers' demand in [-1, 1]."""
        return self.time_of_day(at_ms).demand

    def time_of_day(self, at_ms: int) -> TimeOfDay:
        """The time of day where the station stands."""
        return TimeOfDay.of(at_ms, self.weather.zone)

    def sky(self, at_ms: int) -> Sky:
        """The weather of the station's area."""
        return self.weather.sky(at_ms)

    def trait(self, name: str) -> float:
        """A number in [-1, 1) that the station keeps for good; shared by all its points."""
        if name not in self.traits:
            self.traits[name] = self.chance.trait(name)
        return self.traits[name]

    def setpoint(self, otherwise: float) -> float:
        """The point's registered reference, or else a usual value."""
        return self.point.reference or otherwise


Model = Callable[[Signal, int], float]
"""The value of a point in its unit at an instant (epoch ms), without faults."""


@runtime_checkable
class Stepwise(Protocol):
    """A model whose value changes at single instants only, which it knows beforehand."""

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """The value."""
        ...

    def changes(self, signal: Signal, after_ms: int, until_ms: int) -> Iterable[int]:
        """Instants in (``after_ms``, ``until_ms``] from which on there is another value."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The model of a state that does not change by itself."""

    value: float

    def __call__(self, _: Signal, __: int) -> float:
        """The state."""
        return self.value

    def changes(self, _: Signal, __: int, ___: int) -> Iterable[int]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class DeadBand:
    """A device with a dead band: it reads a slow curve every ``every_ms`` and reports whole ``step``."""

    curve: Model
    every_ms: int
    step: float

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """The value that it reported last."""
        looked = at_ms - (at_ms - self._offset(signal)) % self.every_ms
        return round(self.curve(signal, looked) / self.step) * self.step

    def changes(self, signal: Signal, after_ms: int, until_ms: int) -> Iterable[int]:
        """The readings that find another value than the one before."""
        first = after_ms + self.every_ms - (after_ms - self._offset(signal)) % self.every_ms
        for at in range(first, until_ms + 1, self.every_ms):
            if self(signal, at) != self(signal, at - self.every_ms):
                yield at

    def _offset(self, signal: Signal) -> int:
        return int((1 + signal.trait("looks")) * self.every_ms / 2_000) * 1_000


def battery_pct(signal: Signal, at_ms: int) -> float:
    """A battery that is changed at about 40 % and loses some 0.05 % a day."""
    days = at_ms / DAY_MS + 600 * signal.trait("battery")
    return 98 - days * 0.05 % 58 + 0.3 * signal.noise(at_ms)


def around(mean: float, *, swing: float = 0.0, noise: float = 0.0, hours: float = 6.0) -> Model:
    """A quantity that wanders around ``mean`` by ``swing`` within ``hours``, plus noise."""
    period_ms = round(hours * HOUR_MS)

    def model(signal: Signal, at_ms: int) -> float:
        value = mean + swing * signal.slow.wander(at_ms, period_ms) if swing else mean
        return value + noise * signal.fast.noise(at_ms)

    return model


def at_least_zero(model: Model) -> Model:
    """A model without negative values, which the instrument cannot show."""
    return lambda signal, at_ms: max(0.0, model(signal, at_ms))
