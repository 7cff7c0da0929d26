"""One simulated station: what its points read at an instant, and when it scans which of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from schemas.base import Quality
from schemas.plan import Point, Station
from simulators.chance import Chance
from simulators.effects import NO_EFFECTS, StationEffects
from simulators.gas import MODELS as GAS
from simulators.heating import MODELS as HEATING
from simulators.moment import HOUR_MS, Moment
from simulators.signal import Constant, Model, Signal
from simulators.weather import outdoor_c

NETWORKS: dict[str, dict[str, Model]] = {"gas": GAS, "heating": HEATING}
CHANGE_POLL_MS = 1_000
"""How often a device looks whether a point that reports on change has changed."""
BURST_POLL_MS = 60_000
BURST_ABOVE = 5.0
"""%LEL above which a battery-powered detector reports every minute (DOMAIN 12)."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What some points of a station read at one instant (epoch ms). None: no value.

    ``told_at`` is the device's own time where its clock is wrong; the frame goes out ``copies`` times.
    """

    at: int
    values: dict[str, float | None]
    quality: dict[str, Quality] = field(default_factory=dict)
    """Only points that are not ``good``."""
    told_at: int | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class SimulatedPoint:
    """A point with its model."""

    point: Point
    model: Model

    @property
    def every_ms(self) -> int:
        """The interval of its regular scans; a point that reports on change confirms hourly."""
        if self.point.report_mode == "on_change" or self.point.expected_every_s <= 0:
            return HOUR_MS
        return self.point.expected_every_s * 1000


def model_of(station: Station, code: str) -> Model | None:
    """The model of a point, or None when the network's module does not know its code."""
    return NETWORKS.get(station.system, {}).get(code)


@dataclass(slots=True)
class SimulatedStation:
    """``phase_ms`` shifts the station's scans, so that the city does not report all at once."""

    station: Station
    chance: Chance
    weather: Chance
    points: tuple[SimulatedPoint, ...]
    phase_ms: int
    effects: StationEffects = NO_EFFECTS
    told: dict[str, float | None] = field(default_factory=dict)
    """Last values sent of the points that report on change."""
    intervals: dict[int, list[SimulatedPoint]] = field(init=False)
    changing: list[SimulatedPoint] = field(init=False)
    bursting: list[SimulatedPoint] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the points by how they report."""
        self.intervals = {}
        for simulated in self.points:
            self.intervals.setdefault(simulated.every_ms, []).append(simulated)
        self.disturb(self.effects)
        self.bursting = [s for s in self.points if s.point.report_mode == "burst"]

    def disturb(self, effects: StationEffects) -> None:
        """From now on the station is under these effects instead of those it was under."""
        self.effects = effects
        self.changing = [
            s
            for s in self.points
            if s.point.report_mode == "on_change"
            and (s.point.code in effects.codes or not isinstance(s.model, Constant))
        ]

    def everything(self, at_ms: int) -> Scanned:
        """All points at once, as when a station is switched on."""
        return self._scan(self.points, at_ms)

    def between(self, after_ms: int, until_ms: int) -> list[Scanned]:
        """The scans due in (``after_ms``, ``until_ms``], oldest first; due together, sent together."""
        due: dict[int, list[SimulatedPoint]] = {}
        for every_ms, points in self.intervals.items():
            for at in self._instants(every_ms, after_ms, until_ms):
                due.setdefault(at, []).extend(points)
        self._add_changed(due, after_ms, until_ms)
        self._add_bursts(due, after_ms, until_ms)
        scans = (self._scan(due[at], at) for at in sorted(due))
        return [scanned for scanned in scans if scanned.values]

    def value(self, simulated: SimulatedPoint, at_ms: int) -> float | None:
        """The reading of a point at an instant, under its effects, inside its physical range."""
        return self._scan([simulated], at_ms).values[simulated.point.code]

    def _scan(self, points: Sequence[SimulatedPoint], at_ms: int) -> Scanned:
        moment = Moment.of(at_ms)
        outdoor = outdoor_c(self.weather, moment)
        values: dict[str, float | None] = {}
        quality: dict[str, Quality] = {}
        for simulated in points:
            point = simulated.point
            if self.effects.mutes and self.effects.muted(point.code, at_ms):
                continue
            value: float | None
            if point.code in self.effects.values:
                value, judged = self.effects.reading(point.code, at_ms, partial(self._normal, simulated))
                if judged != "good":
                    quality[point.code] = judged
            else:
                value = simulated.model(Signal(self.station.kind, self.chance, point, moment, outdoor))
            values[point.code] = None if value is None else round(max(point.low, min(point.high, value)), 4)
            if point.report_mode == "on_change":
                self.told[point.code] = values[point.code]
        told_at = self.effects.device_time(at_ms)
        return Scanned(
            at_ms, values, quality, None if told_at == at_ms else told_at, self.effects.copies(at_ms)
        )

    def _normal(self, simulated: SimulatedPoint, at_ms: int) -> float:
        moment = Moment.of(at_ms)
        outdoor = outdoor_c(self.weather, moment)
        return simulated.model(Signal(self.station.kind, self.chance, simulated.point, moment, outdoor))

    def _instants(self, every_ms: int, after_ms: int, until_ms: int) -> range:
        first = after_ms + every_ms - (after_ms - self.phase_ms) % every_ms
        return range(first, until_ms + 1, every_ms)

    def _add_changed(self, due: dict[int, list[SimulatedPoint]], after_ms: int, until_ms: int) -> None:
        if not self.changing:
            return
        for at in self._instants(CHANGE_POLL_MS, after_ms, until_ms):
            before = dict(self.told)
            now = self._scan(self.changing, at).values
            known = due.get(at, [])
            changed = [
                s
                for s in self.changing
                if s.point.code in now and now[s.point.code] != before.get(s.point.code)
            ]
            if changed:
                due[at] = [*known, *(s for s in changed if s not in known)]

    def _add_bursts(self, due: dict[int, list[SimulatedPoint]], after_ms: int, until_ms: int) -> None:
        detectors = [s for s in self.bursting if s.point.unit == "%LEL"]
        if not detectors:
            return
        for at in self._instants(BURST_POLL_MS, after_ms, until_ms):
            read = self._scan(detectors, at).values.values()
            if any(value is not None and value > BURST_ABOVE for value in read):
                known = due.get(at, [])
                due[at] = [*known, *(s for s in self.bursting if s not in known)]
