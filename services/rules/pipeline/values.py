"""Values that can be judged, and why others cannot (JUDGING 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from schemas.base import Quality
from schemas.events import Scan
from schemas.plan import Point, Ratio
from services.rules.judging_plan import PointPlan, StationPlan

BAND_BELOW, BAND_ABOVE = 0.0125, 0.03125
"""Of the span: what 4-20 mA instruments drift, 3.8 to 20.5 mA (NAMUR NE 43)."""
GAS_BAND = 0.05
"""Of the span, on both sides: what gas detectors drift around zero."""
GAS_UNITS = ("%LEL", "mg/m3", "ppm")


@dataclass(frozen=True, slots=True)
class Weighed:
    """The value to judge (None: none), and why it is what it is.

    ``end``: a value beyond the range is no reading of the instrument, but danger lies on that side: level
    rules of life safety judge it as the range's end.
    """

    value: float | None
    reason: Literal["good", "no_value", "bad_quality", "at_end", "out_of_range", "no_state"]
    end: float | None = None


def weigh(value: float | None, quality: Quality, planned: PointPlan) -> Weighed:
    """Weigh a reading.

    ``bad`` and ``substituted`` are never judged, ``uncertain`` is: it was measured. A little outside its
    range a value counts as the range's end, and a ratio does however far outside.
    """
    point = planned.point
    if value is None:
        return Weighed(None, "no_value")
    if quality in ("bad", "substituted"):
        return Weighed(None, "bad_quality")
    if point.states and value not in point.states:
        return Weighed(None, "no_state")
    if point.low <= value <= point.high:
        return Weighed(value, "good")
    is_above = value > point.high
    end = point.high if is_above else point.low
    if _is_near(value, point) or isinstance(point.computed, Ratio):
        return Weighed(end, "at_end")
    return Weighed(None, "out_of_range", end if planned.ends[is_above] else None)


def _is_near(value: float, point: Point) -> bool:
    span = point.high - point.low
    is_gas = point.unit in GAS_UNITS
    below, above = (GAS_BAND, GAS_BAND) if is_gas else (BAND_BELOW, BAND_ABOVE)
    return point.low - below * span <= value <= point.high + above * span


def bus_faults(scans: Iterable[tuple[int, Scan]], plan: StationPlan) -> frozenset[int]:
    """Times of scans of which every value, two or more, is beyond its range: no single instrument failed."""
    return frozenset(at for at, scan in scans if len(scan.values) > 1 and _all_beyond(scan, plan))


def _all_beyond(scan: Scan, plan: StationPlan) -> bool:
    return all(
        value is not None
        and code in plan.points
        and weigh(value, scan.quality.get(code, "good"), plan.points[code]).reason == "out_of_range"
        for code, value in scan.values.items()
    )
