"""``step(state, event, cause, plan) -> (state, effects)``: the same log, the same effects, anywhere.

No clock, no chance, no I/O. Before an event is judged, the station's timers run that are due by its
arrival, each at its own instant: neither the pace of ticks nor a scan that overtakes one decides anything.
A frame then goes through ``FRAME``, stage by stage.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from schemas.alerts import Alert, TransitionReason
from schemas.base import Nature
from schemas.events import Command, Event, Inspection, MendedTelemetry, Telemetry, Tick
from services.rules.effects import Cause, Effect
from services.rules.judging_plan import LATE, NEVER, Channel, JudgingPlan, StationPlan
from services.rules.lifecycle.alert import is_active
from services.rules.lifecycle.commands import carry_out
from services.rules.pipeline.channels import HELD, end_alert
from services.rules.pipeline.clocks import CLOCK, decide
from services.rules.pipeline.computed import SCHEDULE, follow_schedules
from services.rules.pipeline.frame import (
    Stage,
    judge_astray,
    judge_clocks,
    judge_frame,
    judge_points,
    note_return,
    remember_scans,
    settle,
    watch_clocks,
)
from services.rules.pipeline.held_values import look
from services.rules.pipeline.inspections import take_inspection
from services.rules.pipeline.instruments import CALIBRATION, judge_calibrations
from services.rules.pipeline.levels import first_state, without_pending
from services.rules.pipeline.silence import SILENCE, watch
from services.rules.state import HotState, PointState, StationState
from services.rules.state.minutes import MINUTES, close_due, closes_at
from services.rules.state.timers import arm, first
from services.rules.state.working import WorkingState

Step = tuple[StationState, list[Effect]]
FRAME: tuple[Stage, ...] = (
    note_return,
    judge_points,
    judge_astray,
    watch_clocks,
    remember_scans,
    settle,
)
"""The way of a frame whose scans were placed in time and sorted by point."""


def step(state: StationState, event: Event, cause: Cause, plan: JudgingPlan) -> Step:
    """Judge one event of one station.

    Returns the *same* state object when the event changed nothing; ``new.cold is old.cold`` when
    the cold part did not change. An event of a kind that nothing judges changes nothing.

    Raises:
        KeyError: the station is not in the plan (the shell rejects such records before).
    """
    judge = JUDGES.get(type(event))
    if judge is None:
        return state, []
    if judge is _pass and (cause.arrival < state.hot.due or state.station not in plan.stations):
        return state, []
    working = WorkingState(state, cause, plan.stations[state.station])
    if cause.arrival >= working.hot.due:
        run_timers(working, cause.arrival)
    judge(working, event)
    return working.finished()


def _frame(working: WorkingState, frame: Telemetry) -> None:
    judge_frame(working, frame, FRAME)


def _pass(_working: WorkingState, _tick: Tick) -> None:
    """A tick only makes time pass."""


JUDGES: dict[type, Callable[[WorkingState, Any], None]] = {
    Telemetry: _frame,
    MendedTelemetry: _frame,
    Tick: _pass,
    Command: carry_out,
    Inspection: take_inspection,
}


def run_timers(working: WorkingState, until: int) -> None:
    """Run what is due by an instant, in the order (instant, name)."""
    hot = working.hot
    if hot.due == 0:
        wake(hot, working.plan, until)
    while hot.due <= until:
        at, name = first(hot)
        arm(hot, name, NEVER)
        kind, _, key = name.partition("|")
        TIMERS[kind](working, key, at)


def wake(hot: HotState, plan: StationPlan, at: int) -> None:
    """Look at everything at ``at`` that time decides: nothing is known of the timers."""
    timers = {CALIBRATION: at, SCHEDULE: at, SILENCE: at}
    if hot.buckets:
        timers[MINUTES] = min(map(closes_at, hot.buckets))
    channels = (plan.channels.get(key) for key in hot.channels)
    timers |= {f"{HELD}|{channel.key}": at for channel in channels if channel is not None and channel.is_held}
    timers |= {name: due for name, due in hot.timers.items() if name.startswith(CLOCK)}
    hot.timers, hot.due = timers, min(timers.values())


def _close_minutes(working: WorkingState, _key: str, at: int) -> None:
    working.effects.extend(close_due(working.hot, working.plan.station, at))


def _decide_clock(working: WorkingState, key: str, at: int) -> None:
    decide(working, key, at)
    judge_clocks(working, at)


TIMERS: dict[str, Callable[[WorkingState, str, int], None]] = {
    CALIBRATION: judge_calibrations,
    CLOCK: _decide_clock,
    HELD: look,
    MINUTES: _close_minutes,
    SCHEDULE: follow_schedules,
    SILENCE: watch,
}
"""By kind: what happens at a timer's instant. Each sets the timer anew where there is more to come."""


