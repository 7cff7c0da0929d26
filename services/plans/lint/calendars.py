"""Mistakes of calendars, which are whole and long enough, and of what refers to their phases."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from schemas.city.calendars import Calendar
from schemas.city.files import City, Mistake, Placed
from services.plans.compile.calendars import (
    HOUR_MS,
    GateUse,
    end_of_day_ms,
    gate_intervals,
    gate_uses,
    local_midnight_ms,
    phase_intervals,
)
from services.plans.compile.sun_calendar import PhaseInterval
from services.plans.lint.messages import unknown

AHEAD_DAYS = 60
"""Calendars must reach this far beyond the instant that the lint is asked about."""
HALF_DAY_MS = 12 * HOUR_MS


def calendar_mistakes(city: City, *, at_ms: int | None, zone: ZoneInfo | None) -> Iterator[Mistake]:
    """All mistakes of calendars and of references to them; without an instant no date is judged."""
    intervals: dict[str, Sequence[PhaseInterval]] = {}
    for placed in city.calendars:
        found = [*_form(placed), *(() if placed.item.daily is None else _daily(city, placed))]
        yield from found
        if zone is None or found:
            continue
        try:
            intervals[placed.item.calendar] = phase_intervals(placed.item, zone)
        except ValueError:
            yield placed.mistake("the sun does not rise and set there each day: give times", "daily", "lat")
            continue
        if placed.item.daily is not None:
            yield from _evenings(placed, intervals[placed.item.calendar], zone)
        if at_ms is not None:
            yield from _reach(placed, at_ms, zone)
    yield from _uses(city, intervals)


def _form(placed: Placed[Calendar]) -> Iterator[Mistake]:
    calendar = placed.item
    if calendar.daily is not None and calendar.phases:
        yield placed.mistake("dated phases or daily ones, not both", "daily")
    if calendar.daily is None and not calendar.phases:
        yield placed.mistake("a calendar has dated phases, or daily ones", "phases")
    phases = calendar.phases
    for index, phase in enumerate(phases):
        if phase.start >= phase.end:
            yield placed.mistake(f"{phase.phase} ends before it begins", "phases", index)
    for index, (phase, after) in enumerate(pairwise(phases)):
        if phase.start < phase.end and after.start != phase.end:
            text = f"{after.phase} begins {after.start}, {phase.phase} ends {phase.end}: phases touch"
            yield placed.mistake(text, "phases", index + 1, "start")


def _daily(city: City, placed: Placed[Calendar]) -> Iterator[Mistake]:
    daily, box = placed.item.daily, city.district
    assert daily is not None
    if daily.first > daily.last:
        yield placed.mistake(f"the last evening ({daily.last}) is before the first", "daily", "last")
    if not (box.west <= daily.lon <= box.east and box.south <= daily.lat <= box.north):
        text = f"{daily.lat}, {daily.lon} lies outside the district: its sun rises at another time"
        yield placed.mistake(text, "daily", "lat")


def _evenings(
    placed: Placed[Calendar], intervals: Sequence[PhaseInterval], zone: ZoneInfo
) -> Iterator[Mistake]:
    """Each phase comes at least on some day, and none begins while another lasts."""
    daily = placed.item.daily
    assert daily is not None
    for index, phase in enumerate(daily.phases):
        if not any(interval.phase == phase.phase for interval in intervals):
            text = f"{phase.phase} never comes: it ends before it begins, every day"
            yield placed.mistake(text, "daily", "phases", index)
    places = {phase.phase: index for index, phase in reversed(list(enumerate(daily.phases)))}
    told: set[str] = set()
    for one, other in pairwise(intervals):
        if other.start < one.end and other.phase not in told:
            told.add(other.phase)
            text = f"{other.phase} begins while {one.phase} lasts: phases of a day do not overlap"
            yield placed.mistake(text, "daily", "phases", places[other.phase], "start")


def _uses(city: City, intervals: dict[str, Sequence[PhaseInterval]]) -> Iterator[Mistake]:
    calendars = {placed.item.calendar: placed.item for placed in city.calendars}
    for use in gate_uses(city):
        name = use.phases.calendar
        if name not in calendars:
            yield _mistake(use, unknown("calendar", name, calendars), "calendar")
            continue
        known = _phases(calendars[name])
        strange = sorted(set(use.phases.phases) - known)
        for phase in strange:
            yield _mistake(use, unknown("phase", phase, known), "phases")
        if not strange and name in intervals and not gate_intervals(use.phases, intervals[name]):
            after_h = getattr(use.phases, "after_h", 0.0)
            yield _mistake(use, f"never opens: no such phase lasts {after_h:g} h", "after_h")


def _mistake(use: GateUse, text: str, field: str) -> Mistake:
    return use.placed.mistake(text, *use.path, field)


def _phases(calendar: Calendar) -> set[str]:
    dated = {phase.phase for phase in calendar.phases}
    return dated if calendar.daily is None else dated | {phase.phase for phase in calendar.daily.phases}


def _reach(placed: Placed[Calendar], at_ms: int, zone: ZoneInfo) -> Iterator[Mistake]:
    """Calendars hold at the instant and for 60 days more."""
    needed = at_ms + round(timedelta(days=AHEAD_DAYS).total_seconds() * 1000)
    calendar = placed.item
    if calendar.daily is not None:
        first, last = calendar.daily.first, calendar.daily.last
        begins, ends = local_midnight_ms(first, zone) + HALF_DAY_MS, end_of_day_ms(last, zone) + HALF_DAY_MS
        begin_at: tuple[str | int, ...] = ("daily", "first")
        end_at: tuple[str | int, ...] = ("daily", "last")
    else:
        first, last = calendar.phases[0].start, calendar.phases[-1].end
        begins, ends = local_midnight_ms(first, zone), local_midnight_ms(last, zone)
        begin_at, end_at = ("phases", 0, "start"), ("phases", len(calendar.phases) - 1, "end")
    if ends < needed:
        text = f"ends {last}, less than {AHEAD_DAYS} days ahead: add the next season"
        yield placed.mistake(text, *end_at)
    if begins > at_ms:
        text = f"begins {first}, after the instant of use: add the season before"
        yield placed.mistake(text, *begin_at)
