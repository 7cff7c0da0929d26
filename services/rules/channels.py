"""One reading meets one channel: gate, limits, and what that means for the channel's alert."""

from dataclasses import dataclass, replace

from schemas.alerts import Alert, AlertState, ReadingAt, TransitionReason
from schemas.base import Nature
from services.rules import lifecycle
from services.rules.arranged import Channel, StationPlan
from services.rules.comparators import Verdict, first_state, judge, resting
from services.rules.draft import Draft
from services.rules.gates import gate_open
from services.rules.headline import Shown, headline
from services.rules.state import ChannelState


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a channel compares with its limits, in the rule's unit, and what else judging has to know.

    ``before`` is the one before it, where a trend can be told; ``raw`` the point's value, in its unit.
    """

    at: int
    measured: float
    before: float | None = None
    raw: float | None = None
    gap: bool = False
    nature: Nature
    clock_fault: bool = False
    defect: str | None = None


def judge_channel(draft: Draft, channel: Channel, place: StationPlan, reading: Reading) -> None:
    """Judge a reading by one rule and carry the alert on.

    The caller has passed over readings of channels at rest that concern no limit.
    """
    if not gate_open(channel.gate, reading.at):
        _wait_for_gate(draft, channel, reading)
        end_alert(draft, channel.key, place, TransitionReason.GATE_CLOSED, at=reading.at)
        return
    state = draft.hot.channels.get(channel.key)
    if state is None or state.fingerprint != channel.fingerprint:
        if state is not None:
            end_alert(draft, channel.key, place, TransitionReason.RULE_CHANGED, at=reading.at)
        state = first_state(channel, reading.nature)
    after, verdict = judge(state, channel, at=reading.at, measured=reading.measured, gap=reading.gap)
    if resting(after):
        draft.hot.channels.pop(channel.key, None)
    else:
        draft.hot.channels[channel.key] = after
        if channel.is_held:
            draft.hot.due = 0
    if verdict is not None:
        _respond(draft, channel, place, _sign(channel, place, reading, after, verdict), verdict)


def leave_gate(draft: Draft, channel: Channel, place: StationPlan, at: int) -> None:
    """There is nothing to compare at ``at``; if the gate is closed by then, the alert ends all the same."""
    if channel.key in draft.hot.channels and not gate_open(channel.gate, at):
        del draft.hot.channels[channel.key]
        end_alert(draft, channel.key, place, TransitionReason.GATE_CLOSED, at=at)


def _wait_for_gate(draft: Draft, channel: Channel, reading: Reading) -> None:
    """A held value that is beyond a limit will be judged when the gate opens; others are read again."""
    quiet = channel.quiet_from <= reading.measured < channel.quiet_to
    if channel.is_held and not quiet:
        blank = first_state(channel, reading.nature)
        draft.hot.channels[channel.key] = replace(blank, recent=((reading.at, reading.measured),))
        draft.hot.due = 0
    else:
        draft.hot.channels.pop(channel.key, None)


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
    words = Shown(measured=reading.measured, before=reading.before, raw=reading.raw, defect=reading.defect)
    return lifecycle.Sign(
        at=reading.at,
        onset=verdict.onset,
        severity=shown.severity,
        value=reading.measured,
        comparator=verdict.decider,
        limit=shown.limit,
        readings=tuple(ReadingAt(at=at, value=value) for at, value in state.recent),
        headline=headline(channel, place, shown, words),
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
