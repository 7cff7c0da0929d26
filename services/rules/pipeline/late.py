"""Readings that are older than their point's newest: a danger that they show is told, though late.

Each channel has, beside its live alert, at most one alert of what is told late, under the channel's key with
``LATE`` behind it (JUDGING 4). Where life depends on a single value, a late reading is judged among its true
neighbours, which the class runs know; what an alert has told already, as severely, is not told again. Other
channels judge a late stretch alone: readings in order between which nothing was taken.
"""

from dataclasses import dataclass, replace

from schemas.base import SEVERITY_RANK
from services.rules.judging_plan import LATE, NEVER, Channel, Level, PointPlan, gate_open
from services.rules.lifecycle.alert import is_active
from services.rules.pipeline import class_runs
from services.rules.pipeline.channels import advance, judge_channel, measure, of_channel, respond
from services.rules.pipeline.held_values import catch_up_channel
from services.rules.pipeline.levels import (
    RECENT,
    LevelChange,
    Reading,
    first_state,
    highest_met,
    is_on,
    standing,
    without_pending,
)
from services.rules.state import LevelState
from services.rules.state.scan_times import next_scan, was_scanned_between
from services.rules.state.working import WorkingState


@dataclass(slots=True)
class Danger:
    """A level that readings meet which lie together: since when and how many, and until when."""

    level: Level
    pending: LevelState
    last: int


def judge_late(working: WorkingState, planned: PointPlan, read: Reading, until: int) -> None:
    """Judge a reading that came behind newer ones. ``until``: when its frame read the point next."""
    judge_among_neighbours(working, planned, read)
    _judge_alone(working, planned, read, until)


def _judge_alone(working: WorkingState, planned: PointPlan, read: Reading, until: int) -> None:
    """Judge a late reading by the channels that remember no neighbours, as the next one of its stretch."""
    hot, code = working.hot, planned.point.code
    channels = [one.in_force(read.at) for one in planned.channels if not one.keeps_runs or one.is_held]
    if not channels:
        return
    name = code + LATE
    last_at, last_value, _ = hot.windows.get(name, ((0, 0.0, 1),))[-1]
    hot.windows[name] = ((read.at, read.value, 1),)
    goes_on = last_at < read.at and not was_scanned_between(hot, code, last_at, read.at)
    if goes_on:
        read = replace(read, before=last_value, gap_ms=read.at - last_at)
    for channel in channels:
        alone = replace(channel, key=channel.key + LATE)
        if not goes_on:
            _begin_anew(working, channel.key, alone, read.at)
        _judge_next(working, alone, read, min(until, next_scan(hot, code, read.at)))


def _begin_anew(working: WorkingState, live: str, alone: Channel, at: int) -> None:
    """Another stretch: nothing of the last one is pending, and it looks back on what the live readings still
    remember of the time before it. An alert of the last one stays, until something shows that it is over.
    """
    hot, key = working.hot, alone.key
    state = hot.channels.pop(key, None)
    if state is not None and is_active(working.cold.alerts.get(key)):
        hot.channels[key] = without_pending(state)
    hot.windows.pop(key, None)
    before = tuple(sample for sample in hot.windows.get(live, ()) if sample[0] < at)
    if before:
        hot.windows[key] = before


def _judge_next(working: WorkingState, alone: Channel, read: Reading, until: int) -> None:
    measured = measure(working, alone, read)
    if measured is None or _is_told_of(working, alone, read.at, highest_met(alone, measured)):
        return
    if alone.key in working.hot.channels or not alone.quiet_from <= measured < alone.quiet_to:
        judge_channel(working, alone, of_channel(alone, read, measured))
        if alone.is_held:
            catch_up_channel(working, alone, until)


def _is_told_of(working: WorkingState, alone: Channel, at: int, rank: int) -> bool:
    """Tells if an alert of that time, the live one or the late one once it is over, was as severe."""
    live, late = (working.cold.alerts.get(key) for key in (alone.key.removesuffix(LATE), alone.key))
    told = [one for one in (live, None if is_active(late) else late) if one is not None]
    return any(
        one.onset_at <= at <= (one.cleared_at or one.closed_at or NEVER) and rank <= class_runs.rank_of(one)
        for one in told
    )


def judge_among_neighbours(working: WorkingState, planned: PointPlan, read: Reading) -> None:
    """Judge a late reading by the channels that know what was read before and after it."""
    for channel in _keeping_runs(planned, read.at):
        if channel.is_held:
            continue
        measured = measure(working, channel, read)
        if measured is None or not gate_open(channel.gate, read.at):
            continue
        here = of_channel(channel, read, measured)
        class_runs.note(working.hot, channel, here)
        _lengthen(working, channel, here.at)
        danger = _danger(working, channel, here)
        if danger is not None:
            _tell(working, channel, here, danger)


