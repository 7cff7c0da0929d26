"""One simulated station: what its points read at an instant, and when it scans which of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.base import Quality
from schemas.plan import Point, Station
from simulators.networks.disturbances import (
    ON_THE_WAY,
    UNDISTURBED,
    Disturbance,
    How,
    StationDisturbances,
)
from simulators.networks.signal import Model, Signal, Stepwise
from simulators.networks.time_of_day import HOUR_MS

CHANGE_POLL_MS = 1_000
"""A device looks so often whether a point has changed while a fault moves it."""
LOOK_MS = 60_000
"""And so often otherwise, where the model does not know its changes beforehand."""
BURST_POLL_MS = 60_000
BURST_ABOVE = 5.0
"""%LEL above which a battery-powered detector reports every minute (DOMAIN 12)."""
TOWN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Scanned:
    """The values of some points of a station at one instant (epoch ms). None: no value.

    ``device_at`` is the device's own time where its clock is wrong; the frame goes out ``copies`` times.
    """

    at: int
    values: dict[str, float | None]
    quality: dict[str, Quality] = field(default_factory=dict)
    """Only points that are not ``good``."""
    device_at: int | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class SimulatedPoint:
    """A point with its model and what the model asks."""

    point: Point
    model: Model
    signal: Signal

    @property
    def every_ms(self) -> int:
        """The interval of its regular scans; a point that reports on change confirms its value so often."""
        return self.point.expected_every_s * 1000 or HOUR_MS

    def normal(self, at_ms: int) -> float:
        """The reading without faults."""
        return self.model(self.signal, at_ms)

    def limited(self, value: float) -> float:
        """A value as the instrument shows it: inside its range, to four digits."""
        return round(max(self.point.low, min(self.point.high, value)), 4)


def source_of(station: Station) -> str:
    """The gateway that sends the station's frames: one for each system of a town."""
    return f"gw-{station.system}-{station.town_code[:TOWN_DIGITS]}"


