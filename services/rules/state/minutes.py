"""One-minute aggregates: open buckets of a station, closed by the clock."""

from collections.abc import Iterable

from schemas.aggregates import MINUTE_MS, AggregatePart, StationMinute
from schemas.plan import Station
from services.rules.effects import AggregateClosed, Effect
from services.rules.judging_plan import NEVER
from services.rules.state import HotState
from services.rules.state.timers import arm, arm_earlier

MINUTES = "minutes"
"""Kind of the timer that closes them."""
HOLD_MS = 10_000
"""A minute's part goes out this long after its end; what comes later makes a further part."""


def minute_of(at: int) -> int:
    """The start of the minute of ``at`` (epoch ms)."""
    return at - at % MINUTE_MS


def closes_at(minute: int) -> int:
    """The arrival time from which a tick closes the minute."""
    return minute + MINUTE_MS + HOLD_MS


def open_parts(hot: HotState, minute: int) -> dict[str, AggregatePart]:
    """The minute's open parts, by point."""
    parts = hot.buckets.get(minute)
    if parts is None:
        parts = hot.buckets[minute] = {}
        arm_earlier(hot, MINUTES, closes_at(minute))
    return parts


def bucket_for(hot: HotState, minute: int, code: str) -> AggregatePart:
    """A copy of the point's open part, put in its place: the caller may change it."""
    points = open_parts(hot, minute)
    old = points.get(code)
    points[code] = bucket = (
        AggregatePart()
        if old is None
        else AggregatePart(old.n, old.n_good, old.sum, old.min, old.max, old.last, old.last_at)
    )
    return bucket


def add(bucket: AggregatePart, at: int, value: float | None) -> None:
    """Count a scan; a usable value enters the figures."""
    bucket.n += 1
    if value is None:
        return
    bucket.n_good += 1
    bucket.sum += value
    if bucket.min is None or value < bucket.min:
        bucket.min = value
    if bucket.max is None or value > bucket.max:
        bucket.max = value
    if bucket.last_at is None or at >= bucket.last_at:
        bucket.last, bucket.last_at = value, at


def tell_closed(effects: list[Effect], closed: Iterable[AggregateClosed]) -> None:
    """Tell of closed minutes, each once in an event: by its event a part is known, a second one is a repeat.

    A frame that comes when its station's minute is due may hold more of that minute.
    """
    told = {one.minute.bucket: one.minute.points for one in effects if isinstance(one, AggregateClosed)}
    for one in closed:
        points = told.get(one.minute.bucket)
        if points is None:
            effects.append(one)
            continue
        for code, part in one.minute.points.items():
            points[code] = _merged(points[code], part) if code in points else part


def _merged(one: AggregatePart, other: AggregatePart) -> AggregatePart:
    lows = [low for low in (one.min, other.min) if low is not None]
    highs = [high for high in (one.max, other.max) if high is not None]
    last = max((one, other), key=lambda part: -1 if part.last_at is None else part.last_at)
    return AggregatePart(
        one.n + other.n,
        one.n_good + other.n_good,
        one.sum + other.sum,
        min(lows, default=None),
        max(highs, default=None),
        last.last,
        last.last_at,
    )


def close_due(hot: HotState, station: Station, until: int) -> list[AggregateClosed]:
    """Close every minute whose time has come, and wait for the next one."""
    due = sorted(minute for minute in hot.buckets if closes_at(minute) <= until)
    closed = [
        AggregateClosed(
            StationMinute(
                station=station.station_id,
                system=station.system,
                town_code=station.town_code,
                bucket=minute,
                points=hot.buckets.pop(minute),
            )
        )
        for minute in due
    ]
    arm(hot, MINUTES, min(map(closes_at, hot.buckets), default=NEVER))
    return closed
