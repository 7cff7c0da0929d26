"""Values that hold until another is reported: the clock lets their delays pass and their gates open."""

from services.rules.arranged import NEVER, Channel, StationPlan
from services.rules.channels import Reading, judge_channel
from services.rules.draft import Draft
from services.rules.gates import gate_open, next_edge
from services.rules.state import ChannelState


def judge_held_values(draft: Draft, place: StationPlan) -> int:
    """Judge each held value at the instants at which something comes of it. When the next one is.

    Judged is at the instant itself, not at the tick that passes it: how often ticks come decides nothing.
    """
    clock, due = draft.cause.arrival, NEVER
    for key in list(draft.hot.channels):
        channel = place.channels.get(key)
        if channel is None or not channel.is_held:
            continue
        while (look := _next_look(draft, channel)) <= clock:
            _judge(draft, channel, place, look)
        due = min(due, look)
    return due


def _judge(draft: Draft, channel: Channel, place: StationPlan, at: int) -> None:
    value = draft.hot.points[channel.point.code].value
    measured = channel.scale * value + channel.shift
    state = draft.hot.channels[channel.key]
    reading = Reading(at=at, measured=measured, before=measured, raw=value, gap=False, nature=state.nature)
    judge_channel(draft, channel, place, reading)


def _next_look(draft: Draft, channel: Channel) -> int:
    """The next instant, after the last look, at which the held value may change the channel."""
    state = draft.hot.channels.get(channel.key)
    if state is None:
        return NEVER
    looked = state.recent[-1][0] if state.recent else draft.hot.points[channel.point.code].at
    if not gate_open(channel.gate, looked):
        return next_edge(channel.gate, looked)
    return min(next_edge(channel.gate, looked), *_deadlines(channel, state, looked), NEVER)


def _deadlines(channel: Channel, state: ChannelState, looked: int) -> list[int]:
    """When pending levels have waited long enough; one that wants more samples is looked at each second."""
    found = []
    for level, comparator in zip(state.levels, channel.comparators, strict=True):
        if level.count:
            delay = comparator.off if level.active else comparator.on
            found.append(max(level.since + delay.ms, looked + 1_000))
    return found
