"""Silent points and stations, overdue calibrations, instruments that give nothing usable.

The clock finds the first two, at ticks only.
"""

from typing import Literal

from schemas.outcomes import StationStateChanged
from schemas.plan import Ratio, Share
from services.rules import lifecycle
from services.rules.channels import judge_channel
from services.rules.comparators import Measurement
from services.rules.effects import Decided
from services.rules.judging_plan import NEVER, Channel, PointPlan
from services.rules.state import HotState
from services.rules.working_state import WorkingState

DAY_MS = 86_400_000
Condition = Literal["reporting", "partial", "silent", "unheard"]
"""``state`` of ``StationStateChanged``."""
SOUND = "reporting|"
"""The ``condition`` of a station of which nothing is silent."""


def silent_from(planned: PointPlan, arrival: int) -> int:
    """The first instant (arrival time) at which a point whose last scan came at ``arrival`` is silent."""
    return arrival + planned.silent_after_ms + 1


def watch_silence(working: WorkingState) -> int:
    """Find what is silent. Returns when silence may have something more to say."""
    hot, plan, clock = working.hot, working.plan, working.cause.arrival
    last, earliest, troubled = 0, NEVER, False
    for code, planned in plan.expected.items():
        state = hot.points.get(code)
        arrival = (state.heard if state is not None else 0) or hot.since
        if arrival > last:
            last = arrival
        due = arrival + planned.silent_after_ms + 1 if arrival else NEVER
        if due <= clock or (state is not None and state.silent):
            troubled = True
        elif due < earliest:
            earliest = due
    if not troubled:
        if hot.condition != SOUND:
            report_condition(working)
        return min(earliest, last + plan.silent_after_ms + 1) if last else NEVER
    _judge_silence(working)
    return _next_silence(working)


def _judge_silence(working: WorkingState) -> None:
    """Mark points that have been unheard for too long, hold their alerts, raise those of silence.

    Of a station that is silent as a whole that alone is said, not each of its points.
    """
    hot, plan, clock = working.hot, working.plan, working.cause.arrival
    lost = is_lost(working)
    for code, planned in plan.expected.items():
        arrival = _arrival_of(hot, code)
        overdue = arrival > 0 and clock >= silent_from(planned, arrival)
        _mark(working, planned, overdue=overdue)
        if overdue and planned.silence is not None and not (lost and plan.silence is not None):
            _judge_missed(working, planned.silence, arrival, _every_ms(planned))
    for planned in plan.computed:
        if _unfed(hot, planned):
            hold(working, planned)
    if lost and plan.silence is not None:
        quickest_ms = min(map(_every_ms, plan.expected.values()))
        _judge_missed(working, plan.silence, _newest_arrival(working), quickest_ms)
    report_condition(working)


def _mark(working: WorkingState, planned: PointPlan, *, overdue: bool) -> None:
    state = working.hot.points.get(planned.point.code)
    silent = state is not None and state.silent
    if overdue and not silent:
        working.point(planned.point.code).silent = True
    if overdue or silent:
        hold(working, planned)


def _unfed(hot: HotState, planned: PointPlan) -> bool:
    """Nothing can be computed: a part of a ratio is silent, or every member of a share."""
    silent = {code for code, state in hot.points.items() if state.silent}
    match planned.point.computed:
        case Ratio() as ratio:
            return not silent.isdisjoint((ratio.part, ratio.whole))
        case Share() as share:
            return silent.issuperset(member.point for member in share.members)
    return False


