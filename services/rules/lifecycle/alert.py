"""An alert's life: each function answers one happening with the alert's next full snapshot."""

from dataclasses import KW_ONLY, dataclass, replace
from uuid import UUID, uuid5

from schemas.alerts import (
    MAX_NOTES_BYTES,
    MAX_READINGS,
    MAX_TIMELINE,
    Alert,
    AlertState,
    ReadingAt,
    Transition,
    TransitionReason,
)
from schemas.base import SEVERITY_RANK, Bilingual, Nature, Severity
from schemas.plan import AT_ONCE, Comparator, Delay
from services.rules.effects import Cause
from services.rules.judging_plan import Channel, StationPlan, upload_ms
from services.rules.lifecycle.transitions import TABLE, Happening, letter
from services.rules.state import ENGINE_VERSION

ENGINE = "engine"
"""The actor of what no person did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A decision by which an alert begins or changes, and its evidence."""

    at: int
    onset: int
    severity: Severity
    value: float
    comparator: Comparator
    """The limit that was decided on."""
    limit: float
    """The limit that the alert shows from now on."""
    readings: tuple[ReadingAt, ...]
    headline: Bilingual
    nature: Nature
    clock_fault: bool


def standing(alert: Alert) -> AlertState:
    """The state without suppressions (A to D), from the alert's times and acknowledgement."""
    if alert.closed_at is not None:
        return AlertState.NORMAL
    if alert.cleared_at is not None:
        return AlertState.RETURNED
    return AlertState.ACKNOWLEDGED if alert.acked else AlertState.UNACKNOWLEDGED


def is_active(alert: Alert | None) -> bool:
    """Tells if the condition of the alert is true, acknowledged or not."""
    return alert is not None and alert.cleared_at is None and alert.closed_at is None


LATE_MS = 120_000
"""A danger that is told so much after it was one, and after its reading should have come, is told late
(JUDGING 4)."""


def alert_id(
    epoch: str, channel: Channel, station: str, *, raised_at: int, occurrence: int, apart: str = ""
) -> str:
    """UUIDv5 of what makes an alert itself: the same log gives the same ids on any machine.

    ``apart``: tells alerts of one channel from each other that are counted apart.
    """
    name = f"{channel.rule.rule_id}|{station}|{channel.point.code}|{raised_at}|{occurrence}{apart}"
    return str(uuid5(UUID(epoch), name))


def raised(
    sign: Sign, channel: Channel, plan: StationPlan, cause: Cause, *, occurrence: int, apart: str = ""
) -> Alert:
    """A new alert."""
    rule, station = channel.rule, plan.station
    made_of = {"raised_at": sign.at, "occurrence": occurrence}
    blank = Alert(
        alert_id=alert_id(cause.epoch, channel, station.station_id, apart=apart, **made_of),
        seq=0,
        rule_id=rule.rule_id,
        fingerprint=channel.fingerprint,
        plan=plan.plan_id,
        station_id=station.station_id,
        point=channel.point.code,
        system=station.system,
        town_code=station.town_code,
        district_code=plan.district_code,
        owner_org=station.owner_org,
        nature=sign.nature,
        life_safety=rule.life_safety,
        severity=sign.severity,
        state=AlertState.NORMAL,
        acked=False,
        latched=False,
        suppressions=(),
        annunciated=False,
        annunciated_seq=0,
        flapping=0,
        held=False,
        late=cause.arrival - sign.at > LATE_MS + upload_ms(station, channel.point),
        clock_fault=sign.clock_fault,
        onset_at=sign.onset,
        raised_at=sign.at,
        detected_at=cause.arrival,
        cleared_at=None,
        acked_at=None,
        acked_by=None,
        closed_at=sign.at,
        value=None,
        limit_value=None,
        unit=rule.unit,
        headline=sign.headline,
        incident_id=None,
        src_partition=cause.partition,
        timeline=(),
        readings=(),
    )
    return _signed(blank, sign, Happening.RAISE, TransitionReason.RAISED, plan, cause)


def reopened(alert: Alert, sign: Sign, plan: StationPlan, cause: Cause) -> Alert:
    """The condition came back within its re-occurrence window: the same alert, counted."""
    again = replace(alert, flapping=alert.flapping + 1, held=False)
    return _signed(again, sign, Happening.RAISE, TransitionReason.REOPENED, plan, cause)


def severity_moved(alert: Alert, sign: Sign, plan: StationPlan, cause: Cause) -> Alert:
    """Up asks for attention again, down does not."""
    up = SEVERITY_RANK[sign.severity] > SEVERITY_RANK[alert.severity]
    happening = Happening.ESCALATE if up else Happening.DEESCALATE
    reason = TransitionReason.ESCALATED if up else TransitionReason.DEESCALATED
    return _signed(alert, sign, happening, reason, plan, cause)


def side_changed(alert: Alert, sign: Sign, plan: StationPlan, cause: Cause) -> Alert:
    """The value is beyond the limit on the other side now, as severely: what the alert shows has changed."""
    return _signed(alert, sign, Happening.DEESCALATE, TransitionReason.SIDE_CHANGED, plan, cause)


def cleared(alert: Alert, sign: Sign, plan: StationPlan, cause: Cause) -> Alert:
    """The condition is over. The headline stays: it says what the alert was about."""
    quiet = alert.severity is Severity.NOTICE
    happening = Happening.CLEAR_NOTICE if quiet else Happening.CLEAR
    at = max(sign.at, alert.raised_at)
    kept = replace(sign, at=at, headline=alert.headline, severity=alert.severity)
    return _signed(alert, kept, happening, TransitionReason.CLEARED, plan, cause)


