"""The district heating network without faults, by point code (DOMAIN 12): in the season and outside it.

It is filled all the year; from trial firing to the end of supply the pumps run and the sources fire.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.networks.gates import Calendars, Gated
from simulators.networks.signal import Constant, Model, Signal
from simulators.networks.time_of_day import DAY_MS, HOUR_MS

MILD_C, COLD_C = 5.0, -12.0
"""Outdoor temperatures between which the reset curves rise."""
RADIATOR_C = (35.0, 60.0)
FLOOR_C = (32.0, 42.0)
PRIMARY_C = (75.0, 115.0)
SOURCE = "heat_source"
FLOOR_EXCHANGER = "heat_exchanger_floor"
STATIC_MPA = 0.27
"""The pressure of a network that is filled and stands still."""
RAMP_MS = 12 * HOUR_MS
"""So long a network takes to warm up or to cool down; pressures follow as slowly, to spare the pipes."""
TRIAL_MS = 8 * DAY_MS
"""Trial firing before the supply phase, where the plan has no gate of its own for it."""


def reset_curve(outdoor_c: float, ends: tuple[float, float]) -> float:
    """The supply temperature at an outdoor temperature: ``ends`` at 5 °C and at -12 °C."""
    mild, cold = ends
    share = (MILD_C - outdoor_c) / (MILD_C - COLD_C)
    return mild + (cold - mild) * max(0.0, min(1.0, share))


def season(calendars: Calendars) -> Gated:
    """The working season: the plan's trial and supply phases."""
    working = calendars.get("heating:trial|supply")
    if working is None:
        working = tuple((start - TRIAL_MS, end) for start, end in calendars.get("heating:supply", ()))
    return Gated.of(working)


@dataclass(frozen=True, slots=True)
class Seasonal:
    """``working`` in the season and ``resting`` outside it, with a ramp in between."""

    season: Gated
    working: Model
    resting: Model

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """The value."""
        share = self.season.open_share(at_ms, RAMP_MS)
        if share == 1.0:
            return self.working(signal, at_ms)
        resting = self.resting(signal, at_ms)
        return resting if share == 0.0 else resting + share * (self.working(signal, at_ms) - resting)


def _secondary_c(signal: Signal, at_ms: int) -> float:
    ends = FLOOR_C if signal.kind == FLOOR_EXCHANGER else RADIATOR_C
    return reset_curve(signal.sky(at_ms).outdoor_c, ends)


def _primary_c(signal: Signal, at_ms: int) -> float:
    return reset_curve(signal.sky(at_ms).outdoor_c, PRIMARY_C)


def _primary_supply_c(signal: Signal, at_ms: int) -> float:
    loss = 1.5 * (1 + signal.trait("distance"))
    return _primary_c(signal, at_ms) - loss + 0.3 * signal.noise(at_ms)


def _primary_return_c(signal: Signal, at_ms: int) -> float:
    return 0.42 * _primary_c(signal, at_ms) + 6 + 0.3 * signal.noise(at_ms)


def _secondary_supply_c(signal: Signal, at_ms: int) -> float:
    return _secondary_c(signal, at_ms) + 0.8 * signal.trait("valve") + 0.3 * signal.noise(at_ms)


def _secondary_return_c(signal: Signal, at_ms: int) -> float:
    """Radiators cool the water by some 10 K, floors by 5 K, more when much is drawn."""
    usual = 5.0 if signal.kind == FLOOR_EXCHANGER else 10.0
    return _secondary_c(signal, at_ms) - usual * (1 + 0.1 * signal.demand(at_ms)) + 0.3 * signal.noise(at_ms)


def _cellar_c(signal: Signal, at_ms: int) -> float:
    """Standing water is as warm as cellars and ground."""
    return 10 + 0.5 * signal.sky(at_ms).season_c + 0.3 * signal.noise(at_ms)


def _source_size_t_h(signal: Signal) -> float:
    return 1_200.0 * (1 + 0.4 * signal.trait("size"))


def _secondary_size_t_h(signal: Signal) -> float:
    return 150.0 * (1 + 0.5 * signal.trait("size"))


def _source_flow_t_h(signal: Signal, at_ms: int) -> float:
    return _source_size_t_h(signal) * (1 + 0.04 * signal.demand(at_ms)) * (1 + 0.005 * signal.noise(at_ms))


