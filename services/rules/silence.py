"""What the clock decides, at ticks only: silence of points, alerts held, delays of held values."""

from schemas.alerts import TransitionReason
from schemas.outcomes import StationStateChanged
from services.rules import lifecycle
from services.rules.channels import Reading, judge_channel
from services.rules.draft import Draft
from services.rules.effects import Decided
from services.rules.index import NEVER, PointPlan, StationPlan


def silent_from(planned: PointPlan, heard: int) -> int:
    """The first instant (arrival time) at which a point heard at ``heard`` counts as silent."""
    return heard + planned.max_gap_ms + 1


def judge_silence(draft: Draft, place: StationPlan) -> None:
    """Mark points unheard for more than three of their intervals; hold their active alerts."""
    clock = draft.cause.arrival
    changed = False
    for code, state in list(draft.hot.points.items()):
        planned = place.points.get(code)
        if planned is None or planned.max_gap_ms == NEVER:
            continue
        if not state.silent and state.heard and clock >= silent_from(planned, state.heard):
            draft.point(code).silent = True
            changed = True
        if draft.hot.points[code].silent:
            _hold(draft, planned, place)
    if changed:
        draft.effects.append(station_state(draft, place))


def _hold(draft: Draft, planned: PointPlan, place: StationPlan) -> None:
    for channel in planned.channels:
        alert = draft.cold.alerts.get(channel.key)
        if alert is None or alert.held or not lifecycle.is_active(alert):
            continue
        note = lifecycle.Note(reason=TransitionReason.HELD, at=draft.cause.arrival, held=True)
        draft.put_alert(channel.key, lifecycle.noted(alert, note, place, draft.cause))


def judge_held_values(draft: Draft, place: StationPlan) -> bool:
    """The value of a point that reports on change holds, so the clock lets its delays pass.

    Returns whether any such channel is not at rest, so that each tick has to look again.
    """
    waiting = False
    for key in list(draft.hot.channels):
        channel = place.channels.get(key)
        if channel is None or channel.point.report_mode != "on_change":
            continue
        waiting = True
        value = draft.hot.points[channel.point.code].value
        reading = Reading(
            at=draft.cause.arrival,
            value=value,
            before=value,
            gap=False,
            nature=draft.hot.channels[key].nature,
        )
        judge_channel(draft, channel, place, reading)
    return waiting


def station_state(draft: Draft, place: StationPlan) -> Decided:
    """Which of the station's periodic points, once heard, are silent now."""
    periodic = [
        (code, state.silent)
        for code, state in draft.hot.points.items()
        if code in place.points and place.points[code].max_gap_ms != NEVER
    ]
    silent = tuple(sorted(code for code, is_silent in periodic if is_silent))
    outcome = StationStateChanged(
        station=place.station.station_id,
        system=place.station.system,
        town_code=place.station.town_code,
        state="reporting" if not silent else "silent" if len(silent) == len(periodic) else "partial",
        silent_points=silent,
        points=len(periodic),
        at=draft.cause.arrival,
    )
    return Decided(outcome)


def next_silence(draft: Draft, place: StationPlan) -> int:
    """The earliest instant at which a point that is not silent could be."""
    deadlines = [
        silent_from(planned, state.heard)
        for code, state in draft.hot.points.items()
        if not state.silent and state.heard and (planned := place.points.get(code)) is not None
    ]
    return min(deadlines, default=NEVER)
