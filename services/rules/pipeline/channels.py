"""A usable value of a point meets the rules that watch it: measured, gated, compared with their limits.

What comes of it for a channel's alert is decided here; how an alert changes, in ``lifecycle``.
"""

from dataclasses import replace

from schemas.alerts import Alert, AlertState, ReadingAt, TransitionReason
from services.rules.judging_plan import LATE, Channel, PointPlan, gate_open
from services.rules.lifecycle import alert as lifecycle
from services.rules.pipeline import class_runs
from services.rules.pipeline.levels import LevelChange, Reading, first_state, judge, pends, standing
from services.rules.state import ChannelState
from services.rules.state.minutes import minute_of
from services.rules.state.timers import arm
from services.rules.state.working import WorkingState
from services.rules.words.headline import headline

HELD = "held"
"""Kind of the timers of values that hold (``held_values``)."""


def judge_value(working: WorkingState, planned: PointPlan, read: Reading) -> None:
    """Judge a value by each channel; one at rest whose limits it does not concern is passed over."""
    for planned_channel in planned.channels:
        channel = planned_channel.in_force(read.at)
        measured = measure(working, channel, read)
        if measured is None:
            leave_gate(working, channel, read.at)
        elif channel.key in working.hot.channels or not channel.quiet_from <= measured < channel.quiet_to:
            judge_channel(working, channel, of_channel(channel, read, measured))


def of_channel(channel: Channel, read: Reading, measured: float) -> Reading:
    """A point's reading as ``channel`` compares it."""
    before = read.before if channel.is_plain else None
    return Reading(
        at=read.at,
        value=measured,
        before=None if before is None else channel.scale * before + channel.shift,
        raw=read.value,
        gap_ms=read.gap_ms,
        nature=read.nature,
        clock_fault=read.clock_fault,
        defect=read.defect,
        said=read.said,
    )


def measure(working: WorkingState, channel: Channel, read: Reading) -> float | None:
    """``read`` as ``channel`` compares it, in the rule's unit.

    None: it cannot be judged yet, or the schedule expects nothing now. Remembers what a later
    call looks back on.
    """
    if channel.own_measure is not None:
        return channel.own_measure(working, channel, read)
    scaled = channel.scale * read.value + channel.shift
    if channel.rule.mean_ms is not None:
        return _mean(working, channel, channel.rule.mean_ms, read)
    return _against_schedule(channel, read.at, read.value) if channel.schedule else scaled


def _against_schedule(channel: Channel, at: int, value: float) -> float | None:
    share = next((share for gate, share in channel.schedule if gate_open(gate, at)), None)
    return None if share is None else channel.scale * value / share + channel.shift


def _mean(working: WorkingState, channel: Channel, mean_ms: int, read: Reading) -> float | None:
    """The mean of the window by time: a value holds until the next, at most for ``max_gap_ms``.

    The newest holds for an interval. None until a third of the window is covered so (JUDGING 5).
    """
    window, scaled = working.hot.windows.get(channel.key, ()), channel.scale * read.value + channel.shift
    begin = minute_of(read.at) - mean_ms
    if read.before is not None and read.gap_ms > 0:
        held_ms = min(read.gap_ms, channel.max_gap_ms)
        weighed = (channel.scale * read.before + channel.shift) * held_ms
        window = _with(window, minute_of(read.at - read.gap_ms), weighed, held_ms)
    working.hot.windows[channel.key] = window = tuple(one for one in window if one[0] > begin)
    newest_ms = min(channel.point.expected_every_s * 1000, channel.max_gap_ms)
    covered = sum(one[2] for one in window) + newest_ms
    total = sum(one[1] for one in window) + scaled * newest_ms
    return None if 3 * covered < mean_ms else total / covered


def _with(
    window: tuple[tuple[int, float, int], ...], minute: int, weighed: float, held_ms: int
) -> tuple[tuple[int, float, int], ...]:
    if window and window[-1][0] == minute:
        _, total, covered = window[-1]
        return (*window[:-1], (minute, total + weighed, covered + held_ms))
    return (*window, (minute, weighed, held_ms))


