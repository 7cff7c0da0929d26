"""Gates as UTC intervals: local dates of phases, compiled once, so that time zones are no input."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.city import Calendar, Gate, OverrideFile

HOUR_MS = 3_600_000
Intervals = tuple[tuple[int, int], ...]


def gate_name(gate: Gate) -> str:
    """The name that a gate's intervals have in the plan, e.g. ``heating:supply+48h``."""
    after = f"+{gate.after_h:g}h" if gate.after_h else ""
    return f"{gate.calendar}:{'|'.join(gate.phases)}{after}"


def gate_intervals(gate: Gate, calendar: Calendar, zone: ZoneInfo) -> Intervals:
    """[start, end) epoch ms, sorted; phases that touch are one interval before ``after_h`` is cut off."""
    spans = sorted((phase.start, phase.end) for phase in calendar.phases if phase.phase in gate.phases)
    merged: list[tuple[date, date]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    cut = round(gate.after_h * HOUR_MS)
    found = ((local_midnight_ms(s, zone) + cut, local_midnight_ms(e, zone)) for s, e in merged)
    return tuple((start, end) for start, end in found if start < end)


def expiry_ms(override: OverrideFile, zone: ZoneInfo) -> int | None:
    """The instant from which an override no longer holds, epoch ms; None: it has no end."""
    last = override.expires
    return None if last is None else local_midnight_ms(last + timedelta(days=1), zone)


def local_midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The instant at which a local day begins, epoch ms."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)
