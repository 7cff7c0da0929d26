"""An instant of city time as people live it: hour of the day, day of the year, weekend."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

HOUR_MS = 3_600_000
LOCAL_OFFSET = timedelta(hours=8)
"""People's clock against UTC; no daylight saving time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``hour`` is local with fractions, in [0, 24); ``day_of_year`` begins at 1.0."""

    at_ms: int
    hour: float
    day_of_year: float
    weekend: bool

    @classmethod
    def of(cls, at_ms: int) -> Self:
        """The moment at ``at_ms`` (epoch ms)."""
        local = datetime.fromtimestamp(at_ms / 1000, UTC) + LOCAL_OFFSET
        hour = local.hour + local.minute / 60 + local.second / 3600
        day = local.timetuple().tm_yday + hour / 24
        return cls(at_ms, hour, day, local.weekday() >= 5)


def bump(hour: float, centre: float, width: float) -> float:
    """1 at ``centre`` o'clock, falling to 0 within some ``width`` hours, around the clock."""
    away = (hour - centre + 12) % 24 - 12
    return math.exp(-((away / width) ** 2))


def demand(moment: Moment) -> float:
    """How much people use, in [-1, 1]: peaks at breakfast and dinner, lowest before dawn.

    At the weekend the morning comes an hour and a half later and is flatter.
    """
    morning = 8.5 if moment.weekend else 7.0
    peak = 0.75 if moment.weekend else 0.9
    use = peak * bump(moment.hour, morning, 1.6) + 0.45 * bump(moment.hour, 12.2, 1.5)
    use += 1.0 * bump(moment.hour, 18.8, 2.2) + 0.35 * bump(moment.hour, 14.0, 5.0)
    return max(-1.0, min(1.0, 2 * use - 1))