@dataclass(slots=True)
class SimulatedStation:
    """``phase_ms`` shifts the station's scans, so that the city does not report all at once."""

    station: Station
    points: tuple[SimulatedPoint, ...]
    phase_ms: int
    disturbances: StationDisturbances = UNDISTURBED
    """What faults do to it now."""
    last_sent: dict[str, float | None] = field(default_factory=dict)
    """Last values sent of the points that report on change."""
    intervals: dict[int, list[SimulatedPoint]] = field(init=False)
    changing: list[SimulatedPoint] = field(init=False)
    bursting: list[SimulatedPoint] = field(init=False)
    detectors: list[SimulatedPoint] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the points by how they report."""
        self.intervals = {}
        for simulated in self.points:
            self.intervals.setdefault(simulated.every_ms, []).append(simulated)
        self.changing = [s for s in self.points if s.point.report_mode == "on_change"]
        self.bursting = [s for s in self.points if s.point.report_mode == "burst"]
        self.detectors = [s for s in self.bursting if s.point.unit == "%LEL"]

    def scan_all(self, at_ms: int) -> Scanned:
        """All points at once, as when a station is switched on."""
        return self._scan(self.points, at_ms)

    def between(self, after_ms: int, until_ms: int) -> list[Scanned]:
        """The scans due in (``after_ms``, ``until_ms``], oldest first; due together, sent together."""
        due: dict[int, list[SimulatedPoint]] = {}
        for every_ms, points in self.intervals.items():
            for at in self._instants(every_ms, after_ms, until_ms):
                due.setdefault(at, []).extend(points)
        self._add_bursts(due, after_ms, until_ms)
        looks = self._looks(after_ms, until_ms)
        scans = (
            self._scan(self._due(due.get(at, []), looks.get(at, ()), at), at)
            for at in sorted(due.keys() | looks.keys())
        )
        return [scanned for scanned in scans if scanned.values]

    def value(self, simulated: SimulatedPoint, at_ms: int) -> float | None:
        """The reading of a point at an instant, under its disturbances, inside its physical range."""
        return self._reading(simulated, at_ms)[0]

    def _due(
        self, regular: list[SimulatedPoint], looked: Iterable[SimulatedPoint], at_ms: int
    ) -> list[SimulatedPoint]:
        """The points scanned at an instant: the regular ones, and those that have changed."""
        changed = [
            s for s in looked if s not in regular and self.value(s, at_ms) != self.last_sent.get(s.point.code)
        ]
        return [*regular, *changed] if changed else regular

    def _scan(self, points: Sequence[SimulatedPoint], at_ms: int) -> Scanned:
        values: dict[str, float | None] = {}
        qualities: dict[str, Quality] = {}
        for simulated in points:
            code = simulated.point.code
            if self.disturbances.by_point and self.disturbances.muted(code, at_ms):
                continue
            values[code], quality = self._reading(simulated, at_ms)
            if quality != "good":
                qualities[code] = quality
            if simulated.point.report_mode == "on_change":
                self.last_sent[code] = values[code]
        device_at = self.disturbances.device_time(at_ms)
        copies = self.disturbances.copies(at_ms)
        return Scanned(at_ms, values, qualities, None if device_at == at_ms else device_at, copies)

    def _reading(self, simulated: SimulatedPoint, at_ms: int) -> tuple[float | None, Quality]:
        code = simulated.point.code
        if code not in self.disturbances.by_point:
            return simulated.limited(simulated.normal(at_ms)), "good"
        value, quality = self.disturbances.reading(code, at_ms, simulated.normal)
        return None if value is None else simulated.limited(value), quality

    def _instants(self, every_ms: int, after_ms: int, until_ms: int) -> range:
        first = after_ms + every_ms - (after_ms - self.phase_ms) % every_ms
        return range(first, until_ms + 1, every_ms)

    def _looks(self, after_ms: int, until_ms: int) -> dict[int, list[SimulatedPoint]]:
        """The points that report on change, by the instants at which they may have another value."""
        looks: dict[int, list[SimulatedPoint]] = {}
        for simulated in self.changing:
            for at in self._may_change(simulated, after_ms, until_ms):
                if simulated not in looks.setdefault(at, []):
                    looks[at].append(simulated)
        return looks

    def _may_change(self, simulated: SimulatedPoint, after_ms: int, until_ms: int) -> Iterable[int]:
        model = simulated.model
        if isinstance(model, Stepwise):
            yield from model.changes(simulated.signal, after_ms, until_ms)
        else:
            yield from self._instants(LOOK_MS, after_ms, until_ms)
        by_point = self.disturbances.by_point
        for disturbance in (*by_point.get(None, ()), *by_point.get(simulated.point.code, ())):
            if disturbance.how not in ON_THE_WAY:
                yield from _changes(disturbance, after_ms, until_ms)

    def _add_bursts(self, due: dict[int, list[SimulatedPoint]], after_ms: int, until_ms: int) -> None:
        if not self.detectors:
            return
        for at in self._instants(BURST_POLL_MS, after_ms, until_ms):
            read = (self.value(detector, at) for detector in self.detectors)
            if any(value is not None and value > BURST_ABOVE for value in read):
                regular = due.get(at, [])
                due[at] = [*regular, *(s for s in self.bursting if s not in regular)]


def _changes(disturbance: Disturbance, after_ms: int, until_ms: int) -> Iterable[int]:
    """Instants in (``after_ms``, ``until_ms``] at which a value may change under a disturbance."""
    begins, ends = disturbance.envelope.begins, disturbance.envelope.ends
    at_once = disturbance.how in (How.SET, How.SILENT)
    every_ms = max(1, ends - begins) if at_once else CHANGE_POLL_MS
    first = max(begins, after_ms + every_ms - (after_ms - begins) % every_ms)
    yield from range(first, min(until_ms, ends - 1) + 1, every_ms)
    if after_ms < ends <= until_ms:
        yield ends
