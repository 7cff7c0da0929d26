"""One-minute aggregates: mergeable parts, all points of a station and minute in one message."""

from dataclasses import dataclass

from schemas.base import EpochMs, Int32, OutputId

MINUTE_MS = 60_000


@dataclass(slots=True)
class AggregatePart:
    """Part of one point's minute. Parts merge: n, n_good, sum add, min and max extend, last by time.

    ``n`` counts scans that named the point, ``n_good`` those with a usable value (quality good or
    uncertain, inside the range); the other figures are over these, in the point's unit, and None
    when there are none. Not frozen: the engine counts in the very object that it sends.
    """

    n: Int32 = 0
    n_good: Int32 = 0
    sum: float = 0.0
    min: float | None = None
    max: float | None = None
    last: float | None = None
    last_at: EpochMs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationMinute:
    """A part of a station's minute. ``bucket`` is the minute's start, epoch ms."""

    station: OutputId
    system: str
    town_code: str
    bucket: EpochMs
    points: dict[OutputId, AggregatePart]