def judge_channel(working: WorkingState, channel: Channel, read: Reading) -> None:
    """Judge a reading by one rule and carry the alert on.

    The caller has passed over readings of channels at rest that concern no limit.
    """
    hot = working.hot
    if not gate_open(channel.gate, read.at):
        _wait_for_gate(working, channel, read)
        end_alert(working, channel.key, TransitionReason.GATE_CLOSED, at=read.at)
        return
    if class_runs.is_outweighed(hot, channel, read):
        return
    class_runs.note(hot, channel, read)
    state = hot.channels.get(channel.key)
    if state is not None and state.fingerprint != channel.fingerprint:
        end_alert(working, channel.key, TransitionReason.RULE_CHANGED, at=read.at)
        state = None
    advance(working, channel, state or first_state(channel, read.nature), read, key=channel.key)
    if channel.is_held:
        arm(hot, f"{HELD}|{channel.key}", working.cause.arrival)


def advance(working: WorkingState, channel: Channel, state: ChannelState, read: Reading, *, key: str) -> None:
    """Judge a reading by the channel's levels, and carry on the alert that stands under ``key``."""
    on = standing(channel, working.cold.alerts.get(key))
    after, change = judge(state, channel, on, read, read.came or working.cause.arrival)
    if (on if change is None else change.highest) is None and not pends(after):
        working.hot.channels.pop(key, None)
    else:
        working.hot.channels[key] = after
    if change is not None:
        respond(working, channel, read, change, after, key=key)


def leave_gate(working: WorkingState, channel: Channel, at: int) -> None:
    """There is nothing to compare at ``at``; if the gate is closed by then, the alert ends all the same."""
    if channel.key in working.hot.channels and not gate_open(channel.gate, at):
        del working.hot.channels[channel.key]
        end_alert(working, channel.key, TransitionReason.GATE_CLOSED, at=at)


def _wait_for_gate(working: WorkingState, channel: Channel, read: Reading) -> None:
    """A held value that is beyond a limit will be judged when the gate opens; others are read again."""
    quiet = channel.quiet_from <= read.value < channel.quiet_to
    if channel.is_held and not quiet:
        blank = first_state(channel, read.nature)
        working.hot.channels[channel.key] = replace(blank, recent=((read.at, read.value),))
        arm(working.hot, f"{HELD}|{channel.key}", working.cause.arrival)
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


def respond(
    working: WorkingState,
    channel: Channel,
    read: Reading,
    change: LevelChange,
    state: ChannelState,
    *,
    key: str,
) -> None:
    """Carry the alert on that stands under ``key`` after a change of its channel's levels."""
    alert, plan, cause = working.cold.alerts.get(key), working.plan, working.cause
    sign = _sign(working, channel, read, change, state)
    if alert is None or not lifecycle.is_active(alert):
        if change.highest is not None:
            _raise(working, channel, sign, alert, key=key)
        return
    if change.highest is None:
        after = lifecycle.cleared(alert, sign, plan, cause)
        class_runs.tell(working.hot, channel, after)
    elif change.highest.shown.severity is alert.severity:
        after = lifecycle.side_changed(alert, sign, plan, cause)
    else:
        after = lifecycle.severity_moved(alert, sign, plan, cause)
    working.put_alert(key, after)


def _sign(
    working: WorkingState, channel: Channel, read: Reading, change: LevelChange, state: ChannelState
) -> lifecycle.Sign:
    """The decision that a change of levels is, with its evidence."""
    shown = change.highest or change.decider
    return lifecycle.Sign(
        at=read.at,
        onset=change.pending.since,
        severity=shown.shown.severity,
        value=read.value,
        comparator=change.decider.shown,
        limit=shown.shown.limit,
        readings=tuple(ReadingAt(at=at, value=value) for at, value in state.recent),
        headline=headline(channel, working.plan, shown, read, change.pending),
        nature=read.nature,
        clock_fault=read.clock_fault,
    )


def _raise(
    working: WorkingState, channel: Channel, sign: lifecycle.Sign, earlier: Alert | None, *, key: str
) -> None:
    """The same alert again within its re-occurrence window, a new one otherwise."""
    plan, cause = working.plan, working.cause
    if earlier is not None and _returns_in_time(earlier, channel, sign.at):
        working.put_alert(key, lifecycle.reopened(earlier, sign, plan, cause))
        return
    if earlier is not None and lifecycle.standing(earlier) is AlertState.RETURNED:
        end_alert(working, key, TransitionReason.SUPERSEDED, at=sign.at)
    occurrence, apart = working.next_occurrence(key), LATE if key.endswith(LATE) else ""
    raised = lifecycle.raised(sign, channel, plan, cause, occurrence=occurrence, apart=apart)
    working.put_alert(key, raised)


def _returns_in_time(alert: Alert, channel: Channel, at: int) -> bool:
    return alert.cleared_at is not None and at - alert.cleared_at <= channel.rule.reoccurrence_ms
