"""Places on the ground: WGS-84 degrees, kilometres on a plane, which a district is small enough for."""

import hashlib
import math
from dataclasses import dataclass

KM_PER_DEGREE = 111.2
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
