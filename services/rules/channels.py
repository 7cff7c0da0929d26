"""A usable value of a point meets the rules that watch it: measured, gated, compared with their limits.

What comes of it for a channel's alert is decided here; how an alert changes, in ``lifecycle``.
"""

from dataclasses import replace

from schemas.aggregates import MINUTE_MS
from schemas.alerts import Alert, AlertState, ReadingAt, TransitionReason
from services.rules import lifecycle
from services.rules.comparators import LevelChange, Measurement, first_state, judge, resting
from services.rules.headline import headline
from services.rules.judging_plan import Channel, PointPlan, StationPlan, gate_open
from services.rules.state import ChannelState
from services.rules.working_state import WorkingState


def judge_value(working: WorkingState, planned: PointPlan, read: Measurement) -> None:
    """Judge a value by each channel; one at rest whose limits it does not concern is passed over."""
    for planned_channel in planned.channels:
        channel = planned_channel
        if read.at >= channel.until and channel.after is not None:
            channel = channel.after
        measured = _measured(working, channel, read)
        if measured is None:
            leave_gate(working, channel, read.at)
        elif channel.key in working.hot.channels or not channel.quiet_from <= measured < channel.quiet_to:
            judge_channel(working, channel, _of_channel(channel, read, measured))


def _of_channel(channel: Channel, read: Measurement, measured: float) -> Measurement:
    before = read.before if channel.is_plain else None
    return Measurement(
        at=read.at,
        value=measured,
        before=None if before is None else channel.scale * before + channel.shift,
        raw=read.value,
        gap=read.gap,
        nature=read.nature,
        clock_fault=read.clock_fault,
        defect=read.defect,
    )


def _measured(working: WorkingState, channel: Channel, read: Measurement) -> float | None:
    """``read`` as ``channel`` compares it, in the rule's unit.

    None: it cannot be judged yet, or the schedule expects nothing now. Remembers what a later
    call looks back on.
    """
    if channel.own_measure is not None:
        return channel.own_measure(working, channel, read)
    scaled = channel.scale * read.value + channel.shift
    if channel.rule.mean_ms is not None:
        return _mean(working, channel, channel.rule.mean_ms, (read.at, scaled))
    return _against_schedule(channel, read.at, read.value) if channel.schedule else scaled


def _against_schedule(channel: Channel, at: int, value: float) -> float | None:
    share = next((share for gate, share in channel.schedule if gate_open(gate, at)), None)
    return None if share is None else channel.scale * value / share + channel.shift


def _mean(working: WorkingState, channel: Channel, mean_ms: int, read: tuple[int, float]) -> float | None:
    """The mean of the good scans of the window, once at least half of those due in it are there."""
    at, value = read
    minute = at - at % MINUTE_MS
    window = working.hot.windows.get(channel.key, ())
    if window and window[-1][0] == minute:
        _, total, number = window[-1]
        window = (*window[:-1], (minute, total + value, number + 1))
    else:
        begin = minute - mean_ms
        window = (*(one for one in window if one[0] > begin), (minute, value, 1))
    working.hot.windows[channel.key] = window
    number = sum(one[2] for one in window)
    if 2 * number * channel.point.expected_every_s * 1000 < mean_ms:
        return None
    return sum(one[1] for one in window) / number


def judge_channel(working: WorkingState, channel: Channel, read: Measurement) -> None:
    """Judge a reading by one rule and carry the alert on.

    The caller has passed over readings of channels at rest that concern no limit.
    """
    if not gate_open(channel.gate, read.at):
        _wait_for_gate(working, channel, read)
        end_alert(working, channel.key, TransitionReason.GATE_CLOSED, at=read.at)
        return
    state = working.hot.channels.get(channel.key)
    if state is None or state.fingerprint != channel.fingerprint:
        if state is not None:
            end_alert(working, channel.key, TransitionReason.RULE_CHANGED, at=read.at)
        state = first_state(channel, read.nature)
    after, change = judge(state, channel, read)
    if resting(after):
        working.hot.channels.pop(channel.key, None)
    else:
        working.hot.channels[channel.key] = after
        if channel.is_held:
            working.hot.due = 0
    if change is not None:
        _respond(working, channel, _sign(after, channel, working.plan, read, change), change)


def leave_gate(working: WorkingState, channel: Channel, at: int) -> None:
    """There is nothing to compare at ``at``; if the gate is closed by then, the alert ends all the same."""
    if channel.key in working.hot.channels and not gate_open(channel.gate, at):
        del working.hot.channels[channel.key]
        end_alert(working, channel.key, TransitionReason.GATE_CLOSED, at=at)


def _wait_for_gate(working: WorkingState, channel: Channel, read: Measurement) -> None:
    """A held value that is beyond a limit will be judged when the gate opens; others are read again."""
    quiet = channel.quiet_from <= read.value < channel.quiet_to
    if channel.is_held and not quiet:
        blank = first_state(channel, read.nature)
        working.hot.channels[channel.key] = replace(blank, recent=((read.at, read.value),))
        working.hot.due = 0
    else:
        working.hot.channels.pop(channel.key, None)


def end_alert(working: WorkingState, key: str, reason: TransitionReason, *, at: int) -> None:
    """End the channel's alert for good: one that is open says why, none re-opens."""
    alert = working.cold.alerts.get(key)
    if alert is None:
        return
    if alert.closed_at is not None:
        working.forget_alert(key)
        return
    ended = lifecycle.ended(alert, working.plan, working.cause, reason=reason, at=at)
    working.put_alert(key, ended)
    working.forget_alert(key)


def _sign(
    state: ChannelState, channel: Channel, plan: StationPlan, read: Measurement, change: LevelChange
) -> lifecycle.Sign:
    shown = change.highest or change.decider
    return lifecycle.Sign(
        at=read.at,
        onset=change.onset,
        severity=shown.severity,
        value=read.value,
        comparator=change.decider,
        limit=shown.limit,
        readings=tuple(ReadingAt(at=at, value=value) for at, value in state.recent),
        headline=headline(channel, plan, shown, read),
        nature=read.nature,
        clock_fault=read.clock_fault,
    )


def _respond(working: WorkingState, channel: Channel, sign: lifecycle.Sign, change: LevelChange) -> None:
    alert = working.cold.alerts.get(channel.key)
    if alert is None or not lifecycle.is_active(alert):
        if change.highest is not None:
            _raise(working, channel, sign, alert)
        return
    if change.highest is None:
        after = lifecycle.cleared(alert, sign, working.plan, working.cause)
    elif change.highest.severity is not alert.severity:
        after = lifecycle.severity_moved(alert, sign, working.plan, working.cause)
    else:
        return
    working.put_alert(channel.key, after)


def _raise(working: WorkingState, channel: Channel, sign: lifecycle.Sign, earlier: Alert | None) -> None:
    """The same alert again within its re-occurrence window, a new one otherwise."""
    plan, cause = working.plan, working.cause
    if earlier is not None and _returns_in_time(earlier, channel, sign.at):
        working.put_alert(channel.key, lifecycle.reopened(earlier, sign, plan, cause))
        return
    if earlier is not None and lifecycle.standing(earlier) is AlertState.RETURNED:
        end_alert(working, channel.key, TransitionReason.SUPERSEDED, at=sign.at)
    occurrence = working.next_occurrence(channel.key)
    working.put_alert(channel.key, lifecycle.raised(sign, channel, plan, cause, occurrence=occurrence))


def _returns_in_time(alert: Alert, channel: Channel, at: int) -> bool:
    return alert.cleared_at is not None and at - alert.cleared_at <= channel.rule.reoccurrence_ms