def _primary_flow_t_h(signal: Signal, at_ms: int) -> float:
    size = 45.0 * (1 + 0.5 * signal.trait("size"))
    return size * (1 + 0.05 * signal.demand(at_ms)) * (1 + 0.005 * signal.noise(at_ms))


def _secondary_flow_t_h(signal: Signal, at_ms: int) -> float:
    return _secondary_size_t_h(signal) * (1 + 0.01 * signal.noise(at_ms))


def _makeup_t_h(signal: Signal, at_ms: int) -> float:
    """0.3 % of what circulates at a source, 0.4 % in an exchanger's secondary network.

    More than 0.5 % and 1 % would be leaks (DOMAIN 2).
    """
    lost = 0.003 * _source_size_t_h(signal) if signal.kind == SOURCE else 0.004 * _secondary_size_t_h(signal)
    return lost * (1 + 0.05 * signal.noise(at_ms))


def _room_c(signal: Signal, at_ms: int) -> float:
    """20.5 °C: each home has its own warmth, falls a little before dawn, rises with cooking."""
    home = 0.6 * signal.trait(f"home {signal.point.code}")
    drift = 0.2 * signal.drift(at_ms, hours=12)
    return 20.5 + home + 0.35 * signal.demand(at_ms) + drift + 0.1 * signal.noise(at_ms)


def _unheated_room_c(signal: Signal, at_ms: int) -> float:
    """A home follows the season and a fifth of the day's swing."""
    sky = signal.sky(at_ms)
    return (
        max(12.0, 8 + 0.72 * sky.season_c) + 0.2 * (sky.outdoor_c - sky.season_c) + 0.1 * signal.noise(at_ms)
    )


def _nothing(_: Signal, __: int) -> float:
    return 0.0


def _pressure_mpa(mean: float) -> Model:
    """Wanders by 0.01 MPa within two hours; noise 0.0015 MPa, as transmitters are damped."""

    def model(signal: Signal, at_ms: int) -> float:
        return mean + 0.01 * signal.drift(at_ms, hours=2) + 0.0015 * signal.noise(at_ms)

    return model


def _available_dp_kpa(signal: Signal, at_ms: int) -> float:
    """More near the source than far away."""
    usual = 90.0 + 8 * signal.trait("distance") + 6 * signal.drift(at_ms, hours=6)
    return usual + signal.noise(at_ms)


_TEMPERATURES: dict[str, Model] = {
    "supply_temperature_c": _primary_supply_c,
    "return_temperature_c": _primary_return_c,
    "primary_supply_temperature_c": _primary_supply_c,
    "primary_return_temperature_c": _primary_return_c,
    "secondary_supply_temperature_c": _secondary_supply_c,
    "secondary_return_temperature_c": _secondary_return_c,
}
_PRESSURES_MPA = {
    "supply_pressure_mpa": 0.75,
    "return_pressure_mpa": 0.25,
    "primary_supply_pressure_mpa": 0.62,
    "primary_return_pressure_mpa": 0.32,
    "secondary_supply_pressure_mpa": 0.42,
    "secondary_return_pressure_mpa": 0.28,
}
_FLOWS: dict[str, Model] = {
    "flow_t_h": _source_flow_t_h,
    "primary_flow_t_h": _primary_flow_t_h,
    "secondary_flow_t_h": _secondary_flow_t_h,
    "makeup_t_h": _makeup_t_h,
    "available_dp_kpa": _available_dp_kpa,
}


def models(calendars: Calendars) -> Mapping[str, Model]:
    """The models of the network in the seasons of a plan."""
    working = season(calendars)
    static = _pressure_mpa(STATIC_MPA)
    return {
        **{code: Seasonal(working, warm, _cellar_c) for code, warm in _TEMPERATURES.items()},
        **{code: Seasonal(working, _pressure_mpa(mpa), static) for code, mpa in _PRESSURES_MPA.items()},
        **{code: Seasonal(working, flow, _nothing) for code, flow in _FLOWS.items()},
        **{f"room_{n:02}_c": Seasonal(working, _room_c, _unheated_room_c) for n in range(1, 21)},
        "running": working,
        "pump_1": working,
        "pump_2": Constant(0.0),
        "power": Constant(1.0),
        "flooded": Constant(0.0),
    }