def _judge_missed(working: WorkingState, channel: Channel, arrival: int, every_ms: int) -> None:
    clock = working.cause.arrival
    _judge(working, channel, float((clock - arrival - 1) // every_ms), at=clock)


def _judge(working: WorkingState, channel: Channel, value: float, *, at: int) -> None:
    judge_channel(working, channel, Measurement(at=at, value=value, nature=working.hot.nature))


def end_silence(working: WorkingState, channel: Channel | None, at: int) -> None:
    """A point or station that was silent reports again."""
    if channel is not None and channel.key in working.hot.channels:
        _judge(working, channel, 0.0, at=at)


def judge_quality(working: WorkingState, planned: PointPlan, *, at: int, bad: int) -> None:
    """Judge ``bad`` unusable scans in a row. Where that is too many, the point's alerts are held."""
    channel = planned.quality
    if channel is None or (bad < channel.quiet_to and channel.key not in working.hot.channels):
        return
    _judge(working, channel, float(bad), at=at)
    if bad >= channel.quiet_to:
        hold(working, planned)


def hold(working: WorkingState, planned: PointPlan) -> None:
    """Active alerts of a point without usable data are held: nothing says that they are over."""
    for channel in planned.channels:
        alert = working.cold.alerts.get(channel.key)
        if alert is None or alert.held or not lifecycle.is_active(alert):
            continue
        working.put_alert(channel.key, lifecycle.held(alert, working.plan, working.cause))


def resume(working: WorkingState, planned: PointPlan, at: int) -> None:
    """Usable data came back: held alerts of the point are judged again."""
    for channel in planned.channels:
        alert = working.cold.alerts.get(channel.key)
        if alert is not None and alert.held:
            working.put_alert(channel.key, lifecycle.resumed(alert, working.plan, working.cause, at=at))


def judge_calibrations(working: WorkingState) -> int:
    """Raise, or end, what is due about calibrations. Returns when the next one falls due."""
    clock, due = working.cause.arrival, NEVER
    for planned in working.plan.points.values():
        channel, until = planned.calibration, planned.point.calibration_due
        if channel is None or until is None:
            continue
        days = (clock - until) / DAY_MS
        if days >= channel.quiet_to or channel.key in working.hot.channels:
            _judge(working, channel, days, at=clock)
        limits = (until + round(comparator.limit * DAY_MS) for comparator in channel.comparators)
        due = min(due, *(at for at in limits if at > clock), NEVER)
    return due


def report_condition(working: WorkingState) -> None:
    """Report the station's state if it has changed: by the points that are silent, and whether all is."""
    hot, plan = working.hot, working.plan
    if not plan.expected:
        return
    silent = tuple(sorted(code for code in plan.expected if code in hot.points and hot.points[code].silent))
    state = _condition(working, any_silent=bool(silent))
    condition = f"{state}|{','.join(silent)}"
    if state is None or condition == hot.condition:
        return
    hot.condition = condition
    outcome = StationStateChanged(
        station=plan.station.station_id,
        system=plan.station.system,
        town_code=plan.station.town_code,
        state=state,
        silent_points=silent,
        points=len(plan.expected),
        sources=tuple(sorted({key.partition("|")[0] for key in hot.streams})),
        at=working.cause.arrival,
    )
    working.effects.append(Decided(outcome))


def is_lost(working: WorkingState) -> bool:
    """Nothing of the station was heard for as long as makes its quickest point silent."""
    last = _newest_arrival(working)
    return last > 0 and working.cause.arrival > last + working.plan.silent_after_ms


def _next_silence(working: WorkingState) -> int:
    """The earliest instant at which silence has something more to say."""
    clock, expected = working.cause.arrival, working.plan.expected
    arrivals = ((planned, _arrival_of(working.hot, code)) for code, planned in expected.items())
    due = min((_next_deadline(planned, at, clock) for planned, at in arrivals if at), default=NEVER)
    last = _newest_arrival(working)
    return min(due, last + working.plan.silent_after_ms + 1) if last and not is_lost(working) else due


def _next_deadline(planned: PointPlan, arrival: int, clock: int) -> int:
    """The time at which the point falls silent, or has been so for as long as a further level says."""
    first = silent_from(planned, arrival)
    limits = [] if planned.silence is None else [c.limit for c in planned.silence.comparators]
    later = (arrival + round(limit * _every_ms(planned)) + 1 for limit in limits)
    return min((at for at in (first, *later) if at > clock), default=NEVER)


def _arrival_of(hot: HotState, code: str) -> int:
    """Arrival of the point's newest scan, or since when one is expected; 0: nobody knows."""
    state = hot.points.get(code)
    return state.heard if state is not None and state.heard else hot.since


def _newest_arrival(working: WorkingState) -> int:
    return max((_arrival_of(working.hot, code) for code in working.plan.expected), default=0)


def _condition(working: WorkingState, *, any_silent: bool) -> Condition | None:
    points = working.hot.points
    ever = any(code in points and points[code].heard for code in working.plan.expected)
    if is_lost(working):
        return "silent" if ever else "unheard"
    if not ever:
        return None
    return "partial" if any_silent else "reporting"


def _every_ms(planned: PointPlan) -> int:
    return planned.point.expected_every_s * 1000