def expected_from(station: str, cause: Cause, *, nature: Nature) -> StationState:
    """The state of a station that was never heard of: from now on its points are expected to report."""
    timers = dict.fromkeys((CALIBRATION, SCHEDULE, SILENCE), cause.arrival)
    hot = HotState(as_of=cause.offset, due=cause.arrival, timers=timers, since=cause.arrival, nature=nature)
    return StationState(station, hot)


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
        channel = channels.get(key.removesuffix(LATE))
        if channel is None:
            end_alert(working, key, TransitionReason.RULE_REMOVED, at=cause.arrival)
        elif channel.fingerprint != alert.fingerprint:
            end_alert(working, key, TransitionReason.RULE_CHANGED, at=cause.arrival)
    if after is None:
        working.effects.extend(close_due(working.hot, either.station, NEVER))
        working.hot.points.clear()
    working.hot.since, working.hot.condition = cause.arrival, ""
    wake(working.hot, either, cause.arrival)
    return working.finished()


def _forget_changed(hot: HotState, before: StationPlan | None, after: dict[str, Channel]) -> None:
    """Channels that are not what they were begin anew, with what they look back on."""
    old = {} if before is None else before.channels
    kept = {key for key in after if key in old and old[key].fingerprint == after[key].fingerprint}
    hot.windows = {key: window for key, window in hot.windows.items() if key in kept}
    hot.runs = {key: runs for key, runs in hot.runs.items() if key in kept}
    hot.told = {key: told for key, told in hot.told.items() if key in kept}
    hot.channels = {
        key: channel
        for key, channel in hot.channels.items()
        if (base := key.removesuffix(LATE)) in after and channel.fingerprint == after[base].fingerprint
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
        channel = plan.channels[key.removesuffix(LATE)]
        if not is_active(alert):
            channels.pop(key, None)
            continue
        if key not in channels:
            recent = tuple((reading.at, reading.value) for reading in alert.readings)
            channels[key] = replace(first_state(channel, alert.nature), recent=recent)
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
    apart = {alert.alert_id for key, alert in kept.items() if key.endswith(LATE)}
    order = sorted(newest.values(), key=lambda one: (one.closed_at is None, one.timeline[-1].detected_at))
    by_channel = {
        f"{alert.rule_id}|{alert.point}{LATE if alert.alert_id in apart else ''}": alert for alert in order
    }
    return {key: alert for key, alert in by_channel.items() if key.removesuffix(LATE) in plan.channels}


def after_gap(state: StationState) -> StationState:
    """Part of the log was lost before it was judged: pending delays begin anew, data count as
    stopped (the next tick holds active alerts, the next scan resumes them)."""
    hot = state.hot
    points = {
        code: PointState(point.at, point.good_at, point.value, point.heard, silent=True)
        for code, point in hot.points.items()
    }
    channels = {key: without_pending(channel) for key, channel in hot.channels.items()}
    return replace(state, hot=replace(hot, points=points, channels=channels, due=0, timers={}))
