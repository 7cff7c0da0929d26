"""Daily calendars: phases by the clock and the sun, evening for evening."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.city.calendars import Daily, DailyPhase
from services.plans.compile.sun_calendar import daily_intervals

BEIJING = ZoneInfo("Asia/Shanghai")
LAT, LON = 39.9042, 116.4074
NIGHT = DailyPhase(phase="night", start="sunset", end="sunrise")
LAMPS = [
    DailyPhase(phase="evening", start="sunset", end="23:30"),
    DailyPhase(phase="late", start="23:30", end="05:00", latest="sunrise"),
    DailyPhase(phase="morning", start="05:00", end="sunrise"),
    DailyPhase(phase="day", start="sunrise+15", end="sunset-15"),
]


def local(at_ms: int) -> datetime:
    """An instant by Beijing's clocks."""
    return datetime.fromtimestamp(at_ms / 1000, BEIJING)


def phases(evening: date, of: list[DailyPhase]) -> list[tuple[str, datetime, datetime]]:
    """The phases of one evening and the day after it, in local time."""
    daily = Daily(first=evening, last=evening, lat=LAT, lon=LON, phases=of)
    return [(one.phase, local(one.start), local(one.end)) for one in daily_intervals(daily, BEIJING)]


@pytest.mark.parametrize(
    ("evening", "sunset", "sunrise"),
    [
        (date(2025, 6, 21), "19:47", "04:46"),
        (date(2025, 12, 21), "16:53", "07:33"),
    ],
)
def test_the_sun_sets_and_rises_as_published(evening: date, sunset: str, sunrise: str) -> None:
    """At midsummer and midwinter, within 2 minutes of the almanac times of Beijing.

    Source: 冬至 07:33-16:53, 夏至 04:46-19:47 as widely printed in Chinese almanacs (to the minute, for
    years that differ, and for a city that is itself minutes wide).
    """
    ((_, sets, rises),) = phases(evening, [NIGHT])
    for found, day, clock in ((sets, evening, sunset), (rises, evening + timedelta(days=1), sunrise)):
        published = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BEIJING)
        assert abs(found - published) <= timedelta(minutes=2)


@pytest.mark.parametrize(
    ("day", "hours", "minutes"),
    [(date(2023, 1, 1), 9, 24), (date(2023, 1, 15), 9, 39), (date(2023, 2, 1), 10, 10)],
)
def test_days_are_as_long_as_published(day: date, hours: int, minutes: int) -> None:
    """Within 1 minute of "Daylength in Beijing in 2023", https://stjerneskinn.com/daylength-world-beijing.htm."""
    daylight = DailyPhase(phase="day", start="sunrise", end="sunset")
    ((_, rises, sets),) = phases(day - timedelta(days=1), [daylight])
    assert rises.date() == sets.date() == day
    assert abs(sets - rises - timedelta(hours=hours, minutes=minutes)) <= timedelta(minutes=1)


def test_a_winter_night_has_all_phases() -> None:
    """The evening, the half-night, the dark morning, then the day, a quarter of an hour away from the sun."""
    evening = date(2025, 12, 21)
    found = phases(evening, LAMPS)
    assert [(name, s.strftime("%d %H:%M"), e.strftime("%d %H:%M")) for name, s, e in found] == [
        ("evening", "21 16:52", "21 23:30"),
        ("late", "21 23:30", "22 05:00"),
        ("morning", "22 05:00", "22 07:33"),
        ("day", "22 07:48", "22 16:38"),
    ]


def test_a_summer_night_ends_with_the_half_night() -> None:
    """At sunrise, before 05:00; there is no morning phase that day."""
    found = phases(date(2025, 6, 21), LAMPS)
    assert [(name, s.strftime("%d %H:%M"), e.strftime("%d %H:%M")) for name, s, e in found] == [
        ("evening", "21 19:46", "21 23:30"),
        ("late", "21 23:30", "22 04:46"),
        ("day", "22 05:01", "22 19:31"),
    ]


def test_all_evenings_are_there() -> None:
    """From the first to the last, both included."""
    daily = Daily(first=date(2025, 12, 30), last=date(2026, 1, 2), lat=LAT, lon=LON, phases=[NIGHT])
    intervals = daily_intervals(daily, BEIJING)
    nights = [local(interval.start).date() for interval in intervals]
    assert nights == [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    assert all(one.start % 60_000 == one.end % 60_000 == 0 for one in intervals), "to the minute"
