"""One reading meets one channel: gate, limits, and what that means for the channel's alert."""

from bisect import bisect_right
from dataclasses import dataclass

from schemas.alerts import Alert, AlertState, ReadingAt, TransitionReason
from schemas.base import Nature
from services.rules import lifecycle
from services.rules.comparators import Verdict, first_state, judge, resting
from services.rules.draft import Draft
from services.rules.headline import headline
from services.rules.index import Channel, StationPlan
from services.rules.state import ChannelState


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A usable value with what judging needs to know of it. ``before``: the usable value before."""

    at: int
    value: float
    before: float | None
    gap: bool
    nature: Nature
    clock_fault: bool = False


def gate_open(gate: tuple[tuple[int, int], ...] | None, at: int) -> bool:
    """Whether a calendar's intervals hold ``at``; a rule without a gate is always judged."""
    if gate is None:
        return True
    index = bisect_right(gate, at, key=lambda interval: interval[0]) - 1
    return index >= 0 and at < gate[index][1]


def judge_channel(draft: Draft, channel: Channel, place: StationPlan, reading: Reading) -> None:
    """Judge a reading by one rule and carry the alert on.

    The caller has passed over readings of channels at rest that concern no limit.
    """
    if not gate_open(channel.gate, reading.at):
        draft.hot.channels.pop(channel.key, None)
        end_alert(draft, channel.key, place, TransitionReason.GATE_CLOSED, at=reading.at)
        return
    state = draft.hot.channels.get(channel.key)
    if state is None or state.fingerprint != channel.fingerprint:
        if state is not None:
            end_alert(draft, channel.key, place, TransitionReason.RULE_CHANGED, at=reading.at)
        state = first_state(channel, reading.nature)
    measured = channel.scale * reading.value + channel.shift
    after, verdict = judge(state, channel, at=reading.at, measured=measured, gap=reading.gap)
    if resting(after):
        draft.hot.channels.pop(channel.key, None)
    else:
        draft.hot.channels[channel.key] = after
    if verdict is not None:
        _respond(draft, channel, place, _sign(channel, place, reading, after, verdict), verdict)


def end_alert(draft: Draft, key: str, place: StationPlan, reason: TransitionReason, *, at: int) -> None:
    """End the channel's alert for good: one that is open says why, none re-opens."""
    alert = draft.cold.alerts.get(key)
    if alert is None:
        return
    if alert.closed_at is not None:
        draft.forget_alert(key)
        return
    ended = lifecycle.ended(alert, reason, at=at, place=place, cause=draft.cause)
    draft.put_alert(key, ended)
    draft.forget_alert(key)


def _sign(
    channel: Channel, place: StationPlan, reading: Reading, state: ChannelState, verdict: Verdict
) -> lifecycle.Sign:
    shown = verdict.highest or verdict.decider
    measured = channel.scale * reading.value + channel.shift
    before = None if reading.before is None else channel.scale * reading.before + channel.shift
    return lifecycle.Sign(
        at=reading.at,
        onset=verdict.onset,
        severity=shown.severity,
        value=measured,
        comparator=verdict.decider,
        limit=shown.limit,
        readings=tuple(ReadingAt(at=at, value=value) for at, value in state.recent),
        headline=headline(channel, place, shown, measured=measured, before=before),
        nature=reading.nature,
        clock_fault=reading.clock_fault,
    )


def _respond(
    draft: Draft, channel: Channel, place: StationPlan, sign: lifecycle.Sign, verdict: Verdict
) -> None:
    alert = draft.cold.alerts.get(channel.key)
    if alert is None or not lifecycle.is_active(alert):
        if verdict.highest is not None:
            _raise(draft, channel, place, sign, alert)
        return
    if verdict.highest is None:
        after = lifecycle.cleared(alert, sign, place, draft.cause)
    elif verdict.highest.severity is not alert.severity:
        after = lifecycle.severity_moved(alert, sign, place, draft.cause)
    else:
        return
    draft.put_alert(channel.key, after)


def _raise(
    draft: Draft,
    channel: Channel,
    place: StationPlan,
    sign: lifecycle.Sign,
    earlier: Alert | None,
) -> None:
    """The same alert again within its re-occurrence window, a new one otherwise."""
    cause = draft.cause
    if earlier is not None and _returns_in_time(earlier, channel, sign.at):
        draft.put_alert(channel.key, lifecycle.reopened(earlier, sign, place, cause))
        return
    if earlier is not None and lifecycle.standing(earlier) is AlertState.RETURNED:
        end_alert(draft, channel.key, place, TransitionReason.SUPERSEDED, at=sign.at)
    occurrence = draft.next_occurrence(channel.key)
    draft.put_alert(channel.key, lifecycle.raised(sign, channel, place, cause, occurrence=occurrence))


def _returns_in_time(alert: Alert, channel: Channel, at: int) -> bool:
    return alert.cleared_at is not None and at - alert.cleared_at <= channel.rule.reoccurrence_ms
