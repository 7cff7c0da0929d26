"""Silent points and stations: what has not been heard for some of its intervals. Timers find it.

While nothing of a station is heard its silent points share one alert: that of the most urgent of them, then
the station's once every point is overdue. A point that stays silent while the station is heard has its own
(JUDGING 5).
"""

from dataclasses import dataclass
from typing import Literal

from schemas.alerts import TransitionReason
from schemas.base import Bilingual
from schemas.outcomes import StationStateChanged
from schemas.plan import Ratio, Share
from services.rules.effects import Decided
from services.rules.judging_plan import NEVER, Channel, PointPlan, StationPlan
from services.rules.pipeline.channels import end_alert, judge_channel
from services.rules.pipeline.instruments import hold
from services.rules.pipeline.levels import Reading
from services.rules.state import HotState, PointState
from services.rules.state.timers import arm, arm_earlier
from services.rules.state.working import WorkingState
from services.rules.words.headline import silent_points_words

Condition = Literal["reporting", "partial", "silent", "unheard"]
"""``state`` of ``StationStateChanged``."""
SOUND = "reporting|"
"""The ``condition`` of a station of which nothing is silent."""
SILENCE = "silence"
"""Kind of the timer."""
GRACE_MS = 5_000
"""A scan that is due may be under way for so long before its point is silent."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """An expected point that has been unheard for too long, since ``arrival``; silent from ``since`` on."""

    since: int
    planned: PointPlan
    arrival: int


def hear(working: WorkingState, planned: PointPlan, state: PointState) -> None:
    """A fresh scan of a point has arrived, usable or not: it is not silent."""
    hot, arrival = working.hot, working.cause.arrival
    if state.silent or state.heard == 0:
        state.silent = False
        arm_earlier(hot, SILENCE, _silent_from(planned, arrival))
    state.heard = max(state.heard, arrival)
    _end(working, planned.silence)


def note_return(working: WorkingState) -> None:
    """Before a frame: note that it comes after nothing of the station was heard for too long."""
    hot = working.hot
    if hot.condition == SOUND:
        return
    heard = _heard(hot)
    if any(heard < one.since for one in _overdue(working, working.cause.arrival)):
        hot.back = working.cause.arrival


def settle(working: WorkingState) -> None:
    """After a frame: a station that is heard is not silent, and points that still are have to be told of."""
    hot, arrival = working.hot, working.cause.arrival
    if hot.condition == SOUND:
        return
    if len(_overdue(working, arrival)) < len(working.plan.expected):
        _end(working, working.plan.silence)
    report_condition(working, arrival)
    if hot.condition != SOUND:
        arm_earlier(hot, SILENCE, arrival + 1)


def _end(working: WorkingState, channel: Channel | None) -> None:
    if channel is not None and channel.key in working.hot.channels:
        _judge(working, channel, 0, at=working.cause.arrival)


def _judge(
    working: WorkingState, channel: Channel, missed: int, *, at: int, said: tuple[str, str] | None = None
) -> None:
    read = Reading(at=at, value=float(missed), nature=working.hot.nature, said=said)
    judge_channel(working, channel, read)


def watch(working: WorkingState, _key: str, at: int) -> None:
    """The timer: find what is silent now, and look again when there may be more to say."""
    hot, overdue = working.hot, _overdue(working, at)
    silent = any(hot.points[code].silent for code in working.plan.expected if code in hot.points)
    if overdue or silent:
        _judge_silence(working, overdue, at)
        report_condition(working, at)
    elif hot.condition != SOUND:
        report_condition(working, at)
    arm(hot, SILENCE, _next_look(working, at))


def _silent_from(planned: PointPlan, arrival: int) -> int:
    """When a point that was last heard then is silent."""
    return arrival + planned.silent_after_ms + GRACE_MS


def _overdue(working: WorkingState, at: int) -> list[Overdue]:
    found = []
    hot = working.hot
    for code, planned in working.plan.expected.items():
        state = hot.points.get(code)
        arrival = (state.heard if state is not None else 0) or hot.since
        since = _silent_from(planned, arrival)
        if arrival and since <= at:
            found.append(Overdue(since, planned, arrival))
    return found


def _judge_silence(working: WorkingState, overdue: list[Overdue], at: int) -> None:
    """Mark the points that are silent, hold their alerts, raise those of silence."""
    hot, plan = working.hot, working.plan
    for one in overdue:
        if not is_silent(hot, one.planned):
            working.point(one.planned.point.code).silent = True
    for planned in plan.expected.values():
        if is_silent(hot, planned):
            hold(working, planned, at)
    for planned in plan.computed:
        if is_unfed(hot, planned):
            hold(working, planned, at)
    is_lost = bool(overdue) and plan.silence is not None and len(overdue) == len(plan.expected)
    _judge_points(working, overdue, at, is_lost=is_lost)
    if is_lost and plan.silence is not None:
        last = max(overdue, key=lambda one: one.since)
        _judge(working, plan.silence, _missed(last, at), at=at)


def _judge_points(working: WorkingState, overdue: list[Overdue], at: int, *, is_lost: bool) -> None:
    """Raise the points' own alerts: of those that the station was heard without, else one for all."""
    heard = _heard(working.hot)
    watched = [one for one in overdue if one.planned.silence is not None]
    together = [] if is_lost else [one for one in watched if heard < one.since]
    first = min(together, key=_urgency, default=None)
    for one in watched:
        channel = one.planned.silence
        assert channel is not None
        if one is first:
            _judge(working, channel, _missed(one, at), at=at, said=silent_points_words(_names(together)))
        elif heard >= one.since:
            if at >= _missed_from(working.hot, one):
                _judge(working, channel, _missed(one, at), at=at)
        elif channel.key in working.hot.channels:
            del working.hot.channels[channel.key]
            end_alert(working, channel.key, TransitionReason.SUPERSEDED, at=at)