def _lengthen(working: WorkingState, channel: Channel, at: int) -> None:
    """What is pending in the channel has lasted for longer, where the late reading adjoins it."""
    state = working.hot.channels.get(channel.key)
    if state is None or state.fingerprint != channel.fingerprint:
        return
    on = standing(channel, working.cold.alerts.get(channel.key))
    levels = tuple(
        _longer(working, channel, level, pending, at) if pending.count and not is_on(level, on) else pending
        for level, pending in zip(channel.levels, state.levels, strict=True)
    )
    working.hot.channels[channel.key] = replace(state, levels=levels)


def _longer(
    working: WorkingState, channel: Channel, level: Level, pending: LevelState, at: int
) -> LevelState:
    found = class_runs.stretch(working.hot, channel, level, at)
    if found is None or not found[0] <= pending.since <= found[1]:
        return pending
    return LevelState(found[0], max(pending.count, found[2]), pending.gap, pending.came)


def _danger(working: WorkingState, channel: Channel, read: Reading) -> Danger | None:
    """The highest level that the reading and its neighbours meet for long enough, and was not told of."""
    for level in sorted(channel.levels, key=lambda level: -level.rank):
        found = class_runs.stretch(working.hot, channel, level, read.at)
        if found is None:
            continue
        first, last, count = found
        delay = level.shown.on
        if last - first >= delay.ms and count >= delay.samples:
            if _is_told(working, channel, first, last, level.rank):
                return None
            return Danger(level, LevelState(first, count, 0, working.cause.arrival), last)
    return None


def _is_told(working: WorkingState, channel: Channel, first: int, last: int, rank: int) -> bool:
    alerts = (working.cold.alerts.get(key) for key in (channel.key, channel.key + LATE))
    lasting = (alert for alert in alerts if alert is not None and is_active(alert))
    return any(one.onset_at <= last and rank <= class_runs.rank_of(one) for one in lasting) or (
        class_runs.was_told(working.hot, channel, first, last, rank)
    )


def _tell(working: WorkingState, channel: Channel, read: Reading, danger: Danger) -> None:
    """Raise what lasts until the point's newest reading; of what is over, the channel's late alert."""
    level, pending = danger.level, danger.pending
    lasts = danger.last >= working.hot.points[channel.point.code].good_at
    key = channel.key if lasts else channel.key + LATE
    alert = working.cold.alerts.get(key)
    if alert is not None and is_active(alert) and SEVERITY_RANK[alert.severity] >= level.rank:
        return  # the one late alert is as severe: further stretches join it
    at = min(pending.since + level.shown.on.ms, working.cause.arrival)
    known = working.hot.channels.get(key) or first_state(channel, read.nature)
    state = replace(known, recent=(*known.recent, (read.at, read.value))[-RECENT:])
    working.hot.channels[key] = state
    respond(working, channel, replace(read, at=at), LevelChange(level, level, pending), state, key=key)


def follow(working: WorkingState, planned: PointPlan, read: Reading) -> None:
    """Show a newer reading within limits to what was told late of its point: it may be over."""
    for planned_channel in planned.channels:
        channel = planned_channel.in_force(read.at)
        key = channel.key + LATE
        state = working.hot.channels.get(key)
        if state is None or state.recent[-1][0] >= read.at or not is_active(working.cold.alerts.get(key)):
            continue
        measured = _now(working, channel, read)
        if measured is not None and highest_met(channel, measured) == class_runs.NO_LEVEL:
            here = of_channel(channel, read, measured)
            advance(working, channel, state, here, key=key)


def _now(working: WorkingState, channel: Channel, read: Reading) -> float | None:
    """The newest reading as the channel compares it; where several decide, what the live ones come to."""
    if channel.is_plain:
        return measure(working, channel, read)
    state = working.hot.channels.get(channel.key)
    if state is not None and state.recent:
        return state.recent[-1][1]
    return 0.0 if channel.rule.rate is not None else channel.scale * read.value + channel.shift


def is_worse(working: WorkingState, planned: PointPlan, at: int, value: float) -> bool:
    """Tells if a reading meets a higher level of life safety than what was taken at its time."""
    for channel in _keeping_runs(planned, at):
        rank = highest_met(channel, channel.scale * value + channel.shift)
        if rank > class_runs.rank_at(working.hot, channel, at):
            return True
    return False


def _keeping_runs(planned: PointPlan, at: int) -> list[Channel]:
    found = (channel.in_force(at) for channel in planned.channels)
    return [channel for channel in found if channel.keeps_runs]
