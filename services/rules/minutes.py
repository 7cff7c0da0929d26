"""One-minute aggregates: open buckets of a station, closed by the clock."""

from schemas.aggregates import MINUTE_MS, AggregatePart, StationMinute
from services.rules.effects import AggregateClosed
from services.rules.index import StationPlan
from services.rules.state import Bucket, HotState

HOLD_MS = 10_000
"""A minute's part goes out this long after its end; what comes later makes a further part."""


def minute_of(at: int) -> int:
    """The start of the minute of ``at`` (epoch ms)."""
    return at - at % MINUTE_MS


def closes_at(minute: int) -> int:
    """The arrival time from which a tick closes the minute."""
    return minute + MINUTE_MS + HOLD_MS


def bucket_for(hot: HotState, minute: int, code: str) -> Bucket:
    """A copy of the point's open bucket, put in its place: the caller may change it."""
    points = hot.buckets.get(minute)
    if points is None:
        points = hot.buckets[minute] = {}
        hot.due = min(hot.due, closes_at(minute))
    old = points.get(code)
    copy = (
        Bucket()
        if old is None
        else Bucket(old.n, old.n_good, old.sum, old.min, old.max, old.last, old.last_at)
    )
    points[code] = copy
    return copy


def add(bucket: Bucket, at: int, value: float | None) -> None:
    """Count a scan; a usable value enters the figures."""
    bucket.n += 1
    if value is None:
        return
    if bucket.n_good == 0:
        bucket.min = bucket.max = value
    elif value < bucket.min:
        bucket.min = value
    elif value > bucket.max:
        bucket.max = value
    bucket.n_good += 1
    bucket.sum += value
    if at >= bucket.last_at:
        bucket.last, bucket.last_at = value, at


def close_due(hot: HotState, place: StationPlan, clock: int) -> list[AggregateClosed]:
    """Close every minute whose time has come."""
    due = sorted(minute for minute in hot.buckets if closes_at(minute) <= clock)
    return [AggregateClosed(_message(hot.buckets.pop(minute), minute, place)) for minute in due]


def _message(points: dict[str, Bucket], minute: int, place: StationPlan) -> StationMinute:
    station = place.station
    return StationMinute(
        station=station.station_id,
        system=station.system,
        town_code=station.town_code,
        bucket=minute,
        points={code: _part(bucket) for code, bucket in points.items()},
    )


def _part(bucket: Bucket) -> AggregatePart:
    good = bucket.n_good > 0
    return AggregatePart(
        n=bucket.n,
        n_good=bucket.n_good,
        sum=bucket.sum,
        min=bucket.min if good else None,
        max=bucket.max if good else None,
        last=bucket.last if good else None,
        last_at=bucket.last_at if good else None,
    )
