"""Verifies signed events before they are acted upon: signer, time, signature, and that none is used twice."""

from dataclasses import dataclass
from typing import Literal

from schemas.events import Command, PlanEvent
from schemas.plan import Plan
from services.judging.snapshots import PlanEventsSeen
from services.runtime.signing import PUBLISHER, verify

CLOCK_TOLERANCE_MS = 60_000
"""A signer's clock may be ahead of the event's arrival by this much."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a check and its reason: metric label and word on the screen."""

    reason: Literal[
        "verified",
        "unknown_key",
        "key_not_valid",
        "no_trust_anchor",
        "issued_in_future",
        "expired",
        "bad_signature",
        "another_epoch",
        "number_not_rising",
        "unnumbered",
        "repeated",
    ]

    @property
    def holds(self) -> bool:
        """The event may be acted upon."""
        return self.reason == "verified"


def verify_command(command: Command, plan: Plan, arrival: int) -> Verification:
    """Check a command by the keys of the running plan at its arrival (epoch ms)."""
    key = next((k for k in plan.keys if (k.signer, k.key_id) == (command.signer, command.key_id)), None)
    if key is None:
        return Verification("unknown_key")
    if arrival < key.valid_from or (key.valid_until is not None and arrival >= key.valid_until):
        return Verification("key_not_valid")
    return _signed(command, key.public_key, arrival)


def verify_plan_event(
    event: PlanEvent, anchor: str | None, *, epoch: str, seen: PlanEventsSeen, now: int
) -> Verification:
    """Check a plan event by the installation's trust anchor: the publisher's public key, if there is one.

    ``now`` is the later of the partition's clock and the event's arrival: a record that claims to be of an
    earlier time brings no expired event back.
    """
    if event.signer != PUBLISHER:
        return Verification("unknown_key")
    if anchor is None:
        return Verification("no_trust_anchor")
    signed = _signed(event, anchor, now)
    return _single_use(event, epoch, seen) if signed.holds else signed


def _signed(event: Command | PlanEvent, public_key: str, now: int) -> Verification:
    if event.issued > now + CLOCK_TOLERANCE_MS:
        return Verification("issued_in_future")
    if event.expires <= now:
        return Verification("expired")
    return Verification("verified" if verify(event, public_key) else "bad_signature")


def _single_use(event: PlanEvent, epoch: str, seen: PlanEventsSeen) -> Verification:
    """A plan event holds for one log and once; those of release 0.1 say neither log nor number (ADR 22)."""
    if event.number is None:
        if event.epoch not in (None, epoch):
            return Verification("another_epoch")
        if seen.number:
            return Verification("unnumbered")
        return Verification("repeated" if event.id in seen.ids else "verified")
    if event.epoch != epoch:
        return Verification("another_epoch")
    return Verification("verified" if event.number > seen.number else "number_not_rising")
