"""Values that hold until another is reported: the clock lets their delays pass and their gates open."""

from services.rules.channels import judge_channel
from services.rules.comparators import Measurement
from services.rules.judging_plan import NEVER, Channel, gate_open, next_edge
from services.rules.state import ChannelState
from services.rules.working_state import WorkingState


def judge_held_values(working: WorkingState) -> int:
    """Judge each held value at the instants at which something comes of it. Returns when the next one is.

    It is judged at the instant itself, not at the tick that passes it: how often ticks come decides nothing.
    """
    clock, due = working.cause.arrival, NEVER
    for key in list(working.hot.channels):
        channel = working.plan.channels.get(key)
        if channel is None or not channel.is_held:
            continue
        while (look := _next_look(working, channel)) <= clock:
            _judge(working, channel, look)
        due = min(due, look)
    return due


def _judge(working: WorkingState, channel: Channel, at: int) -> None:
    raw = working.hot.points[channel.point.code].value
    value = channel.scale * raw + channel.shift
    nature = working.hot.channels[channel.key].nature
    judge_channel(working, channel, Measurement(at=at, value=value, before=value, raw=raw, nature=nature))


def _next_look(working: WorkingState, channel: Channel) -> int:
    """The next instant, after the last look, at which the held value may change the channel."""
    state = working.hot.channels.get(channel.key)
    if state is None:
        return NEVER
    looked = state.recent[-1][0] if state.recent else working.hot.points[channel.point.code].at
    if not gate_open(channel.gate, looked):
        return next_edge(channel.gate, looked)
    return min(next_edge(channel.gate, looked), *_deadlines(channel, state, looked), NEVER)


def _deadlines(channel: Channel, state: ChannelState, looked: int) -> list[int]:
    """The times at which pending levels have waited long enough; who wants more samples: each second."""
    found = []
    for level, comparator in zip(state.levels, channel.comparators, strict=True):
        if level.count:
            delay = comparator.off if level.active else comparator.on
            found.append(max(level.since + delay.ms, looked + 1_000))
    return found
