"""What a model of a point gets to answer with a value."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.plan import Point
from simulators.chance import Chance
from simulators.moment import HOUR_MS, Moment, demand

DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Signal:
    """One point of one station at one instant; ``outdoor_c`` is the district's air temperature."""

    kind: str
    chance: Chance
    point: Point
    moment: Moment
    outdoor_c: float

    @property
    def noise(self) -> float:
        """The instrument's noise: about normal, deviation 1, never beyond 3.5."""
        return self.chance.noise(self.point.code, self.moment.at_ms)

    @property
    def demand(self) -> float:
        """The consumers' demand in [-1, 1]."""
        return demand(self.moment)

    def trait(self, name: str) -> float:
        """A number in [-1, 1) that the station keeps for good; shared by all its points."""
        return self.chance.trait(name)

    def drift(self, hours: float) -> float:
        """A slow curve in [-1, 1] of the point's own."""
        return self.chance.wander(self.point.code, self.moment.at_ms, round(hours * HOUR_MS))

    def setpoint(self, otherwise: float) -> float:
        """The point's registered reference, or else a usual value."""
        return self.point.reference or otherwise


Model = Callable[[Signal], float]
"""The value of a point in its unit, without faults."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The model of a state that does not change by itself."""

    value: float

    def __call__(self, _: Signal) -> float:
        """The state."""
        return self.value


def battery_pct(signal: Signal) -> float:
    """A battery that is changed at about 40 % and loses some 0.05 % a day."""
    days = signal.moment.at_ms / DAY_MS + 600 * signal.trait("battery")
    return 98 - days * 0.05 % 58 + 0.3 * signal.noise


def around(mean: float, *, swing: float = 0.0, noise: float = 0.0, hours: float = 6.0) -> Model:
    """A quantity that wanders around ``mean`` by ``swing`` within ``hours``, plus noise."""
    return lambda signal: mean + swing * signal.drift(hours) + noise * signal.noise


def at_least_zero(model: Model) -> Model:
    """What an instrument cannot show as negative."""
    return lambda signal: max(0.0, model(signal))