def _heard(hot: HotState) -> int:
    """When anything of the station was heard last."""
    return max((state.heard for state in hot.points.values()), default=0)


def _missed_from(hot: HotState, one: Overdue) -> int:
    """When a point begins to be missed beside others; once a station is back, each has its interval."""
    return max(one.since, hot.back + one.planned.comes_every_ms + GRACE_MS if hot.back else 0)


def _urgency(one: Overdue) -> tuple[int, int, str]:
    """The most urgent comes first, of those as urgent the one that has been silent for longest."""
    levels = () if one.planned.silence is None else one.planned.silence.levels
    return -max(level.rank for level in levels), one.since, one.planned.point.code


def _names(overdue: list[Overdue]) -> list[Bilingual]:
    return [one.planned.point.name for one in overdue]


def _missed(one: Overdue, at: int) -> int:
    """Whole intervals in which the point was not heard."""
    return (at - GRACE_MS - one.arrival) // one.planned.comes_every_ms


def is_silent(hot: HotState, planned: PointPlan) -> bool:
    """Tells if the point has not been heard for too long."""
    state = hot.points.get(planned.point.code)
    return state is not None and state.silent


def is_unfed(hot: HotState, planned: PointPlan) -> bool:
    """Tells if nothing can be computed: a part of a ratio is silent, or every member of a share."""
    silent = {code for code, state in hot.points.items() if state.silent}
    match planned.point.computed:
        case Ratio() as ratio:
            return not silent.isdisjoint((ratio.part, ratio.whole))
        case Share() as share:
            return silent.issuperset(member.point for member in share.members)
    return False


def _next_look(working: WorkingState, at: int) -> int:
    """The earliest instant at which silence has something more to say."""
    hot, due = working.hot, NEVER
    for code, planned in working.plan.expected.items():
        state = hot.points.get(code)
        arrival = (state.heard if state is not None else 0) or hot.since
        if arrival:
            one = Overdue(_silent_from(planned, arrival), planned, arrival)
            instants = [instant for instant in (one.since, _missed_from(hot, one)) if instant > at]
            due = min(due, *instants) if instants else min(due, _next_level(planned, arrival, at))
    return due


def _next_level(planned: PointPlan, arrival: int, at: int) -> int:
    """The time at which the point has been silent for as long as a further level says."""
    levels = () if planned.silence is None else planned.silence.levels
    limits = (arrival + round(level.shown.limit * planned.comes_every_ms) + GRACE_MS for level in levels)
    return min((limit for limit in limits if limit > at), default=NEVER)


def report_condition(working: WorkingState, at: int) -> None:
    """Report the station's state if it has changed: by the points that are silent, and whether all is."""
    hot, plan = working.hot, working.plan
    if not plan.expected:
        return
    silent = tuple(sorted(code for code in plan.expected if code in hot.points and hot.points[code].silent))
    state = _condition(working, at, any_silent=bool(silent))
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
        at=at,
    )
    working.effects.append(Decided(outcome))


def _condition(working: WorkingState, at: int, *, any_silent: bool) -> Condition | None:
    points = working.hot.points
    ever = any(code in points and points[code].heard for code in working.plan.expected)
    if _is_nothing_heard(working.plan, _overdue(working, at)):
        return "silent" if ever else "unheard"
    if not ever:
        return None
    return "partial" if any_silent else "reporting"


def _is_nothing_heard(plan: StationPlan, overdue: list[Overdue]) -> bool:
    """Every point is overdue that reports at intervals; who reports on change may have nothing to say."""
    regular = [one for one in plan.expected.values() if one.point.report_mode == "periodic"]
    awaited = regular or list(plan.expected.values())
    late = {one.planned.point.code for one in overdue}
    return all(one.point.code in late for one in awaited)
