"""Sewers on a day without faults, by point code (profiles: DOMAIN 12)."""

from simulators.networks.pumping import Cycle, CyclingPump
from simulators.networks.signal import Constant, DeadBand, Model, Signal, around, at_least_zero, battery_pct
from simulators.networks.time_of_day import DAY_MS, HOUR_MS
from simulators.networks.weather_station import rain_gauge_mm_h

LIFTS = ("sewage_plant", "sewer_pump_station")
WELL_LEVELS = (0.32, 0.58)
"""Of the wet well: a pump stops at the lower and starts at the upper one."""
PONDING_AT_MOST_CM = 9.0


def _sewage(signal: Signal, at_ms: int) -> float:
    """In [-1, 1]: what people use, half an hour to an hour and a half later."""
    return signal.demand(at_ms - round(HOUR_MS * (1 + 0.5 * signal.trait("distance"))))


def _busy(signal: Signal, at_ms: int) -> float:
    """A pump runs a fourth of the time at night, three fifths at the peaks, longer in rain."""
    return min(0.85, 0.42 + 0.18 * _sewage(signal, at_ms) + 0.015 * signal.sky(at_ms).wet_mm)


CYCLE = Cycle((24, 40), _busy)


def _wet_well_level_ratio(signal: Signal, at_ms: int) -> float:
    low, high = WELL_LEVELS
    return low + (high - low) * CYCLE.filled(signal, at_ms) + 0.002 * signal.noise(at_ms)


def _level_ratio(signal: Signal, at_ms: int) -> float:
    """A quarter full, more with sewage, a little more with rain."""
    rain = min(0.25, 0.012 * signal.sky(at_ms).wet_mm)
    usual = 0.26 + 0.05 * signal.trait("slope") + 0.11 * _sewage(signal, at_ms)
    return max(0.02, usual + rain + 0.008 * signal.noise(at_ms))


def _freeboard_m(signal: Signal, at_ms: int) -> float:
    """The space left up to the ground: the mirror of the level."""
    if signal.kind in LIFTS:
        depth = 5.5 + 0.4 * signal.trait("depth")
        return depth * (1 - _wet_well_level_ratio(signal, at_ms))
    return 2.7 + 0.3 * signal.trait("depth") - 0.8 * _level_ratio(signal, at_ms)


def _warmth(signal: Signal, at_ms: int) -> float:
    """1 in winter, up to 2.2 in the heat: sewage rots faster."""
    return 1 + 1.2 * max(0.0, min(1.0, (signal.sky(at_ms).outdoor_c - 5) / 25))


def _h2s_mg_m3(signal: Signal, at_ms: int) -> float:
    """Most when little flows."""
    rotten = 4 + 2 * signal.drift(at_ms, hours=24) - 1.2 * _sewage(signal, at_ms)
    return max(0.0, rotten * _warmth(signal, at_ms) + 0.3 * signal.noise(at_ms))


def _ch4_pct_lel(signal: Signal, at_ms: int) -> float:
    """Biogas of the sewer itself."""
    rotten = 3 + 1.5 * signal.drift(at_ms, hours=24) - 0.8 * _sewage(signal, at_ms)
    return max(0.0, rotten * _warmth(signal, at_ms) + 0.2 * signal.noise(at_ms))


def _laid_deg(signal: Signal, _: int) -> float:
    """The angle at which the cover was laid: up to 3 degrees."""
    return 1.5 + 1.5 * signal.trait("tilt")


def _ponding_cm(signal: Signal, at_ms: int) -> float:
    """The underpass drains what an ordinary shower brings."""
    return min(PONDING_AT_MOST_CM, 0.4 * signal.sky(at_ms).wet_mm)


MODELS: dict[str, Model] = {
    "wet_well_level_ratio": _wet_well_level_ratio,
    "level_ratio": _level_ratio,
    "freeboard_m": _freeboard_m,
    "h2s_room_mg_m3": at_least_zero(around(0.5, noise=0.3)),
    "o2_room_pct": around(20.8, noise=0.1),
    "ch4_room_pct_lel": at_least_zero(around(0.5, noise=0.3)),
    "h2s_mg_m3": _h2s_mg_m3,
    "ch4_pct_lel": _ch4_pct_lel,
    "pump_1": CyclingPump(CYCLE, turn=0, pumps=2),
    "pump_2": CyclingPump(CYCLE, turn=1, pumps=2),
    "power": Constant(1.0),
    "flooded": Constant(0.0),
    "cover": Constant(0.0),
    "tilt_deg": DeadBand(_laid_deg, DAY_MS, 1.0),
    "battery_pct": battery_pct,
    "ponding_cm": _ponding_cm,
    "rain_mm_h": rain_gauge_mm_h,
}
