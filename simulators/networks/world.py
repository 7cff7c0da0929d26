"""The simulated city: every station of a plan, moved along city time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.plan import Plan, Station
from simulators.faults.fault import Fault
from simulators.networks.chance import Chance
from simulators.networks.effects import NO_EFFECTS, by_station
from simulators.networks.models import SYSTEMS, models_of, reported
from simulators.networks.signal import Model, Signal
from simulators.networks.station import Scanned, SimulatedPoint, SimulatedStation
from simulators.networks.weather import Weather

HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class World:
    """``unmodelled`` names what of the plan stays silent: ``kind.code``, or a whole system."""

    stations: tuple[SimulatedStation, ...]
    unmodelled: tuple[str, ...]

    def switched_on(self, at_ms: int) -> Iterable[tuple[Station, Scanned]]:
        """One scan of everything."""
        for simulated in self.stations:
            scanned = simulated.everything(at_ms)
            if scanned.values:
                yield simulated.station, scanned

    def between(self, after_ms: int, until_ms: int) -> Iterable[tuple[Station, Scanned]]:
        """All scans due in (``after_ms``, ``until_ms``], by station."""
        for simulated in self.stations:
            for scanned in simulated.between(after_ms, until_ms):
                yield simulated.station, scanned

    def disturb(self, faults: Iterable[Fault]) -> None:
        """The city is under these faults from now on, instead of those it was under."""
        effects = by_station(effect for fault in faults for effect in fault.effects)
        for simulated in self.stations:
            simulated.disturb(effects.get(simulated.station.station_id, NO_EFFECTS))


def build_world(plan: Plan, *, seed: int, faults: Iterable[Fault] = ()) -> World:
    """The city of ``plan`` under ``faults``."""
    skies: dict[str, Weather] = {}
    stations: list[SimulatedStation] = []
    unmodelled: set[str] = set()
    for station in plan.stations:
        if station.virtual:
            continue
        sky = skies.setdefault(station.town_code, Weather(seed, station.town_code))
        models = models_of(station, plan.calendars)
        simulated = _simulated(station, Chance(seed, station.station_id), sky, models)
        if simulated.points:
            stations.append(simulated)
        unmodelled.update(_unmodelled(station, models))
    world = World(tuple(stations), tuple(sorted(unmodelled)))
    world.disturb(faults)
    return world


def _simulated(
    station: Station, chance: Chance, weather: Weather, models: Mapping[str, Model]
) -> SimulatedStation:
    traits: dict[str, float] = {}
    return SimulatedStation(
        station=station,
        points=tuple(
            SimulatedPoint(point, models[point.code], Signal(station.kind, chance, point, weather, traits))
            for point in station.points
            if reported(point) and point.code in models
        ),
        phase_ms=int(chance.uniform("phase") * HOUR_S) * 1000,
    )


def _unmodelled(station: Station, models: Mapping[str, Model]) -> set[str]:
    if station.system not in SYSTEMS:
        return {f"system {station.system}"}
    codes = (point.code for point in station.points if reported(point))
    return {f"{station.kind}.{code}" for code in codes if code not in models}
