"""Signed acts of people: acknowledge and comment. Signatures are checked before, in the shell."""

from dataclasses import dataclass

from schemas.alerts import MAX_COMMENT_BYTES, Alert, AlertState, TransitionReason
from schemas.events import Command, CommandName
from schemas.outcomes import CommandOutcome
from services.rules import lifecycle
from services.rules.arranged import StationPlan
from services.rules.draft import Draft
from services.rules.effects import Decided
from services.rules.transitions import TABLE, Happening


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a command may be carried out, and the reason that is shown. ``key`` names the channel."""

    reason: str
    key: str = ""

    @property
    def applied(self) -> bool:
        """``ok`` is the only reason that lets a command pass."""
        return self.reason == "ok"


def carry_out(draft: Draft, command: Command, place: StationPlan) -> None:
    """Apply or refuse a command; either way its outcome says so."""
    ruling = rule_on(draft, command)
    if ruling.applied:
        draft.remember_command(command.id, command.expires)
        alert = draft.cold.alerts[ruling.key]
        draft.put_alert(ruling.key, _carried(draft, alert, command, place))
    draft.effects.append(
        Decided(
            CommandOutcome(
                command_id=command.id,
                station=command.station,
                name=command.name,
                target=command.target,
                actor=command.actor,
                signer=command.signer,
                result="applied" if ruling.applied else "refused",
                reason=ruling.reason,
                at=draft.cause.arrival,
            )
        )
    )


def rule_on(draft: Draft, command: Command) -> Ruling:
    """The first reason against a command, or ``ok``."""
    if command.id in draft.cold.commands:
        return Ruling("repeated_command")
    found = [(k, a) for k, a in draft.cold.alerts.items() if a.alert_id == command.target]
    if not found:
        return Ruling("unknown_alert")
    key, alert = found[0]
    if command.name is CommandName.COMMENT:
        return _rule_on_comment(command.body.get("text", ""), key)
    if len(command.body.get("note", "").encode()) > MAX_COMMENT_BYTES:
        return Ruling("comment_too_long")
    return _rule_on_acknowledgement(alert, command, key)


def _rule_on_comment(text: str, key: str) -> Ruling:
    if not text.strip():
        return Ruling("empty_comment")
    if len(text.encode()) > MAX_COMMENT_BYTES:
        return Ruling("comment_too_long")
    return Ruling("ok", key)


def _rule_on_acknowledgement(alert: Alert, command: Command, key: str) -> Ruling:
    if command.seen_seq < alert.annunciated_seq:
        return Ruling("stale_view")
    if command.seen_seq > alert.seq:
        return Ruling("view_from_the_future")
    state = lifecycle.standing(alert)
    if state is AlertState.NORMAL:
        return Ruling("already_closed")
    if (state, Happening.ACKNOWLEDGE) not in TABLE:
        return Ruling("already_acknowledged")
    return Ruling("ok", key)


def _carried(draft: Draft, alert: Alert, command: Command, place: StationPlan) -> Alert:
    if command.name is CommandName.ACK:
        return lifecycle.acknowledged(
            alert,
            actor=command.actor,
            note=command.body.get("note", ""),
            place=place,
            cause=draft.cause,
        )
    note = lifecycle.Note(
        reason=TransitionReason.COMMENTED,
        at=draft.cause.arrival,
        actor=command.actor,
        text=command.body["text"],
    )
    return lifecycle.noted(alert, note, place, draft.cause)
