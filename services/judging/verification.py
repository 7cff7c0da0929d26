"""Verifies signed events before they are acted upon: signer, time, signature."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.events import Command, PlanEvent
from schemas.plan import Plan
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
    ]

    @property
    def holds(self) -> bool:
        """The event may be acted upon."""
        return self.reason == "verified"


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks commands by the keys of the running plan, plan events by the installation's trust anchor."""

    keys_dir: Path

    def command(self, command: Command, plan: Plan, arrival: int) -> Verification:
        """Check a command by the plan's keys at its arrival (epoch ms)."""
        key = next((k for k in plan.keys if (k.signer, k.key_id) == (command.signer, command.key_id)), None)
        if key is None:
            return Verification("unknown_key")
        if arrival < key.valid_from or (key.valid_until is not None and arrival >= key.valid_until):
            return Verification("key_not_valid")
        return self._signed(command, key.public_key, arrival)

    def plan_event(self, event: PlanEvent, arrival: int) -> Verification:
        """Check a plan event by ``publisher.pub``, which may come to be while the monitor runs."""
        anchor = self.keys_dir / f"{PUBLISHER}.pub"
        if event.signer != PUBLISHER:
            return Verification("unknown_key")
        if not anchor.is_file():
            return Verification("no_trust_anchor")
        return self._signed(event, anchor.read_text().strip(), arrival)

    def _signed(self, event: Command | PlanEvent, public_key: str, arrival: int) -> Verification:
        if event.issued > arrival + CLOCK_TOLERANCE_MS:
            return Verification("issued_in_future")
        if event.expires <= arrival:
            return Verification("expired")
        return Verification("verified" if verify(event, public_key) else "bad_signature")
