"""Readings that concern nobody, nearly all of them: counted into their minute and remembered, not judged.

The short way for what ``frame`` would do at length, with the same result (a test compares them).
"""

from collections.abc import Sequence

from schemas.aggregates import MINUTE_MS
from schemas.base import Quality
from services.rules.judging_plan import LATE, PointPlan
from services.rules.state import PointState
from services.rules.state.minutes import add, bucket_for, minute_of
from services.rules.state.working import WorkingState

Sample = tuple[int, float | None, Quality, bool]
"""A reading as it was sent: (event time, value, quality, whether the device's clock was wrong)."""


def take_quiet(working: WorkingState, planned: PointPlan, samples: Sequence[Sample]) -> int:
    """Take the leading samples that are fresh, good, and beyond no limit of a point at rest.

    Returns how many.
    """
    code, hot = planned.point.code, working.hot
    state = hot.points.get(code)
    if state is None or not _is_at_rest(working, planned, state):
        return 0
    quiet_from, quiet_to = planned.quiet_from, planned.quiet_to
    newest, value, end, taken = state.at, state.value, 0, 0
    for at, raw, quality, faulty in samples:
        if faulty or at <= newest or raw is None or quality != "good" or not quiet_from <= raw < quiet_to:
            break
        if at >= end:
            minute = minute_of(at)
            end = minute + MINUTE_MS
            bucket = bucket_for(hot, minute, code)
        add(bucket, at, raw)  # type: ignore[possibly-undefined]  # the first sample is beyond 0
        newest, value = at, raw
        taken += 1
    if taken:
        arrival = working.cause.arrival
        is_heard = arrival > state.heard and newest >= arrival - planned.heard_within_ms
        hot.points[code] = PointState(newest, newest, value, arrival if is_heard else state.heard)
    return taken


def _is_at_rest(working: WorkingState, planned: PointPlan, state: PointState) -> bool:
    """Nothing pending, active or silent: only a value beyond a limit would change anything."""
    if state.silent or state.bad or not state.good_at:
        return False
    channels = working.hot.channels
    return not channels or not any(
        channel.key in channels or channel.key + LATE in channels for channel in planned.all_channels
    )
