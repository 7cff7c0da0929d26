"""The district heating network in a supply phase without faults, by point code (DOMAIN 12)."""

from simulators.signal import Constant, Model, Signal, around

MILD_C, COLD_C = 5.0, -12.0
"""Outdoor temperatures between which the reset curves rise."""
RADIATOR_C = (35.0, 60.0)
FLOOR_C = (32.0, 42.0)
PRIMARY_C = (75.0, 115.0)
SOURCE = "heat_source"
FLOOR_EXCHANGER = "heat_exchanger_floor"


def reset_curve(outdoor_c: float, ends: tuple[float, float]) -> float:
    """The supply temperature at an outdoor temperature: ``ends`` at 5 °C and at -12 °C."""
    mild, cold = ends
    share = (MILD_C - outdoor_c) / (MILD_C - COLD_C)
    return mild + (cold - mild) * max(0.0, min(1.0, share))


def _secondary_c(signal: Signal) -> float:
    ends = FLOOR_C if signal.kind == FLOOR_EXCHANGER else RADIATOR_C
    return reset_curve(signal.outdoor_c, ends)


def _primary_supply_c(signal: Signal) -> float:
    loss = 1.5 * (1 + signal.trait("distance"))
    return reset_curve(signal.outdoor_c, PRIMARY_C) - loss + 0.3 * signal.noise


def _primary_return_c(signal: Signal) -> float:
    return 0.42 * reset_curve(signal.outdoor_c, PRIMARY_C) + 6 + 0.3 * signal.noise


def _secondary_supply_c(signal: Signal) -> float:
    return _secondary_c(signal) + 0.8 * signal.trait("valve") + 0.3 * signal.noise


def _secondary_return_c(signal: Signal) -> float:
    """Radiators cool the water by some 10 K, floors by 5 K, more when much is drawn."""
    spread = (5.0 if signal.kind == FLOOR_EXCHANGER else 10.0) * (1 + 0.1 * signal.demand)
    return _secondary_c(signal) - spread + 0.3 * signal.noise


def _source_flow_t_h(signal: Signal) -> float:
    return _source_size(signal) * (1 + 0.04 * signal.demand) * (1 + 0.005 * signal.noise)


def _source_size(signal: Signal) -> float:
    return 1_200.0 * (1 + 0.4 * signal.trait("size"))


def _primary_flow_t_h(signal: Signal) -> float:
    return 45.0 * (1 + 0.5 * signal.trait("size")) * (1 + 0.05 * signal.demand)


def _secondary_flow_t_h(signal: Signal) -> float:
    return _secondary_size(signal) * (1 + 0.01 * signal.noise)


def _secondary_size(signal: Signal) -> float:
    return 150.0 * (1 + 0.5 * signal.trait("size"))


def _makeup_t_h(signal: Signal) -> float:
    """0.3 % of what circulates at a source, 0.4 % in an exchanger's secondary network.

    More than 0.5 % and 1 % would be leaks (DOMAIN 2).
    """
    if signal.kind == SOURCE:
        return _source_size(signal) * 0.003 * (1 + 0.05 * signal.noise)
    return _secondary_size(signal) * 0.004 * (1 + 0.05 * signal.noise)


def _room_c(signal: Signal) -> float:
    """20.5 °C: each home has its own warmth, falls a little before dawn, rises with cooking."""
    home = 0.6 * signal.chance.trait(f"home {signal.point.code}")
    return 20.5 + home + 0.35 * signal.demand + 0.2 * signal.drift(12) + 0.1 * signal.noise


def _outdoor_c(signal: Signal) -> float:
    return signal.outdoor_c + 0.1 * signal.noise


_SOURCE: dict[str, Model] = {
    "supply_temperature_c": _primary_supply_c,
    "return_temperature_c": _primary_return_c,
    "supply_pressure_mpa": around(0.75, swing=0.01, noise=0.01),
    "return_pressure_mpa": around(0.25, swing=0.01, noise=0.005),
    "flow_t_h": _source_flow_t_h,
    "running": Constant(1.0),
}
_PRIMARY: dict[str, Model] = {
    "primary_supply_temperature_c": _primary_supply_c,
    "primary_return_temperature_c": _primary_return_c,
    "primary_supply_pressure_mpa": around(0.62, swing=0.01, noise=0.008),
    "primary_return_pressure_mpa": around(0.32, swing=0.01, noise=0.005),
    "primary_flow_t_h": _primary_flow_t_h,
    "available_dp_kpa": around(90.0, swing=8.0, noise=1.0),
}
_SECONDARY: dict[str, Model] = {
    "secondary_supply_temperature_c": _secondary_supply_c,
    "secondary_return_temperature_c": _secondary_return_c,
    "secondary_supply_pressure_mpa": around(0.42, swing=0.01, noise=0.004),
    "secondary_return_pressure_mpa": around(0.28, swing=0.01, noise=0.004),
    "secondary_flow_t_h": _secondary_flow_t_h,
}
MODELS: dict[str, Model] = {
    **_SOURCE,
    **_PRIMARY,
    **_SECONDARY,
    "makeup_t_h": _makeup_t_h,
    "power": Constant(1.0),
    "flooded": Constant(0.0),
    **{f"pump_{number}": Constant(1.0) for number in range(1, 4)},
    **{f"room_{number:02}_c": _room_c for number in range(1, 21)},
    "outdoor_temperature_c": _outdoor_c,
    "air_temperature_c": _outdoor_c,
}
