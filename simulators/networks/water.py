"""The water network on a day without faults, by point code (profiles: DOMAIN 12).

A point's reference is its design pressure: where it is high, the ground is low and the way short.
"""

from simulators.networks.pumping import Cycle, CyclingPump
from simulators.networks.signal import Constant, Model, Signal, battery_pct
from simulators.networks.time_of_day import HOUR_MS, MINUTE_MS

OUTLET_MPA, NETWORK_MPA = 0.42, 0.3
PLANT_FLOW_M3H = 1_200.0
ZONE_FLOW_M3H = 60.0
PLANT, WELL = "water_plant", "village_well"


def _busy(signal: Signal, at_ms: int) -> float:
    """A well's pump runs a fifth of the time at night and three fifths at the peaks."""
    return 0.4 + 0.2 * signal.demand(at_ms)


WELL_CYCLE = Cycle((60, 120), _busy)


def _outlet_pressure_mpa(signal: Signal, at_ms: int) -> float:
    """DeadBand by the pumps: sags by 4 % at the peaks; noise 0.003 MPa."""
    held = signal.setpoint(OUTLET_MPA) * (1 - 0.04 * signal.demand(at_ms))
    return held + 0.003 * signal.noise(at_ms)


def _pressure_mpa(signal: Signal, at_ms: int) -> float:
    """Sags with demand, by 5 % of design on a hill and by 7.5 % in the valley; noise 0.0025 MPa."""
    design = signal.setpoint(NETWORK_MPA)
    if signal.kind == WELL:
        return _well_pressure_mpa(signal, at_ms, design)
    sag = (0.03 + 0.1 * design) * signal.demand(at_ms)
    return design * (1 - sag) + 0.003 * signal.drift(at_ms, hours=12) + 0.0025 * signal.noise(at_ms)


def _well_pressure_mpa(signal: Signal, at_ms: int, design: float) -> float:
    """A pressure vessel: the village draws it down while the pump rests."""
    return design * (1.05 - 0.1 * WELL_CYCLE.filled(signal, at_ms)) + 0.002 * signal.noise(at_ms)


def _outlet_flow_m3h(signal: Signal, at_ms: int) -> float:
    size = PLANT_FLOW_M3H * (1 + 0.2 * signal.trait("size"))
    return size * (1 + 0.3 * signal.demand(at_ms)) * (1 + 0.02 * signal.noise(at_ms))


def _inflow_m3h(signal: Signal, at_ms: int) -> float:
    """Half of the mean at night, half more than it at the peaks, which come a little earlier or later."""
    size = ZONE_FLOW_M3H * (1 + 0.5 * signal.trait("size"))
    later_ms = round(0.5 * HOUR_MS * signal.trait("habits"))
    return size * (1 + 0.5 * signal.demand(at_ms - later_ms)) * (1 + 0.04 * signal.noise(at_ms))


def _chlorine_mg_l(signal: Signal, at_ms: int) -> float:
    mean = 0.55 if signal.kind == PLANT else 0.4
    return mean + 0.05 * signal.drift(at_ms, hours=12) + 0.015 * signal.noise(at_ms)


def _turbidity_ntu(signal: Signal, at_ms: int) -> float:
    """Rises a little after rain."""
    return 0.15 + 0.02 * signal.noise(at_ms) + 0.003 * signal.sky(at_ms).wet_mm


def _tank_level_ratio(signal: Signal, at_ms: int) -> float:
    """Full before breakfast, drawn down by dinner."""
    later_ms = round(20 * MINUTE_MS * signal.trait("habits"))
    stored = signal.time_of_day(at_ms - later_ms).stored
    return 0.7 + 0.14 * stored + 0.003 * signal.noise(at_ms)


MODELS: dict[str, Model] = {
    "outlet_pressure_mpa": _outlet_pressure_mpa,
    "outlet_flow_m3h": _outlet_flow_m3h,
    "turbidity_ntu": _turbidity_ntu,
    "chlorine_mg_l": _chlorine_mg_l,
    "tank_level_ratio": _tank_level_ratio,
    "pressure_mpa": _pressure_mpa,
    "inflow_m3h": _inflow_m3h,
    "battery_pct": battery_pct,
    "power": Constant(1.0),
}
PUMPS: dict[str, dict[str, Model]] = {
    PLANT: {"pump_1": Constant(1.0), "pump_2": Constant(0.0), "pump_3": Constant(0.0)},
    WELL: {"pump_1": CyclingPump(WELL_CYCLE)},
}
"""By kind of station. A plant's second and third pump stand by."""
