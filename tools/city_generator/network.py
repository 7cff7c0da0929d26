"""The product of a network's module: facilities, relations and valves; the ids and names that they get."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from schemas.base import Bilingual
from tools.city_generator.gazetteer import NamedSpot, Township
from tools.city_generator.geography import Spot, StreetPosition, chance, label
from tools.city_generator.words import FACILITIES, Label, bilingual

CALIBRATED_BY = date(2026, 2, 20)
"""No instrument is due before: the demo city begins in January 2026 and shall begin well kept."""
SEWAGE_ROOM = ("h2s_room_mg_m3", "o2_room_pct", "ch4_room_pct_lel")
DETECTORS = {
    "gas_gate": ("station_ch4_pct_lel", "co_room_mg_m3"),
    "gas_regulator": ("station_ch4_pct_lel",),
    "gas_chamber": ("ch4_pct_lel",),
    "lpg_station": ("station_ch4_pct_lel",),
    "sewage_plant": SEWAGE_ROOM,
    "sewer_pump_station": SEWAGE_ROOM,
    "sewer_manhole": ("ch4_pct_lel", "h2s_mg_m3"),
}
"""The gas detectors of each station type, which are calibrated."""


@dataclass(slots=True, eq=False)
class Facility:
    """A station to be. ``label`` says where it is; ``variety``, or else the type, has its words."""

    type: str
    town: Township
    owner: str
    label: Label
    spot: Spot
    road: str | None = None
    variety: str = ""
    traits: tuple[str, ...] = ()
    people: int = 0
    m2: int = 0
    points: dict[str, dict[str, Any]] = field(default_factory=dict)
    id: str = ""
    name: Bilingual | None = None

    @property
    def key(self) -> tuple[str, str, float, float]:
        """The facility as far as chance depends on it."""
        return (self.type, self.town.code, self.spot.lat, self.spot.lon)

    @property
    def words(self) -> tuple[Bilingual, Bilingual]:
        """Its name without its place, and the note on access."""
        what, access = FACILITIES[self.variety or self.type]
        return bilingual(*what), bilingual(*access)


@dataclass(slots=True, eq=False)
class PassiveSite:
    """A key user or a valve to be, which has no instruments; a valve belongs to a system."""

    kind: str
    town: Township
    name: Bilingual
    spot: Spot
    system: str | None = None
    id: str = ""


@dataclass(slots=True)
class Relation:
    """``origin`` feeds, or lies beside, ``to``."""

    kind: str
    origin: Facility
    to: Sequence[Facility | PassiveSite]
    valve: PassiveSite | None = None


@dataclass(slots=True)
class Network:
    """A system's facilities, and how they hang together."""

    system: str
    facilities: list[Facility] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    valves: list[PassiveSite] = field(default_factory=list)

    def of(self, type_: str, town: Township | None = None) -> list[Facility]:
        """Facilities of a type, in one town or in all."""
        return [one for one in self.facilities if one.type == type_ and town in (None, one.town)]

    def add(self, facility: Facility) -> Facility:
        """Take a facility in, and give each of its gas detectors the day on which its calibration ends."""
        due = CALIBRATED_BY + timedelta(days=int(300 * chance(*facility.key, "calibration")))
        for code in DETECTORS.get(facility.type, ()):
            facility.points.setdefault(code, {})["calibration_due"] = due
        self.facilities.append(facility)
        return facility

    def feeds(self, origin: Facility, to: Sequence[Facility], valve: Bilingual | None = None) -> None:
        """``origin`` feeds facilities, behind a valve in the town of the first of them if it has a name."""
        if not to:
            return
        gate = None
        if valve is not None:
            spot = Spot(round(to[0].spot.lat - 0.00012, 5), to[0].spot.lon)
            gate = PassiveSite("valve", to[0].town, valve, spot, self.system)
            self.valves.append(gate)
        self.relations.append(Relation("feeds", origin, to, gate))


def by_street(
    type_: str, town: Township, owner: str, place: StreetPosition, metres: float, *, in_road: bool = False
) -> Facility:
    """A facility so far off the axis of a street; ``in_road``: in its carriageway."""
    street = place.street
    where, spot = label(street, place.share, town.streets), street.beside(place.share, metres)
    facility = Facility(type_, town, owner, where, spot, road=street.road)
    if in_road:
        facility.variety, facility.traits = f"{type_}_in_carriageway", ("carriageway",)
    return facility


def in_quarter(type_: str, town: Township, owner: str, quarter: NamedSpot, *km: float) -> Facility:
    """A facility inside a quarter or a village, so many km east and north of its middle."""
    name, middle = quarter
    where = Label(name, bilingual(f"{name.zh}内", f"in {name.en}"))
    return Facility(type_, town, owner, where, middle.moved(*km))


def nearest(spot: Spot, facilities: Iterable[Facility]) -> Facility:
    """The facility nearest to a spot."""
    return min(facilities, key=lambda one: (spot.km_to(one.spot), one.type, one.spot.lon))


def rounded(value: float, to: int) -> int:
    """A figure no finer than people would know it."""
    return round(value / to) * to


PREFIX = {"heating": "heat", "lighting": "light"}
"""The beginning of ids, where it is not the system's own id."""


def name_facilities(networks: Iterable[Network]) -> None:
    """Give every facility its id and a name that no other of its town bears."""
    for network in networks:
        network.facilities.sort(key=lambda one: one.town.code)  # stable: types stay in their order
        number(PREFIX.get(network.system, network.system), network.facilities)
        alike: dict[tuple[str, str, str], list[Facility]] = defaultdict(list)
        for one in network.facilities:
            alike[one.town.code, one.label.name.zh, one.words[0].zh].append(one)
        for same in alike.values():
            _name(same)


def _name(alike: Sequence[Facility]) -> None:
    """Number those that would have one name."""
    for index, one in enumerate(alike, 1):
        where, (what, _) = one.label.name, one.words
        before, after = ("", "") if len(alike) == 1 else (f"{index}号", f" {index}")
        one.name = bilingual(f"{where.zh} {before}{what.zh}", f"{where.en}, {what.en}{after}")


def number(prefix: str, items: Iterable[Facility | PassiveSite]) -> None:
    """Give facilities, valves or key users their ids, town by town."""
    numbers: Counter[str] = Counter()
    for item in items:
        numbers[item.town.short] += 1
        item.id = f"{prefix}-{item.town.short}-{numbers[item.town.short]:04d}"
