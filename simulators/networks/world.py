"""The simulated city: every station of a plan, moved along city time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.plan import Plan, Point, Station
from simulators.networks import gas, heating, lighting, sewer, water, weather_station
from simulators.networks.chance import Chance
from simulators.networks.disturbances import UNDISTURBED, Disturbance, by_station
from simulators.networks.gates import Calendars
from simulators.networks.signal import Model, Signal
from simulators.networks.station import Scanned, SimulatedPoint, SimulatedStation
from simulators.networks.weather import Weather

HOUR_S = 3_600
SYSTEMS: Mapping[str, Callable[[Station, Calendars], Mapping[str, Model]]] = {
    "gas": lambda _, __: gas.MODELS,
    "heating": lambda _, calendars: heating.models(calendars),
    "lighting": lighting.models,
    "sewer": lambda _, __: sewer.MODELS,
    "water": lambda station, _: {**water.MODELS, **water.PUMPS.get(station.kind, {})},
    "weather": lambda _, __: weather_station.MODELS,
}
"""The models of a station's points, by their codes."""


@dataclass(frozen=True, slots=True)
class World:
    """``unmodelled`` names what of the plan stays silent: ``kind.code``, or a whole system."""

    stations: tuple[SimulatedStation, ...]
    unmodelled: tuple[str, ...]

    def first_scans(self, at_ms: int) -> Iterable[tuple[Station, Scanned]]:
        """One scan of everything."""
        for simulated in self.stations:
            scanned = simulated.scan_all(at_ms)
            if scanned.values:
                yield simulated.station, scanned

    def between(self, after_ms: int, until_ms: int) -> Iterable[tuple[Station, Scanned]]:
        """All scans due in (``after_ms``, ``until_ms``], by station."""
        for simulated in self.stations:
            for scanned in simulated.between(after_ms, until_ms):
                yield simulated.station, scanned

    def disturb(self, disturbances: Iterable[Disturbance]) -> None:
        """Put the city under these disturbances, instead of those it was under."""
        disturbed = by_station(disturbances)
        for simulated in self.stations:
            simulated.disturbances = disturbed.get(simulated.station.station_id, UNDISTURBED)


def build_world(plan: Plan, *, seed: int, disturbances: Iterable[Disturbance] = ()) -> World:
    """The city of ``plan`` under ``disturbances``."""
    zone, skies = ZoneInfo(plan.time_zone), dict[str, Weather]()
    stations: list[SimulatedStation] = []
    unmodelled: set[str] = set()
    for station in plan.stations:
        if station.virtual:
            continue
        sky = skies.setdefault(station.town_code, Weather(seed, station.town_code, zone))
        models_of = SYSTEMS.get(station.system)
        models = models_of(station, plan.calendars) if models_of else {}
        simulated = _simulated(station, Chance(seed, station.station_id), sky, models)
        if simulated.points:
            stations.append(simulated)
        unmodelled.update(_unmodelled(station, models))
    world = World(tuple(stations), tuple(sorted(unmodelled)))
    world.disturb(disturbances)
    return world


def reported(point: Point) -> bool:
    """Returns whether a device reports the point: others are computed, or found by people."""
    return point.computed is None and point.report_mode != "inspected"


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
