"""What the clock finds, at ticks only: points and stations that are silent, calibrations overdue."""

from typing import Literal

from schemas.alerts import TransitionReason
from schemas.outcomes import StationStateChanged
from schemas.plan import Ratio, Share
from services.rules import lifecycle
from services.rules.arranged import NEVER, Channel, PointPlan, StationPlan
from services.rules.channels import Reading, judge_channel
from services.rules.draft import Draft
from services.rules.effects import Decided
from services.rules.state import HotState

DAY_MS = 86_400_000
Condition = Literal["reporting", "partial", "silent", "unheard"]
"""``state`` of ``StationStateChanged``."""
SOUND = "reporting|"
"""What was told of a station of which nothing is silent."""


def silent_from(planned: PointPlan, heard: int) -> int:
    """The first instant (arrival time) at which a point heard at ``heard`` counts as silent."""
    return heard + planned.silent_after_ms + 1


def watch_silence(draft: Draft, place: StationPlan) -> int:
    """Find what is silent. When silence may have something more to say."""
    hot, clock = draft.hot, draft.cause.arrival
    last, earliest, troubled = 0, NEVER, False
    for code, planned in place.expected.items():
        state = hot.points.get(code)
        heard = (state.heard if state is not None else 0) or hot.since
        if heard > last:
            last = heard
        due = heard + planned.silent_after_ms + 1 if heard else NEVER
        if due <= clock or (state is not None and state.silent):
            troubled = True
        elif due < earliest:
            earliest = due
    if not troubled:
        if hot.condition != SOUND:
            tell_condition(draft, place)
        return min(earliest, last + place.silent_after_ms + 1) if last else NEVER
    _judge_silence(draft, place)
    return _next_silence(draft, place)


def _judge_silence(draft: Draft, place: StationPlan) -> None:
    """Mark points that have been unheard for too long, hold their alerts, raise those of silence.

    Of a station that is silent as a whole that alone is said, not each of its points.
    """
    clock = draft.cause.arrival
    lost = is_lost(draft.hot, place, clock)
    for code, planned in place.expected.items():
        heard = _heard(draft.hot, code)
        overdue = heard > 0 and clock >= silent_from(planned, heard)
        _mark(draft, planned, place, overdue=overdue)
        if overdue and planned.silence is not None and not (lost and place.silence is not None):
            _judge_missed(draft, planned.silence, place, heard, _every_ms(planned))
    for planned in place.computed:
        if _unfed(draft.hot, planned):
            hold(draft, planned, place)
    if lost and place.silence is not None:
        _judge_missed(draft, place.silence, place, _last_heard(draft.hot, place), _quickest_ms(place))
    tell_condition(draft, place)


def _mark(draft: Draft, planned: PointPlan, place: StationPlan, *, overdue: bool) -> None:
    state = draft.hot.points.get(planned.point.code)
    silent = state is not None and state.silent
    if overdue and not silent:
        draft.point(planned.point.code).silent = True
    if overdue or silent:
        hold(draft, planned, place)


def _unfed(hot: HotState, planned: PointPlan) -> bool:
    """Nothing can be computed: a part of a ratio is silent, or every member of a share."""
    silent = {code for code, state in hot.points.items() if state.silent}
    match planned.point.computed:
        case Ratio() as ratio:
            return not silent.isdisjoint((ratio.part, ratio.whole))
        case Share() as share:
            return silent.issuperset(member.point for member in share.members)
    return False


