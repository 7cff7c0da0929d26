"""The feed's content: the open alerts, and the last transitions for whoever was away for a moment."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from schemas.alerts import Alert

KEPT = 1_000
"""Transitions kept for those who come back; who was away for longer begins with a snapshot."""


@dataclass(slots=True)
class Feed:
    """Pure but for ``changed``. A cursor is ``boot:number``: another process has other numbers."""

    boot: str
    open: dict[str, Alert] = field(default_factory=dict)
    number: int = 0
    recent: deque[Alert] = field(default_factory=lambda: deque(maxlen=KEPT))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced, at each transition and at each heartbeat."""
    _seen: dict[str, int] = field(default_factory=dict)

    @property
    def cursor(self) -> str:
        """The feed's position."""
        return f"{self.boot}:{self.number}"

    def take(self, alert: Alert) -> bool:
        """Show a snapshot; False when it, or a later one of the alert, was shown before."""
        if alert.seq <= self._seen.get(alert.alert_id, -1):
            return False
        self._seen[alert.alert_id] = alert.seq
        if alert.closed_at is None:
            self.open[alert.alert_id] = alert
        else:
            self.open.pop(alert.alert_id, None)
        self.number += 1
        self.recent.append(alert)
        self.wake()
        return True

    def wake(self) -> None:
        """Let all listeners look again."""
        before, self.changed = self.changed, asyncio.Event()
        before.set()

    def since(self, cursor: str | None) -> list[tuple[str, Alert]] | None:
        """The transitions after a cursor with theirs; None: they are not known any more."""
        boot, _, text = (cursor or "").rpartition(":")
        if boot != self.boot or not text.isdecimal():
            return None
        missed = self.number - int(text)
        if not 0 <= missed <= len(self.recent):
            return None
        latest = list(self.recent)[len(self.recent) - missed :]
        return [(f"{self.boot}:{number}", alert) for number, alert in enumerate(latest, int(text) + 1)]
