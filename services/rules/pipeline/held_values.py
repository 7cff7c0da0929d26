"""Values that hold until another is reported: their delays pass with time, gates open, limits expire.

How long a value has held is told by its own stamps once the next report is there; until then by the time
since it came (JUDGING 8).
"""

from collections.abc import Iterator

from services.rules.judging_plan import NEVER, Channel, PointPlan, gate_open, next_edge
from services.rules.pipeline.channels import HELD, judge_channel
from services.rules.pipeline.levels import Reading, is_on, standing
from services.rules.pipeline.silence import is_silent, is_unfed
from services.rules.state import ChannelState
from services.rules.state.timers import arm
from services.rules.state.working import WorkingState

NEXT_SAMPLE_MS = 1_000
"""A value that holds counts as read again after this, where a level wants more readings than came."""
Look = tuple[int, int]
"""When to look at a value (arrival time), and as of when it is judged then (event time)."""


def look(working: WorkingState, key: str, at: int) -> None:
    """The timer: judge a held value as of each instant whose time has come, then wait for the next one.

    Of a point that is silent nobody knows what it holds: it is judged when it reports again.
    """
    planned = working.plan.channels.get(key)
    if planned is None or _is_silent(working, planned):
        return
    while (following := _next_look(working, planned))[0] <= at:
        _judge(working, planned.in_force(following[1]), following[1], came=at)
    arm(working.hot, f"{HELD}|{key}", following[0])


def _is_silent(working: WorkingState, channel: Channel) -> bool:
    planned = working.plan.points[channel.point.code]
    return is_silent(working.hot, planned) or is_unfed(working.hot, planned)


def catch_up(working: WorkingState, planned: PointPlan, until: int) -> None:
    """The point has reported again: what it held counts up to the instant of the new report."""
    for channel in planned.channels:
        if channel.key in working.hot.channels:
            catch_up_channel(working, channel, until)


def catch_up_channel(working: WorkingState, channel: Channel, until: int) -> None:
    """Judge what a value has come to that held up to ``until`` (event time)."""
    while (stamp := min((one[1] for one in _looks(working, channel)), default=NEVER)) <= until:
        _judge(working, channel.in_force(stamp), stamp, came=stamp)


def _judge(working: WorkingState, channel: Channel, at: int, *, came: int) -> None:
    """Judge the value that was judged last once more, as of ``at``."""
    state = working.hot.channels[channel.key]
    value = state.recent[-1][1]
    raw = (value - channel.shift) / channel.scale
    read = Reading(at=at, value=value, before=value, raw=raw, nature=state.nature, came=came)
    judge_channel(working, channel, read)


def _next_look(working: WorkingState, channel: Channel) -> Look:
    return min(_looks(working, channel), default=(NEVER, NEVER))


def _looks(working: WorkingState, planned: Channel) -> Iterator[Look]:
    """The instants, after the last look, at which something may come of the held value."""
    state = working.hot.channels.get(planned.key)
    if state is None or not state.recent:
        return
    looked = state.recent[-1][0]
    channel = planned.in_force(looked)
    edge = next_edge(channel.gate, looked)
    if edge < NEVER:
        yield edge, edge
    if looked < planned.until < NEVER:
        yield planned.until, planned.until
    if gate_open(channel.gate, looked) and state.fingerprint == channel.fingerprint:
        yield from _deadlines(working, channel, state, looked)


def _deadlines(working: WorkingState, channel: Channel, state: ChannelState, looked: int) -> Iterator[Look]:
    """When pending levels have waited long enough; who wants more samples: each second."""
    on = standing(channel, working.cold.alerts.get(channel.key))
    for pending, level in zip(state.levels, channel.levels, strict=True):
        if pending.count:
            delay = level.shown.off if is_on(level, on) else level.shown.on
            stamp = pending.since + delay.ms
            if stamp > looked or pending.count < delay.samples:
                stamp = stamp if stamp > looked else looked + NEXT_SAMPLE_MS
                yield pending.came + stamp - pending.since, stamp
