"""Street lighting on a day without faults: lamps burn by the plan's lamp gates (values: DOMAIN 12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from schemas.plan import Point, Share, Station
from simulators.networks.gates import Calendars, Gated
from simulators.networks.signal import Constant, DeadBand, Model, Signal, around
from simulators.networks.time_of_day import MINUTE_MS

LATE_MS = 60_000
"""Cabinets switch by clocks of their own, up to a minute after their gates' edges."""
LAMPS = 20
WHOLE_NIGHT, HALF_NIGHT = "circuit_1", "circuit_3"


def _voltage_v(signal: Signal, at_ms: int) -> float:
    """225 V, lower when much is drawn; noise 1 V."""
    return 225 - 2.5 * signal.demand(at_ms) + signal.drift(at_ms, hours=6) + signal.noise(at_ms)


@dataclass(frozen=True, slots=True)
class Current:
    """The scheduled share of the reference within 2 %, nothing while no lamp is scheduled."""

    shares: tuple[tuple[Gated, float], ...]

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """Ampere."""
        for gate, share in self.shares:
            if gate(signal, at_ms):
                return signal.setpoint(20.0) * share * (1 + 0.0057 * signal.noise(at_ms))
        return 0.0


_FIXED: dict[str, Model] = {
    "leakage_ma": DeadBand(around(5.0, swing=2.0), 10 * MINUTE_MS, 1.0),
    "door": Constant(0.0),
    "power": Constant(1.0),
    **{f"voltage_{phase}_v": _voltage_v for phase in "abc"},
}


def models(station: Station, calendars: Calendars) -> Mapping[str, Model]:
    """The models of a cabinet. A circuit, lamp or current without a gate never burns."""
    gates = _circuit_gates(station)
    circuits = {code: _gated(gates.get(code), calendars) for code in ("circuit_1", "circuit_2", "circuit_3")}
    lamps = {
        f"lamp_{number:02}": circuits[WHOLE_NIGHT if number % 2 else HALF_NIGHT]
        for number in range(1, LAMPS + 1)
    }
    currents = {p.code: _current(p, calendars) for p in station.points if p.code.startswith("current_")}
    return {**_FIXED, **circuits, **lamps, **currents}


def _circuit_gates(station: Station) -> dict[str, str]:
    """Calendars by circuit: what the station's shares expect of their members."""
    shares = (p.computed for p in station.points if isinstance(p.computed, Share))
    return {m.point: m.expected for share in shares for m in share.members if m.expected is not None}


def _current(point: Point, calendars: Calendars) -> Current:
    return Current(tuple((_gated(s.gate, calendars), s.share) for s in point.schedule))


def _gated(name: str | None, calendars: Calendars) -> Gated:
    return _of_intervals(calendars.get(name, ()) if name is not None else ())


@lru_cache(maxsize=32)
def _of_intervals(intervals: tuple[tuple[int, int], ...]) -> Gated:
    """Cabinets share their gates, which have thousands of edges."""
    return Gated.of(intervals, LATE_MS)
