"""Instruments that give nothing usable, or whose calibration is overdue; alerts that wait for data."""

from services.rules.judging_plan import NEVER, PointPlan, gate_open
from services.rules.lifecycle import alert as lifecycle
from services.rules.pipeline.channels import judge_channel
from services.rules.pipeline.levels import Reading
from services.rules.state.timers import arm
from services.rules.state.working import WorkingState

DAY_MS = 86_400_000
CALIBRATION = "calibration"
"""Kind of the timer of calibrations that fall due."""


def judge_quality(working: WorkingState, planned: PointPlan, *, at: int, bad: int, holds: bool) -> None:
    """Judge ``bad`` unusable scans in a row: the point's alerts are held by too many, if ``holds``.

    A computed point is needed only while one of its rules is judged.
    """
    channel = planned.quality
    if channel is None:
        return
    too_many = bad >= channel.quiet_to
    is_needed = planned.point.computed is None or any(gate_open(one.gate, at) for one in planned.channels)
    if channel.key in working.hot.channels or (too_many and is_needed):
        judge_channel(working, channel, Reading(at=at, value=float(bad), nature=working.hot.nature))
    if too_many and holds:
        hold(working, planned, at)


def hold(working: WorkingState, planned: PointPlan, at: int) -> None:
    """Active alerts of a point without usable data are held: nothing says that they are over."""
    for channel in planned.channels:
        alert = working.cold.alerts.get(channel.key)
        if alert is None or alert.held or not lifecycle.is_active(alert):
            continue
        working.put_alert(channel.key, lifecycle.held(alert, working.plan, working.cause, at=at))


def resume(working: WorkingState, planned: PointPlan, at: int) -> None:
    """Usable data came back: held alerts of the point are judged again."""
    for channel in planned.channels:
        alert = working.cold.alerts.get(channel.key)
        if alert is not None and alert.held:
            working.put_alert(channel.key, lifecycle.resumed(alert, working.plan, working.cause, at=at))


def judge_calibrations(working: WorkingState, _key: str, at: int) -> None:
    """The timer: raise, or end, what is due about calibrations; look again when the next one falls due."""
    due = NEVER
    for planned in working.plan.points.values():
        channel, until = planned.calibration, planned.point.calibration_due
        if channel is None or until is None:
            continue
        days = (at - until) / DAY_MS
        if days >= channel.quiet_to or channel.key in working.hot.channels:
            judge_channel(working, channel, Reading(at=at, value=days, nature=working.hot.nature))
        limits = (until + round(level.shown.limit * DAY_MS) for level in channel.levels)
        due = min(due, *(limit for limit in limits if limit > at), NEVER)
    arm(working.hot, CALIBRATION, due)
