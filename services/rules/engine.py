"""``step(state, event, cause, plan) -> (state, effects)``: the same log, the same effects, anywhere.

No clock, no chance, no I/O. Order of a frame: admit (``frames``) -> believe the clock
(``device_clock``) -> compute (``computed``) -> weigh (``quality``) -> aggregate (``minutes``) -> measure
(``channels``) -> judge (``channels``, ``comparators``) -> life cycle (``lifecycle``,
``transitions``). Telemetry moves event time only; what the clock decides (``silence``, ``held_values``,
closing of minutes) happens at ticks, so that cutting a frame into single scans changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from schemas.alerts import Alert, TransitionReason
from schemas.base import Nature
from schemas.events import Command, Event, Inspection, Telemetry, Tick
from services.rules.alert_commands import carry_out
from services.rules.channels import end_alert
from services.rules.comparators import channel_of_alert, resting, without_pending
from services.rules.computed import follow_schedules
from services.rules.effects import Cause, Effect
from services.rules.held_values import judge_held_values
from services.rules.inspections import take_inspection
from services.rules.judging_plan import NEVER, Channel, JudgingPlan, StationPlan
from services.rules.lifecycle import is_active
from services.rules.minutes import close_due, closes_at
from services.rules.silence import judge_calibrations, watch_silence
from services.rules.state import HotState, PointState, StationState
from services.rules.telemetry import judge_frame
from services.rules.working_state import WorkingState

Step = tuple[StationState, list[Effect]]


def step(state: StationState, event: Event, cause: Cause, plan: JudgingPlan) -> Step:
    """Judge one event of one station.

    Returns the *same* state object when the event changed nothing; ``new.cold is old.cold`` when
    the cold part did not change. An event of a kind that nothing judges changes nothing.

    Raises:
        KeyError: the station is not in the plan (the shell rejects such records before).
    """
    judge = _JUDGES.get(type(event))
    if judge is None:
        return state, []
    if judge is _let_time_pass and (cause.arrival < state.hot.due or state.station not in plan.stations):
        return state, []
    working = WorkingState(state, cause, plan.stations[state.station])
    judge(working, event)
    return working.finished()


def _let_time_pass(working: WorkingState, _: Tick) -> None:
    hot, plan = working.hot, working.plan
    working.effects.extend(close_due(hot, plan.station, working.cause.arrival))
    if working.cause.arrival >= hot.silence_due:
        hot.silence_due = min(watch_silence(working), judge_calibrations(working))
    edge = follow_schedules(working) if plan.computed else NEVER
    held = judge_held_values(working) if hot.channels else NEVER
    closings = (closes_at(minute) for minute in hot.buckets)
    hot.due = min(hot.silence_due, edge, held, *closings, NEVER)


_JUDGES: dict[type, Callable[[WorkingState, Any], None]] = {
    Telemetry: judge_frame,
    Tick: _let_time_pass,
    Command: carry_out,
    Inspection: take_inspection,
}


def expected_from(station: str, cause: Cause, *, nature: Nature) -> StationState:
    """The state of a station that was never heard of: from now on its points are expected to report."""
    return StationState(station, HotState(as_of=cause.offset, since=cause.arrival, nature=nature))


def change_plan(state: StationState, cause: Cause, *, old: JudgingPlan, new: JudgingPlan) -> Step:
    """Another plan takes over: a channel that changed or went starts afresh, noted on its alert.

    Returns the same state object when nothing of the station is concerned.
    """
    before = old.stations.get(state.station)
    after = new.stations.get(state.station)
    either = after or before
    if either is None:
        return state, []
    working = WorkingState(state, cause, either)
    channels = {} if after is None else after.channels
    _forget_changed(working.hot, before, channels)
    for key, alert in list(working.cold.alerts.items()):
        if key not in channels:
            end_alert(working, key, TransitionReason.RULE_REMOVED, at=cause.arrival)
        elif channels[key].fingerprint != alert.fingerprint:
            end_alert(working, key, TransitionReason.RULE_CHANGED, at=cause.arrival)
    if after is None:
        working.effects.extend(close_due(working.hot, either.station, NEVER))
        working.hot.points.clear()
    working.hot.since, working.hot.condition = cause.arrival, ""
    working.hot.due = working.hot.silence_due = 0
    return working.finished()


def _forget_changed(hot: HotState, before: StationPlan | None, after: dict[str, Channel]) -> None:
    """Channels that are not what they were begin anew, with what they look back on."""
    old = {} if before is None else before.channels
    kept = {key for key in after if key in old and old[key].fingerprint == after[key].fingerprint}
    hot.windows = {key: window for key, window in hot.windows.items() if key in kept}
    hot.channels = {
        key: channel
        for key, channel in hot.channels.items()
        if key in after and channel.fingerprint == after[key].fingerprint
    }


def after_loss(
    state: StationState, emitted: Iterable[Alert], cause: Cause, plan: StationPlan
) -> StationState:
    """The state to go on with when a station's snapshot cannot be read; ``state``: an earlier one, or empty.

    Its alerts are as they were last ``emitted``: what is open stays open, and what is active is held at
    the next tick until data come again. All else is as after a gap.
    """
    hot = after_gap(state).hot
    alerts = _newest(state.cold.alerts, emitted, plan)
    points = {code: PointState(silent=True) for code in plan.points} | hot.points
    channels = dict(hot.channels)
    for key, alert in alerts.items():
        channel, earlier = plan.channels[key], channels.pop(key, None)
        if not is_active(alert):
            continue
        if earlier is None or resting(earlier):
            earlier = channel_of_alert(channel, alert)
        channels[key] = earlier
        if channel.scale and alert.readings and channel.point.code not in hot.points:
            value = (alert.readings[-1].value - channel.shift) / channel.scale
            points[channel.point.code] = PointState(value=value, silent=True)
    hot = replace(
        hot,
        as_of=max(hot.as_of, cause.offset),
        points=points,
        channels=channels,
        since=hot.since or cause.arrival,
    )
    return replace(state, hot=hot, cold=replace(state.cold, alerts=alerts))


def _newest(kept: dict[str, Alert], emitted: Iterable[Alert], plan: StationPlan) -> dict[str, Alert]:
    """By channel the alert that was emitted last; what is open goes before what is closed."""
    newest: dict[str, Alert] = {}
    for alert in (*kept.values(), *emitted):
        if alert.alert_id not in newest or newest[alert.alert_id].seq < alert.seq:
            newest[alert.alert_id] = alert
    order = sorted(newest.values(), key=lambda one: (one.closed_at is None, one.timeline[-1].detected_at))
    by_channel = {f"{alert.rule_id}|{alert.point}": alert for alert in order}
    return {key: alert for key, alert in by_channel.items() if key in plan.channels}


def after_gap(state: StationState) -> StationState:
    """Part of the log was lost before it was judged: pending delays begin anew, data count as
    stopped (the next tick holds active alerts, the next scan resumes them)."""
    hot = state.hot
    points = {
        code: PointState(point.at, point.good_at, point.value, point.heard, silent=True)
        for code, point in hot.points.items()
    }
    channels = {key: without_pending(channel) for key, channel in hot.channels.items()}
    return replace(state, hot=replace(hot, points=points, channels=channels, due=0, silence_due=0))
