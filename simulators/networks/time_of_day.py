"""The time of day in the city as people live it: hour, day of the year, weekend, what they use."""

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DAY_MINUTES = 1_440


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A whole minute: city life is not finer, and all stations share it.

    ``hour`` is local with fractions, in [0, 24); ``day_of_year`` begins at 1.0.
    """

    at_ms: int
    hour: float
    day_of_year: float
    weekend: bool
    demand: float
    """The use by people, in [-1, 1]."""
    stored: float
    """The reservoirs' content against its mean, in [-1, 1]: full before breakfast, empty after dinner."""

    @staticmethod
    def of(at_ms: int, zone: ZoneInfo) -> "TimeOfDay":
        """Return the minute that ``at_ms`` (epoch ms) lies in."""
        return _minute(at_ms // MINUTE_MS, zone)


@lru_cache(maxsize=8_192)
def _minute(number: int, zone: ZoneInfo) -> TimeOfDay:
    local = datetime.fromtimestamp(number * 60, zone)
    minute = local.hour * 60 + local.minute
    weekend = local.weekday() >= 5
    return TimeOfDay(
        at_ms=number * MINUTE_MS,
        hour=minute / 60,
        day_of_year=local.timetuple().tm_yday + minute / DAY_MINUTES,
        weekend=weekend,
        demand=demand(minute / 60, weekend=weekend),
        stored=_storage(weekend)[minute],
    )


def bump(hour: float, centre: float, width: float) -> float:
    """1 at ``centre`` o'clock, falling to 0 within some ``width`` hours, around the clock."""
    away = (hour - centre + 12) % 24 - 12
    return math.exp(-((away / width) ** 2))


def demand(hour: float, *, weekend: bool) -> float:
    """The use by people, in [-1, 1]: peaks at breakfast and dinner, lowest before dawn.

    At the weekend the morning comes an hour and a half later and is flatter.
    """
    morning = 8.5 if weekend else 7.0
    peak = 0.75 if weekend else 0.9
    use = peak * bump(hour, morning, 1.6) + 0.45 * bump(hour, 12.2, 1.5)
    use += 1.0 * bump(hour, 18.8, 2.2) + 0.35 * bump(hour, 14.0, 5.0)
    return max(-1.0, min(1.0, 2 * use - 1))


@cache
def _storage(weekend: bool) -> tuple[float, ...]:
    """By minute of the day: what flows in steadily less what is drawn, summed up; the same at both ends."""
    drawn = [demand(minute / 60, weekend=weekend) for minute in range(DAY_MINUTES)]
    mean = sum(drawn) / DAY_MINUTES
    level, levels = 0.0, []
    for now in drawn:
        levels.append(level)
        level += mean - now
    # Midnight is where weekdays and weekends meet, so both are told from there.
    size = max(map(abs, levels))
    return tuple(level / size for level in levels)