def acknowledged(alert: Alert, plan: StationPlan, cause: Cause, *, actor: str, note: str) -> Alert:
    """A person has seen the alert."""
    at = cause.arrival
    seen = replace(alert, acked=True, acked_at=at, acked_by=actor)
    entry = _Entry(Happening.ACKNOWLEDGE, TransitionReason.ACKNOWLEDGED, at=at, actor=actor, note=note)
    return _moved(alert, seen, entry, plan, cause)


def commented(alert: Alert, plan: StationPlan, cause: Cause, *, actor: str, text: str) -> Alert:
    """A person has written a comment on the alert's timeline."""
    entry = _Entry(Happening.NOTE, TransitionReason.COMMENTED, at=cause.arrival, actor=actor, note=text)
    return _moved(alert, alert, entry, plan, cause)


def held(alert: Alert, plan: StationPlan, cause: Cause, *, at: int) -> Alert:
    """Data stopped: the alert stays as it is until they come back."""
    entry = _Entry(Happening.NOTE, TransitionReason.HELD, at=at)
    return _moved(alert, replace(alert, held=True), entry, plan, cause)


def resumed(alert: Alert, plan: StationPlan, cause: Cause, *, at: int) -> Alert:
    """Data came back: the alert is judged again."""
    entry = _Entry(Happening.NOTE, TransitionReason.RESUMED, at=at)
    return _moved(alert, replace(alert, held=False), entry, plan, cause)


def ended(alert: Alert, plan: StationPlan, cause: Cause, *, reason: TransitionReason, at: int) -> Alert:
    """The alert ends without its condition having been seen to end."""
    entry = _Entry(Happening.END, reason, at=max(at, alert.raised_at))
    return _moved(alert, replace(alert, held=False), entry, plan, cause)


@dataclass(frozen=True, slots=True)
class _Entry:
    happening: Happening
    reason: TransitionReason
    _: KW_ONLY
    at: int
    actor: str = ENGINE
    note: str = ""
    value: float | None = None
    limit: float | None = None
    clear: float | None = None
    delay: Delay = AT_ONCE


def _signed(
    alert: Alert,
    sign: Sign,
    happening: Happening,
    reason: TransitionReason,
    plan: StationPlan,
    cause: Cause,
) -> Alert:
    comparator = sign.comparator
    ends = happening in (Happening.CLEAR, Happening.CLEAR_NOTICE, Happening.DEESCALATE)
    over = ends and reason is not TransitionReason.SIDE_CHANGED
    after = replace(
        alert,
        severity=sign.severity,
        value=sign.value,
        limit_value=sign.limit,
        headline=sign.headline,
        readings=sign.readings[-MAX_READINGS:],
        clock_fault=alert.clock_fault or sign.clock_fault,
    )
    entry = _Entry(
        happening,
        reason,
        at=sign.at,
        value=sign.value,
        limit=comparator.limit,
        clear=comparator.clear,
        delay=comparator.off if over else comparator.on,
    )
    return _moved(alert, after, entry, plan, cause)


def _moved(before: Alert, after: Alert, entry: _Entry, plan: StationPlan, cause: Cause) -> Alert:
    """The one place where an alert's state changes: by the table, with a timeline entry."""
    origin = standing(before)
    move = TABLE[origin, entry.happening]
    shown = letter(move.state, after.suppressions)
    moved = replace(after, seq=before.seq + 1, state=shown)
    annunciate = move.annunciate and not after.suppressions
    unseen = move.state is AlertState.UNACKNOWLEDGED
    return replace(
        moved,
        acked=False if unseen else after.acked,
        acked_at=None if unseen else after.acked_at,
        acked_by=None if unseen else after.acked_by,
        annunciated=unseen and not after.suppressions,
        annunciated_seq=moved.seq if annunciate else after.annunciated_seq,
        cleared_at=_cleared_at(after, move.state, entry.at),
        closed_at=_closed_at(origin, after, move.state, entry.at),
        timeline=_kept((*after.timeline, _transition(before, moved, entry, plan, cause))),
    )


def _transition(before: Alert, moved: Alert, entry: _Entry, plan: StationPlan, cause: Cause) -> Transition:
    return Transition(
        seq=moved.seq,
        at=entry.at,
        detected_at=cause.arrival,
        from_state=before.state,
        to_state=moved.state,
        severity=moved.severity,
        reason=entry.reason,
        actor=entry.actor,
        note=entry.note,
        value=entry.value,
        limit=entry.limit,
        clear=entry.clear,
        delay_ms=entry.delay.ms,
        samples=entry.delay.samples,
        plan=plan.plan_id,
        engine_version=ENGINE_VERSION,
        partition=cause.partition,
        offset=cause.offset,
    )


def _kept(timeline: tuple[Transition, ...]) -> tuple[Transition, ...]:
    """The newest transitions that a snapshot has room for; each has been told once already."""
    room = MAX_NOTES_BYTES
    kept: list[Transition] = []
    for transition in reversed(timeline[-MAX_TIMELINE:]):
        room -= len(transition.note.encode())
        if kept and room < 0:
            break
        kept.append(transition)
    return tuple(reversed(kept))


def _cleared_at(alert: Alert, state: AlertState, at: int) -> int | None:
    if state in (AlertState.UNACKNOWLEDGED, AlertState.ACKNOWLEDGED):
        return None
    return at if alert.cleared_at is None else alert.cleared_at


def _closed_at(origin: AlertState, alert: Alert, state: AlertState, at: int) -> int | None:
    if state is not AlertState.NORMAL:
        return None
    return alert.closed_at if origin is AlertState.NORMAL else at
