"""Places on the ground (WGS-84), streets as straight lines, and what a dispatcher calls a spot on one."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.base import KM_PER_DEGREE, Bilingual
from tools.city_generator.words import Label, at, bilingual

DISTRICT_LAT = 40.45


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, to the metre (5 decimals)."""

    lat: float
    lon: float

    def moved(self, east_km: float, north_km: float) -> "Spot":
        """The spot so far east and north of here."""
        lat = self.lat + north_km / KM_PER_DEGREE
        lon = self.lon + east_km / (KM_PER_DEGREE * math.cos(math.radians(DISTRICT_LAT)))
        return Spot(round(lat, 5), round(lon, 5))

    def km_to(self, other: "Spot") -> float:
        """Distance in km."""
        north = (other.lat - self.lat) * KM_PER_DEGREE
        east = (other.lon - self.lon) * KM_PER_DEGREE * math.cos(math.radians(DISTRICT_LAT))
        return math.hypot(north, east)


RESERVOIR = (40.48, 40.56, 116.83, 117.05)
"""South, north, west, east: a box around the water of 密云水库."""


def km_to_reservoir(spot: Spot) -> float:
    """Distance to the box of the reservoir; 0 inside."""
    south, north, west, east = RESERVOIR
    shore = Spot(min(max(spot.lat, south), north), min(max(spot.lon, west), east))
    return spot.km_to(shore)


def chance(*key: object) -> float:
    """A number in [0, 1) that depends on nothing but its key: a station more moves no other."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def spread(centre: Spot, radius_km: float, count: int) -> list[Spot]:
    """``count`` spots spread evenly over a disc as a sunflower's seeds, none in the reservoir."""
    spots: list[Spot] = []
    turn = 0
    while len(spots) < count:
        radius = radius_km * math.sqrt((len(spots) + 0.3) / count)
        angle = 2.399963 * (turn + 1)  # the golden angle
        spot = centre.moved(radius * math.cos(angle), radius * math.sin(angle))
        if km_to_reservoir(spot) > 0.1:
            spots.append(spot)
        turn += 1
    return spots


AT_CROSSING_KM = 0.12
"""Nearer than this a place is named after the crossing."""
SIDES = {
    "ns": (bilingual("以南", "south of"), bilingual("以北", "north of")),
    "ew": (bilingual("以西", "west of"), bilingual("以东", "east of")),
}


@dataclass(frozen=True, slots=True)
class Street:
    """A straight piece of a road in one town; ``gas`` and ``sewer``: a main lies in it."""

    road: str
    name: Bilingual
    rank: str
    town: str
    along: str
    at: float
    begin: float
    end: float
    gas: bool = False
    sewer: bool = False

    def spot(self, share: float) -> Spot:
        """The place after a share of its length, from the south or west."""
        moving = round(self.begin + share * (self.end - self.begin), 5)
        return Spot(moving, self.at) if self.along == "ns" else Spot(self.at, moving)

    @property
    def km(self) -> float:
        """Its length."""
        return self.spot(0).km_to(self.spot(1))

    def beside(self, share: float, metres: float) -> Spot:
        """The place after a share of its length, so far off its axis."""
        off = metres / 1000
        return self.spot(share).moved(*((off, 0.0) if self.along == "ns" else (0.0, off)))


def crossings(street: Street, streets: Sequence[Street]) -> list[tuple[float, Street]]:
    """The streets of the same town that cross it, by the share of its length."""
    found = []
    for other in streets:
        if other.along == street.along or other.town != street.town:
            continue
        share = (other.at - street.begin) / (street.end - street.begin)
        meets = other.begin - 1e-6 <= street.at <= other.end + 1e-6
        if -1e-6 <= share <= 1 + 1e-6 and meets:
            found.append((share, other))
    return sorted(found, key=lambda crossing: (crossing[0], crossing[1].road))


def label(street: Street, share: float, streets: Sequence[Street]) -> Label:
    """``A×B`` at a crossing, ``A, B to C`` between two, ``A, east of B`` beyond the last one."""
    crossing = crossings(street, streets)
    if not crossing:
        return Label(street.name, bilingual(f"{street.name.zh}路侧", f"beside {street.name.en}"))
    near, other = min(crossing, key=lambda found: abs(found[0] - share))
    here = street.name
    if abs(near - share) * street.km <= AT_CROSSING_KM:
        return Label(
            bilingual(f"{here.zh}×{other.name.zh}", f"{here.en} × {other.name.en}"),
            bilingual(f"{here.zh}与{other.name.zh}交叉口", f"crossing of {here.en} and {other.name.en}"),
        )
    before = [found for place, found in crossing if place < share]
    after = [found for place, found in crossing if place > share]
    if before and after:
        first, last = before[-1].name, after[0].name
        return Label(
            bilingual(f"{here.zh}（{first.zh}至{last.zh}）", f"{here.en} from {first.en} to {last.en}"),
            bilingual(f"{here.zh}{first.zh}与{last.zh}之间", f"{here.en} between {first.en} and {last.en}"),
        )
    side = SIDES[street.along][0 if after else 1]
    name = bilingual(f"{here.zh}（{other.name.zh}{side.zh}）", f"{here.en} {side.en} {other.name.en}")
    return at(name)


@dataclass(frozen=True, slots=True)
class StreetPosition:
    """A position along a street, by the share of its length from the south or west."""

    street: Street
    share: float

    def shifted(self, metres: float) -> "StreetPosition":
        """So far along the street, but not beyond its ends."""
        share = self.share + metres / 1000 / self.street.km
        return StreetPosition(self.street, min(max(share, 0.0), 1.0))


def evenly(streets: Sequence[Street], count: int, phase: float = 0.5) -> Iterator[StreetPosition]:
    """``count`` places at equal distances along streets laid end to end."""
    total = sum(street.km for street in streets)
    for index in range(count):
        rest = (index + phase) / count * total
        for street in streets:
            if rest <= street.km or street is streets[-1]:
                yield StreetPosition(street, min(rest / street.km, 1.0))
                break
            rest -= street.km
