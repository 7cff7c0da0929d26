"""What a network module makes: stations, links and valves; and the ids and names that they get."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tools.city_generator.gazetteer import Town
from tools.city_generator.geography import Place, Spot, chance, label
from tools.city_generator.words import Label, Words

CALIBRATED_BY = date(2026, 2, 20)
"""No instrument is due before: the demo city begins in January 2026 and shall begin well kept."""

NAMELESS = Words("", "")


@dataclass(slots=True, eq=False)
class Station:
    """A station to be. ``label`` says where, ``what`` says what it is; together they are its name."""

    type: str
    town: Town
    owner: str
    label: Label
    what: Words
    spot: Spot
    road: str | None = None
    access: Words | None = None
    staffed: bool = False
    traits: tuple[str, ...] = ()
    people: int | None = None
    m2: int | None = None
    points: dict[str, dict[str, Any]] = field(default_factory=dict)
    id: str = ""
    name: Words = NAMELESS

    @property
    def key(self) -> tuple[str, str, float, float]:
        """What chance about this station depends on."""
        return (self.type, self.town.code, self.spot.lat, self.spot.lon)


@dataclass(slots=True, eq=False)
class Valve:
    """A valve to be."""

    system: str
    town: Town
    name: Words
    spot: Spot
    id: str = ""


@dataclass(slots=True, eq=False)
class KeyUser:
    """A key user to be."""

    kind: str
    town: Town
    name: Words
    spot: Spot
    id: str = ""


@dataclass(slots=True)
class Link:
    """``origin`` feeds, or lies beside, ``to``."""

    kind: str
    origin: Station
    to: Sequence[Station | KeyUser]
    valve: Valve | None = None


@dataclass(slots=True)
class Network:
    """A system's stations, and how they hang together."""

    system: str
    stations: list[Station] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    valves: list[Valve] = field(default_factory=list)

    def of(self, type_: str, town: Town | None = None) -> list[Station]:
        """Stations of a type, in one town or in all."""
        return [s for s in self.stations if s.type == type_ and town in (None, s.town)]

    def feeds(self, origin: Station, to: Iterable[Station], valve: Words | None = None) -> None:
        """``origin`` feeds stations, behind a valve in the town of the first of them if it has a name."""
        targets = list(to)
        if not targets:
            return
        gate = None
        if valve is not None:
            spot = Spot(round(targets[0].spot.lat - 0.00012, 5), targets[0].spot.lon)
            gate = Valve(self.system, targets[0].town, valve, spot)
            self.valves.append(gate)
        self.links.append(Link("feeds", origin, targets, gate))


def on_street(place: Place, town: Town) -> Label:
    """What a place on a street is called."""
    return label(place.street, place.share, town.streets)


def nearest(spot: Spot, stations: Iterable[Station]) -> Station:
    """The station nearest to a spot."""
    return min(stations, key=lambda station: (spot.km_to(station.spot), station.type, station.spot.lon))


def calibration(station: Station, codes: Iterable[str]) -> None:
    """Give each of a station's gas detectors the day on which its calibration ends."""
    due = CALIBRATED_BY + timedelta(days=int(300 * chance(*station.key, "calibration")))
    for code in codes:
        station.points.setdefault(code, {})["calibration_due"] = due


def rounded(value: float, to: int) -> int:
    """A figure no finer than people would know it."""
    return round(value / to) * to


PREFIX = {"heating": "heat", "lighting": "light"}
"""What ids begin with, where it is not the system's own id."""


def name_stations(networks: Iterable[Network]) -> None:
    """Give every station its id and a name that no other station of its town bears."""
    for network in networks:
        network.stations.sort(key=lambda station: station.town.code)  # stable: types stay in their order
        numbers: Counter[str] = Counter()
        prefix = PREFIX.get(network.system, network.system)
        for station in network.stations:
            numbers[station.town.short] += 1
            station.id = f"{prefix}-{station.town.short}-{numbers[station.town.short]:04d}"
        _names(network.stations)


def _names(stations: list[Station]) -> None:
    alike: dict[tuple[str, str, str], list[Station]] = defaultdict(list)
    for station in stations:
        alike[station.town.code, station.label.name.zh, station.what.zh].append(station)
    for same in alike.values():
        for number, station in enumerate(same, 1):
            where, what = station.label.name, station.what
            if len(same) == 1:
                station.name = Words(f"{where.zh} {what.zh}", f"{where.en}, {what.en}")
            else:
                station.name = Words(f"{where.zh} {number}号{what.zh}", f"{where.en}, {what.en} {number}")


def number(prefix: str, items: Iterable[Valve] | Iterable[KeyUser]) -> None:
    """Give valves or key users their ids."""
    numbers: Counter[str] = Counter()
    for item in items:
        numbers[item.town.short] += 1
        item.id = f"{prefix}-{item.town.short}-{numbers[item.town.short]:04d}"