def _judge_missed(draft: Draft, channel: Channel, place: StationPlan, heard: int, every_ms: int) -> None:
    clock = draft.cause.arrival
    missed = float((clock - heard - 1) // every_ms)
    judge_channel(draft, channel, place, Reading(at=clock, measured=missed, nature=draft.hot.nature))


def hear(draft: Draft, channel: Channel | None, place: StationPlan, at: int) -> None:
    """What was silent is heard again."""
    if channel is not None and channel.key in draft.hot.channels:
        judge_channel(draft, channel, place, Reading(at=at, measured=0.0, nature=draft.hot.nature))


def hold(draft: Draft, planned: PointPlan, place: StationPlan) -> None:
    """Active alerts of a point without usable data are held: nothing says that they are over."""
    for channel in planned.channels:
        alert = draft.cold.alerts.get(channel.key)
        if alert is None or alert.held or not lifecycle.is_active(alert):
            continue
        note = lifecycle.Note(reason=TransitionReason.HELD, at=draft.cause.arrival, held=True)
        draft.put_alert(channel.key, lifecycle.noted(alert, note, place, draft.cause))


def resume(draft: Draft, planned: PointPlan, place: StationPlan, at: int) -> None:
    """Usable data came back: held alerts of the point are judged again."""
    for channel in planned.channels:
        alert = draft.cold.alerts.get(channel.key)
        if alert is not None and alert.held:
            note = lifecycle.Note(reason=TransitionReason.RESUMED, at=at, held=False)
            draft.put_alert(channel.key, lifecycle.noted(alert, note, place, draft.cause))


def judge_calibrations(draft: Draft, place: StationPlan) -> int:
    """Raise, or end, what is due about calibrations. When the next one falls due."""
    clock, due = draft.cause.arrival, NEVER
    for planned in place.points.values():
        channel, until = planned.calibration, planned.point.calibration_due
        if channel is None or until is None:
            continue
        days = (clock - until) / DAY_MS
        if days >= channel.quiet_to or channel.key in draft.hot.channels:
            judge_channel(draft, channel, place, Reading(at=clock, measured=days, nature=draft.hot.nature))
        due = min(
            due, *(at for c in channel.comparators if (at := _falls_due(until, c.limit)) > clock), NEVER
        )
    return due


def _falls_due(until: int, days: float) -> int:
    return until + round(days * DAY_MS)


def tell_condition(draft: Draft, place: StationPlan) -> None:
    """Tell the station's state if it has changed: by the points that are silent, and whether all is."""
    if not place.expected:
        return
    points = draft.hot.points
    silent = tuple(sorted(code for code in place.expected if code in points and points[code].silent))
    state = _condition(draft.hot, place, draft.cause.arrival, any_silent=bool(silent))
    told = f"{state}|{','.join(silent)}"
    if state is None or told == draft.hot.condition:
        return
    draft.hot.condition = told
    outcome = StationStateChanged(
        station=place.station.station_id,
        system=place.station.system,
        town_code=place.station.town_code,
        state=state,
        silent_points=silent,
        points=len(place.expected),
        sources=tuple(sorted({key.partition("|")[0] for key in draft.hot.streams})),
        at=draft.cause.arrival,
    )
    draft.effects.append(Decided(outcome))


def is_lost(hot: HotState, place: StationPlan, clock: int) -> bool:
    """Nothing of the station was heard for as long as makes its quickest point silent."""
    last = _last_heard(hot, place)
    return last > 0 and clock > last + place.silent_after_ms


def _next_silence(draft: Draft, place: StationPlan) -> int:
    """The earliest instant at which silence has something more to say."""
    hot, clock = draft.hot, draft.cause.arrival
    due = NEVER
    for code, planned in place.expected.items():
        heard = _heard(hot, code)
        if heard:
            due = min(due, _next_deadline(planned, heard, clock))
    last = _last_heard(hot, place)
    if last and not is_lost(hot, place, clock):
        due = min(due, last + place.silent_after_ms + 1)
    return due


def _next_deadline(planned: PointPlan, heard: int, clock: int) -> int:
    """When the point falls silent, or has been so for as long as a further level of the rule says."""
    first = silent_from(planned, heard)
    limits = [] if planned.silence is None else [c.limit for c in planned.silence.comparators]
    later = (heard + round(limit * _every_ms(planned)) + 1 for limit in limits)
    return min((at for at in (first, *later) if at > clock), default=NEVER)


def _heard(hot: HotState, code: str) -> int:
    """Arrival of the point's newest scan, or since when one is expected; 0: nobody knows."""
    state = hot.points.get(code)
    return state.heard if state is not None and state.heard else hot.since


def _last_heard(hot: HotState, place: StationPlan) -> int:
    return max((_heard(hot, code) for code in place.expected), default=0)


def _condition(hot: HotState, place: StationPlan, clock: int, *, any_silent: bool) -> Condition | None:
    ever = any(code in hot.points and hot.points[code].heard for code in place.expected)
    if is_lost(hot, place, clock):
        return "silent" if ever else "unheard"
    if not ever:
        return None
    return "partial" if any_silent else "reporting"


def _every_ms(planned: PointPlan) -> int:
    return planned.point.expected_every_s * 1000


def _quickest_ms(place: StationPlan) -> int:
    return min(_every_ms(planned) for planned in place.expected.values())
