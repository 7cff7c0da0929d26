"""Calendars that hold for the days of a log, be it of a year that the city's files do not reach."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from schemas.city.calendars import Calendar, Phase
from schemas.city.files import City

MARGIN = timedelta(days=60)
"""What a mean or a delay looks back on, and what comes after the log's last line."""
YEAR = timedelta(days=365)
LONGEST = 3 * YEAR
"""Evenings are computed one by one; a single wrong arrival must not ask for a century of them."""


def lasting(city: City, first: int | None, last: int | None) -> City:
    """The city with calendars from before ``first`` to after ``last`` (epoch ms); None: there is no log."""
    if first is None or last is None:
        return city
    begin, end = _day(first) - MARGIN, _day(last) + MARGIN
    calendars = tuple(replace(one, item=_covering(one.item, begin, end)) for one in city.calendars)
    return replace(city, calendars=calendars)


def _day(ms: int) -> date:
    earliest, latest = datetime(2000, 3, 1, tzinfo=UTC), datetime(2099, 10, 1, tzinfo=UTC)
    return datetime.fromtimestamp(min(max(ms / 1000, earliest.timestamp()), latest.timestamp()), UTC).date()


def _covering(calendar: Calendar, begin: date, end: date) -> Calendar:
    daily = calendar.daily
    if daily is not None:
        if daily.first <= begin and end <= daily.last:
            return calendar
        days = {"first": begin, "last": min(end, begin + LONGEST)}
        return calendar.model_copy(update={"daily": daily.model_copy(update=days)})
    return calendar.model_copy(update={"phases": _repeated(calendar.phases, begin, end)})


def _repeated(phases: list[Phase], begin: date, end: date) -> list[Phase]:
    """The known years' phases, again in the years before and after them, until they reach."""
    years = max(1, round((phases[-1].end - phases[0].start) / YEAR))
    found = list(phases)
    while found[0].start > begin:
        earlier = [_moved(phase, -years) for phase in found[: len(phases)]]
        found = _joined(earlier, found)
    while found[-1].end < end:
        later = [_moved(phase, years) for phase in found[-len(phases) :]]
        found = _joined(found, later)
    return found


def _joined(before: list[Phase], after: list[Phase]) -> list[Phase]:
    """Phases touch: where one year's begin later than the other's end, the last one lasts until then."""
    cut = [phase for phase in before if phase.start < after[0].start]
    return [*cut[:-1], cut[-1].model_copy(update={"end": after[0].start}), *after]


def _moved(phase: Phase, years: int) -> Phase:
    return phase.model_copy(update={"start": _in(phase.start, years), "end": _in(phase.end, years)})


def _in(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)
