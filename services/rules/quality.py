"""Values that can be judged, and why others cannot."""

from dataclasses import dataclass
from typing import Literal

from schemas.base import Quality
from schemas.plan import Point


@dataclass(frozen=True, slots=True)
class Usable:
    """The value to judge (None: none), and why it is what it is."""

    value: float | None
    reason: Literal["good", "no_value", "bad_quality", "out_of_range", "clamped"]


def usable(value: float | None, quality: Quality, point: Point) -> Usable:
    """The usable value of a reading.

    ``bad`` and ``substituted`` are never judged, ``uncertain`` is: it was measured. Outside its
    physical range a value is bad, but over the range of a life-safety point it counts as the
    upper end (DOMAIN 11): a detector that is off its scale is no reason to look away.
    """
    if value is None:
        return Usable(None, "no_value")
    if quality in ("bad", "substituted"):
        return Usable(None, "bad_quality")
    if value > point.high and point.life_safety:
        return Usable(point.high, "clamped")
    if not point.low <= value <= point.high:
        return Usable(None, "out_of_range")
    return Usable(value, "good")
