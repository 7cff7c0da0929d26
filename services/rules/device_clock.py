"""Faults of device clocks, found by the arrival of their own records."""

from dataclasses import dataclass
from typing import Literal

from schemas.base import MIN_TIME_MS

TOLERANCE_MS = 60_000
"""A scan may be this far ahead of its record's arrival."""
EIGHT_HOURS_MS = 8 * 3_600_000
YEAR_2001_MS = 978_307_200_000
NEAR_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class ClockFault:
    """A scan time that cannot be, and what probably causes it."""

    cause: Literal["local_time_as_utc", "reset_1970", "reset_2000", "ahead"]
    error_ms: int
    """Scan time minus arrival."""


def clock_fault(at: int, arrival: int) -> ClockFault | None:
    """The fault of a scan time, or None when it can be believed (however late it is)."""
    error = at - arrival
    if at < MIN_TIME_MS:
        return ClockFault("reset_1970", error)
    if at < YEAR_2001_MS < arrival:
        return ClockFault("reset_2000", error)
    if error <= TOLERANCE_MS:
        return None
    if abs(error - EIGHT_HOURS_MS) <= NEAR_MS:
        return ClockFault("local_time_as_utc", error)
    return ClockFault("ahead", error)
