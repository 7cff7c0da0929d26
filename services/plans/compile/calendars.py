"""Gates as UTC intervals: phases of calendars, compiled once, so that time zones are no input."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.city.calendars import Calendar, Phases
from schemas.city.files import City, Path, Placed
from schemas.city.rules import GateFile
from services.plans.compile.sun_calendar import PhaseInterval, daily_intervals

HOUR_MS = 3_600_000
Intervals = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class GateUse:
    """Phases that something of a city refers to, and where."""

    phases: Phases
    placed: Placed[Any]
    path: Path


def gate_uses(city: City) -> Iterator[GateUse]:
    """All references to phases: of rules, of scheduled references, of expected members of shares."""
    for rule in city.rules:
        if rule.item.gate is not None:
            yield GateUse(rule.item.gate, rule, ("gate",))
    for kind in city.station_types:
        for index, point in enumerate(kind.item.points):
            for number, scheduled in enumerate(point.schedule):
                yield GateUse(scheduled, kind, ("points", index, "schedule", number))
            for code, phases in point.share.expected.items() if point.share else ():
                yield GateUse(phases, kind, ("points", index, "share", "expected", code))


def gate_name(phases: Phases) -> str:
    """The name that a gate's intervals have in the plan, e.g. ``heating:supply+48h``."""
    after_h = _after_h(phases)
    after = f"+{after_h:g}h" if after_h else ""
    return f"{phases.calendar}:{'|'.join(phases.phases)}{after}"


def phase_intervals(calendar: Calendar, zone: ZoneInfo) -> tuple[PhaseInterval, ...]:
    """All phases of a calendar in time.

    Raises:
        ValueError: a daily one at a place where the sun does not rise or set each day.
    """
    if calendar.daily is not None:
        return daily_intervals(calendar.daily, zone)
    return tuple(
        PhaseInterval(phase.phase, local_midnight_ms(phase.start, zone), local_midnight_ms(phase.end, zone))
        for phase in calendar.phases
    )


def gate_intervals(phases: Phases, intervals: Sequence[PhaseInterval]) -> Intervals:
    """[start, end) epoch ms, sorted; phases that touch are one interval before ``after_h`` is cut off."""
    wanted = sorted((one.start, one.end) for one in intervals if one.phase in phases.phases)
    merged: list[tuple[int, int]] = []
    for start, end in wanted:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    cut = round(_after_h(phases) * HOUR_MS)
    return tuple((start + cut, end) for start, end in merged if start + cut < end)


def all_gates(city: City, zone: ZoneInfo) -> dict[str, Intervals]:
    """The intervals of everything in a city that refers to phases, by ``gate_name``."""
    uses = {gate_name(use.phases): use.phases for use in gate_uses(city)}
    calendars = {placed.item.calendar: placed.item for placed in city.calendars}
    used = sorted({phases.calendar for phases in uses.values()})
    intervals = {name: phase_intervals(calendars[name], zone) for name in used}
    return {name: gate_intervals(phases, intervals[phases.calendar]) for name, phases in sorted(uses.items())}


def end_of_day_ms(day: date, zone: ZoneInfo) -> int:
    """The instant at which a local day is over, epoch ms."""
    return local_midnight_ms(day + timedelta(days=1), zone)


def local_midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The instant at which a local day begins, epoch ms."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def _after_h(phases: Phases) -> float:
    return phases.after_h if isinstance(phases, GateFile) else 0.0
