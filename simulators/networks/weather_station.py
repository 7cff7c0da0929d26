"""Weather stations, by point code, and the rain gauges that other networks have."""

from simulators.networks.signal import Model, Signal


def _air_temperature_c(signal: Signal, at_ms: int) -> float:
    return signal.sky(at_ms).outdoor_c + 0.1 * signal.noise(at_ms)


def rain_gauge_mm_h(signal: Signal, at_ms: int) -> float:
    """A tipping bucket: no noise, and 0.1 mm/h is the least that it tells."""
    return round(signal.sky(at_ms).rain_mm_h, 1)


def _wind_m_s(signal: Signal, at_ms: int) -> float:
    return max(0.0, signal.sky(at_ms).wind_m_s + 0.2 * signal.noise(at_ms))


MODELS: dict[str, Model] = {
    "air_temperature_c": _air_temperature_c,
    "rain_mm_h": rain_gauge_mm_h,
    "wind_m_s": _wind_m_s,
}
