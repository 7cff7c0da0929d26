"""Signed commands of people: acknowledge and comment. Signatures are checked before, in the shell."""

from dataclasses import dataclass

from schemas.alerts import MAX_COMMENT_BYTES, Alert, AlertState
from schemas.events import Command, CommandName
from schemas.outcomes import CommandOutcome
from services.rules.effects import Cause, Decided
from services.rules.lifecycle import alert as lifecycle
from services.rules.lifecycle.transitions import TABLE, Happening
from services.rules.state.working import WorkingState

OK = "ok"
"""The only reason that lets a command pass."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision on a command by its reason, which is shown; ``key`` names the channel that it concerns."""

    reason: str
    key: str = ""


def carry_out(working: WorkingState, command: Command) -> None:
    """Apply or refuse a command; either way its outcome says so."""
    ruling = rule_on(working, command)
    if ruling.reason == OK:
        working.remember_command(command.id, command.expires)
        alert = working.cold.alerts[ruling.key]
        working.put_alert(ruling.key, _carried(working, alert, command))
    working.effects.append(decided(command, ruling.reason, working.cause))


def decided(command: Command, reason: str, cause: Cause) -> Decided:
    """The outcome of a command: applied if the reason is ``ok``, else refused."""
    return Decided(
        CommandOutcome(
            command_id=command.id,
            station=command.station,
            name=command.name,
            target=command.target,
            actor=command.actor,
            signer=command.signer,
            result="applied" if reason == OK else "refused",
            reason=reason,
            at=cause.arrival,
        )
    )


def rule_on(working: WorkingState, command: Command) -> Ruling:
    """The first reason against a command, or ``ok``."""
    if command.id in working.cold.commands:
        return Ruling("repeated_command")
    found = [(k, a) for k, a in working.cold.alerts.items() if a.alert_id == command.target]
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
    return Ruling(OK, key)


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
    return Ruling(OK, key)


def _carried(working: WorkingState, alert: Alert, command: Command) -> Alert:
    plan, cause, actor = working.plan, working.cause, command.actor
    if command.name is CommandName.ACK:
        return lifecycle.acknowledged(alert, plan, cause, actor=actor, note=command.body.get("note", ""))
    return lifecycle.commented(alert, plan, cause, actor=actor, text=command.body["text"])
