"""The reach of a fault: along the plan's links, or to what lies near."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import inf

from schemas.base import km_between
from schemas.plan import Plan, Station
from simulators.networks.station import source_of

NEAR_KM = 0.4
NEAR_COUNT = 3
"""Without links ``beside``, so many of the same kind within ``NEAR_KM`` are taken as neighbours."""


class Where(StrEnum):
    """Stations as seen from the place of a fault."""

    HERE = "here"
    BESIDE = "beside"
    """Over links ``beside``, both ways; of stations without any, the nearest of their kind."""
    FED = "fed"
    """Downstream over links ``feeds``."""
    FEEDING = "feeding"
    """Upstream over links ``feeds``."""
    SIBLINGS = "siblings"
    """Fed by the same station."""
    NEAREST = "nearest"
    """The nearest other station of the same system that has the point in question."""
    GATEWAY = "gateway"
    """All whose frames the same gateway sends, itself too."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A station, how many links away it is, and how many kilometres."""

    station: Station
    hops: int
    km: float


@dataclass(frozen=True)
class Topology:
    """The stations of a plan and their links."""

    plan: Plan

    @cached_property
    def stations(self) -> dict[str, Station]:
        """By id, in the order of ids."""
        return {s.station_id: s for s in sorted(self.plan.stations, key=lambda s: s.station_id)}

    def reach(self, where: Where, place: Station, *, code: str | None, hops: int = 1) -> list[Reached]:
        """Stations from ``place`` up to ``hops`` links away, nearest first; never twice."""
        match where:
            case Where.HERE:
                return [Reached(place, 0, 0.0)]
            case Where.NEAREST:
                return self._nearest(place, code)
            case Where.GATEWAY:
                return self._at(place, self._behind(source_of(place)), 0)
            case Where.SIBLINGS:
                return self._siblings(place)
        return self._walk(where, place, hops)

    def _walk(self, where: Where, place: Station, hops: int) -> list[Reached]:
        reached: list[Reached] = []
        seen = {place.station_id}
        edge = [place.station_id]
        for hop in range(1, hops + 1):
            found = {following for one in edge for following in self._next(where, one)} - seen
            edge = sorted(found)
            seen |= found
            reached.extend(self._at(place, edge, hop))
        return reached

    def _next(self, where: Where, station_id: str) -> Iterable[str]:
        if where is Where.FED:
            return self._fed.get(station_id, ())
        if where is Where.FEEDING:
            return self._feeding.get(station_id, ())
        return self._beside.get(station_id) or self._near(station_id)

    def _siblings(self, place: Station) -> list[Reached]:
        parents = self._feeding.get(place.station_id, [])
        found = {child for parent in parents for child in self._fed[parent]} - {place.station_id}
        return self._at(place, sorted(found), 1)

    def _behind(self, gateway: str) -> Iterable[str]:
        return (id_ for id_, one in self.stations.items() if source_of(one) == gateway and not one.virtual)

    def _nearest(self, place: Station, code: str | None) -> list[Reached]:
        fitting = [
            (km_apart(place, station), station.station_id)
            for station in self.stations.values()
            if station.system == place.system
            and station.station_id != place.station_id
            and any(point.code == code for point in station.points)
        ]
        return self._at(place, [min(fitting)[1]] if fitting else [], 1)

    def _near(self, station_id: str) -> list[str]:
        place = self.stations[station_id]
        fitting = sorted(
            (km, station.station_id)
            for station in self.stations.values()
            if station.kind == place.kind
            and station is not place
            and (km := km_apart(place, station)) <= NEAR_KM
        )
        return [found for _, found in fitting[:NEAR_COUNT]]

    def _at(self, place: Station, ids: Iterable[str], hop: int) -> list[Reached]:
        found = [self.stations[one] for one in ids]
        return [Reached(station, hop, km_apart(place, station)) for station in found]

    @cached_property
    def _fed(self) -> dict[str, list[str]]:
        return self._neighbours("feeds", reverse=False)

    @cached_property
    def _feeding(self) -> dict[str, list[str]]:
        return self._neighbours("feeds", reverse=True)

    @cached_property
    def _beside(self) -> dict[str, list[str]]:
        one, other = (self._neighbours("beside", reverse=reverse) for reverse in (False, True))
        return {key: [*one.get(key, []), *other.get(key, [])] for key in {*one, *other}}

    def _neighbours(self, kind: str, *, reverse: bool) -> dict[str, list[str]]:
        """By origin (or target); links to key users lead nowhere here."""
        found: dict[str, list[str]] = {}
        for link in self.plan.links:
            if link.kind == kind and link.origin in self.stations and link.target in self.stations:
                origin, target = (link.target, link.origin) if reverse else (link.origin, link.target)
                found.setdefault(origin, []).append(target)
        return found


def km_apart(one: Station, other: Station) -> float:
    """Return the kilometres between two stations; unknown places are far."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return inf
    return km_between((one.lat, one.lon), (other.lat, other.lon))
