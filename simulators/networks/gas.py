"""The gas network on a day without faults, by point code (profiles: DOMAIN 12)."""

from simulators.networks.signal import Constant, Model, Signal, around, at_least_zero, battery_pct
from simulators.networks.time_of_day import DAY_MS

LP_SETPOINT_KPA = 2.4
MP_SETPOINT_MPA = 0.32
REGULATOR_FLOW_M3H = 300.0


def _inlet_pressure_mpa(signal: Signal, at_ms: int) -> float:
    """Medium pressure sags by up to 5 % where consumers draw; noise 0.002 MPa."""
    setpoint = signal.setpoint(MP_SETPOINT_MPA)
    return setpoint * (1 - 0.05 * signal.demand(at_ms)) + 0.002 * signal.noise(at_ms)


def _outlet_pressure_kpa(signal: Signal, at_ms: int) -> float:
    """A regulator's droop: 4 % between no flow and full flow; noise 0.03 kPa."""
    droop = 0.04 * signal.demand(at_ms) + 0.01 * signal.trait("spring")
    return signal.setpoint(LP_SETPOINT_KPA) * (1 - droop) + 0.03 * signal.noise(at_ms)


def _flow_m3h(signal: Signal, at_ms: int) -> float:
    """300 m3/h give or take 60 % with demand, by the size of the station; 2 % noise."""
    size = REGULATOR_FLOW_M3H * (1 + 0.5 * signal.trait("size"))
    return size * (1 + 0.6 * signal.demand(at_ms)) * (1 + 0.02 * signal.noise(at_ms))


def _cabinet_temperature_c(signal: Signal, at_ms: int) -> float:
    """A cabinet follows the weather, damped; gas that expands cools it a little."""
    outdoor_c = signal.sky(at_ms).outdoor_c
    return 6 + 0.6 * outdoor_c - signal.demand(at_ms) + 0.3 * signal.noise(at_ms)


def _tank_level_ratio(signal: Signal, at_ms: int) -> float:
    """Drawn from 0.8 to 0.35 within two weeks or so, then filled by a lorry."""
    days = at_ms / DAY_MS / (14 + 4 * signal.trait("size")) + signal.trait("delivery")
    return 0.8 - 0.45 * (days % 1) + 0.003 * signal.noise(at_ms)


def _tank_pressure_mpa(signal: Signal, at_ms: int) -> float:
    """The vapour pressure of a mixture of propane and butane rises with the temperature."""
    return 0.55 + 0.007 * signal.sky(at_ms).outdoor_c + 0.003 * signal.noise(at_ms)


MODELS: dict[str, Model] = {
    "inlet_pressure_mpa": _inlet_pressure_mpa,
    "outlet_pressure_kpa": _outlet_pressure_kpa,
    "flow_m3h": _flow_m3h,
    "temperature_c": _cabinet_temperature_c,
    "station_ch4_pct_lel": at_least_zero(around(0.3, noise=0.3)),
    "co_room_mg_m3": at_least_zero(around(1.0, swing=0.5, noise=0.2)),
    "shutoff_valve": Constant(1.0),
    "power": Constant(1.0),
    "ch4_pct_lel": at_least_zero(around(0.5, swing=0.2, noise=0.4)),
    "ethane_ppm": at_least_zero(around(0.0, noise=0.05)),
    "water_level_m": at_least_zero(around(0.15, swing=0.1, noise=0.01, hours=48)),
    "cover": Constant(0.0),
    "battery_pct": battery_pct,
    "potential_v_cse": around(-1.05, swing=0.02, noise=0.03, hours=24),
    "tank_level_ratio": _tank_level_ratio,
    "tank_pressure_mpa": _tank_pressure_mpa,
}
