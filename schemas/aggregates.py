"""One-minute aggregates: mergeable parts, all points of a station and minute in one message."""

from dataclasses import dataclass

from pydantic import ConfigDict, TypeAdapter

MINUTE_MS = 60_000


@dataclass(slots=True)
class AggregatePart:
    """Part of one point's minute. Parts merge: n, n_good, sum add, min and max extend, last by time.

    ``n`` counts scans that named the point, ``n_good`` those with a usable value (quality good or
    uncertain, inside the range); the other figures are over these, in the point's unit, and None
    when there are none. Not frozen: the engine counts in the very object that it sends.
    """

    n: int = 0
    n_good: int = 0
    sum: float = 0.0
    min: float | None = None
    max: float | None = None
    last: float | None = None
    last_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationMinute:
    """A part of a station's minute. ``bucket`` is the minute's start, epoch ms."""

    __pydantic_config__ = ConfigDict(strict=True, extra="ignore")

    station: str
    system: str
    town_code: str
    bucket: int
    points: dict[str, AggregatePart]


STATION_MINUTE = TypeAdapter(StationMinute)
