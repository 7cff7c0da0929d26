"""Daily calendars in time: phases by the clock and by the sun, evening for evening.

The sun's rise and set are those of the library ``astral`` (upper rim at the sea's horizon, usual
refraction), to the minute: lamps are not switched by the second, and no machine rounds a plan otherwise.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

from schemas.city.calendars import Daily, DailyPhase

MINUTE_MS = 60_000
NOON = "12:00"
SUN = {"sunrise": sunrise, "sunset": sunset}


class PhaseInterval(NamedTuple):
    """A phase of a calendar holds in [start, end), epoch ms."""

    phase: str
    start: int
    end: int


def daily_intervals(daily: Daily, zone: ZoneInfo) -> tuple[PhaseInterval, ...]:
    """The phases of all evenings and of the days after them, sorted by time.

    Raises:
        ValueError: the sun does not rise or set each day there.
    """
    evenings = (daily.first + timedelta(days=n) for n in range((daily.last - daily.first).days + 1))
    intervals = (interval for evening in evenings for interval in _evening_intervals(daily, evening, zone))
    return tuple(sorted(intervals, key=lambda interval: interval.start))


def _evening_intervals(daily: Daily, evening: date, zone: ZoneInfo) -> Iterator[PhaseInterval]:
    observer = Observer(daily.lat, daily.lon)
    for phase in daily.phases:
        begin = evening + timedelta(days=is_morning(phase.start))
        start = _instant_ms(phase.start, begin, observer, zone)
        ends = (_instant_ms(clock, _end_day(phase, clock, evening), observer, zone) for clock in _ends(phase))
        end = min(ends)
        if start < end:
            yield PhaseInterval(phase.phase, start, end)


def is_morning(clock: str) -> bool:
    """Says whether a time belongs to the day after the evening."""
    return clock.startswith("sunrise") or clock < NOON


def _ends(phase: DailyPhase) -> tuple[str, ...]:
    return (phase.end,) if phase.latest is None else (phase.end, phase.latest)


def _end_day(phase: DailyPhase, clock: str, evening: date) -> date:
    """A phase that begins in the morning ends on that day, also when it ends in the afternoon."""
    return evening + timedelta(days=is_morning(phase.start) or is_morning(clock))


def _instant_ms(clock: str, day: date, observer: Observer, zone: ZoneInfo) -> int:
    name = clock[: len("sunrise")] if clock.startswith("sunrise") else clock[: len("sunset")]
    if name not in SUN:
        return round(datetime.combine(day, time.fromisoformat(clock), zone).timestamp()) * 1000
    at = SUN[name](observer, date=day, tzinfo=zone)
    return round(at.timestamp() * 1000 / MINUTE_MS) * MINUTE_MS + int(clock[len(name) :] or 0) * MINUTE_MS
