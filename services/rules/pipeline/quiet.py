"""Readings that concern nobody, nearly all of them: counted into their minute and remembered, not judged.

The short way for what ``frame`` would do at length, with the same result (a test compares them).
"""

import math
from collections.abc import Sequence

from schemas.aggregates import MINUTE_MS, AggregatePart
from schemas.base import Quality
from services.rules.judging_plan import LATE, PointPlan
from services.rules.state import PointState
from services.rules.state.minutes import minute_of, open_parts
from services.rules.state.working import WorkingState

NO_FIGURES = (0, 0, 0.0, math.inf, -math.inf)
Sample = tuple[int, float | None, Quality, bool]
"""A reading as it was sent: (event time, value, quality, whether the device's clock was wrong)."""


def take_quiet(working: WorkingState, planned: PointPlan, samples: Sequence[Sample]) -> int:  # noqa: C901  # in line: a call more costs a frame 1 %
    """Take the leading samples that are fresh, good, and beyond no limit of a point at rest.

    Returns how many.
    """
    code, hot = planned.point.code, working.hot
    state = hot.points.get(code)
    if state is None or not _is_at_rest(working, planned, state):
        return 0
    quiet_from, quiet_to = planned.quiet_from, planned.quiet_to
    newest, value, end, taken = state.at, state.value, 0, 0
    parts: dict[str, AggregatePart] = {}
    n, n_good, total, low, high = NO_FIGURES
    for at, raw, quality, faulty in samples:
        if faulty or at <= newest or raw is None or quality != "good" or not quiet_from <= raw < quiet_to:
            break
        if at >= end:
            if taken:
                parts[code] = AggregatePart(n, n_good, total, low, high, value, newest)
            minute = minute_of(at)
            end = minute + MINUTE_MS
            parts = open_parts(hot, minute)
            n, n_good, total, low, high = _figures(parts.get(code))
        n += 1
        n_good += 1
        total += raw
        if raw < low:
            low = raw
        if raw > high:
            high = raw
        newest, value = at, raw
        taken += 1
    if taken:
        parts[code] = AggregatePart(n, n_good, total, low, high, value, newest)
        hot.points[code] = PointState(newest, newest, value, _heard(working, planned, state, newest))
    return taken


def _heard(working: WorkingState, planned: PointPlan, state: PointState, newest: int) -> int:
    arrival = working.cause.arrival
    is_heard = arrival > state.heard and newest >= arrival - planned.heard_within_ms
    return arrival if is_heard else state.heard


def _figures(part: AggregatePart | None) -> tuple[int, int, float, float, float]:
    """What a part has counted so far."""
    if part is None:
        return NO_FIGURES
    if part.min is None or part.max is None:
        return part.n, *NO_FIGURES[1:]
    return part.n, part.n_good, part.sum, part.min, part.max


def _is_at_rest(working: WorkingState, planned: PointPlan, state: PointState) -> bool:
    """Nothing pending, active or silent: only a value beyond a limit would change anything."""
    if state.silent or state.bad or not state.good_at:
        return False
    channels = working.hot.channels
    return not channels or not any(
        channel.key in channels or channel.key + LATE in channels for channel in planned.all_channels
    )
