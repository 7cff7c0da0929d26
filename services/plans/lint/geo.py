"""Distances on the ground."""

import math
from typing import Protocol

KM_PER_DEGREE = 111.2


class Placeable(Protocol):
    """What stands somewhere: WGS-84 degrees."""

    @property
    def lat(self) -> float:
        """Degrees north."""

    @property
    def lon(self) -> float:
        """Degrees east."""


def km_between(one: Placeable, lat: float, lon: float) -> float:
    """Kilometres from a thing to a place of the same district: a plane is exact enough."""
    north = (one.lat - lat) * KM_PER_DEGREE
    east = (one.lon - lon) * KM_PER_DEGREE * math.cos(math.radians(lat))
    return math.hypot(north, east)
