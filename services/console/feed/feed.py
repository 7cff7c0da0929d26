"""The feed's content: the open alerts, and the last transitions for whoever was away for a moment."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from schemas.alerts import Alert, AlertState, Census, CensusPart
from services.runtime.following.orphans import Source, orphans

KEPT = 1_000
"""Transitions kept for those who come back; who was away for longer begins with a snapshot."""
CLOSED_KEPT = 10_000
"""Closed alerts that are remembered, the latest: a monitor that crashed tells again what it told since its
last checkpoint, and what is over must not come back by that."""


@dataclass(slots=True)
class Feed:
    """Pure but for ``changed``. A cursor is ``boot:number``: another beginning has other numbers."""

    boot: str
    open: dict[str, Alert] = field(default_factory=dict)
    number: int = 0
    recent: deque[Alert] = field(default_factory=lambda: deque(maxlen=KEPT))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced, at each transition and at each heartbeat."""
    _sources: dict[str, Source] = field(default_factory=dict)
    """Of the open alerts."""
    _closed: dict[str, int] = field(default_factory=dict)
    """Alerts that were closed lately, with their ``seq``."""

    @property
    def cursor(self) -> str:
        """The feed's position."""
        return f"{self.boot}:{self.number}"

    def begin(self, boot: str, alerts: Iterable[tuple[Alert, Source]], closed: Mapping[str, int]) -> None:
        """Begin anew with these open alerts: whoever listens gets a snapshot.

        ``closed``: alerts that were closed lately, with their ``seq``.
        """
        self.boot, self.number = boot, 0
        self.open, self._sources, self._closed = {}, {}, dict(closed)
        self.recent.clear()
        for alert, source in alerts:
            self.open[alert.alert_id], self._sources[alert.alert_id] = alert, source
        self.wake()

    def take(self, alert: Alert, source: Source) -> bool:
        """Show a snapshot; False when it, or a later one of the alert, was shown before."""
        known = self.open.get(alert.alert_id)
        if alert.seq <= (self._closed.get(alert.alert_id, -1) if known is None else known.seq):
            return False
        if alert.closed_at is None:
            self.open[alert.alert_id], self._sources[alert.alert_id] = alert, source
            self._closed.pop(alert.alert_id, None)
        else:
            self._close(alert)
        self._show(alert)
        return True

    def obey(self, census: Census | CensusPart, *, epoch: str) -> int:
        """Close the orphans of a census of the log ``epoch``; how many. Their ``seq`` stays: a later wins."""
        ended = list(orphans(self._sources, census, epoch=epoch))
        for alert_id in ended:
            orphan = replace(self.open[alert_id], state=AlertState.NORMAL, held=False, closed_at=census.at)
            self._close(orphan)
            self._show(orphan)
        return len(ended)

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

    def _close(self, alert: Alert) -> None:
        self.open.pop(alert.alert_id, None)
        self._sources.pop(alert.alert_id, None)
        self._closed.pop(alert.alert_id, None)
        self._closed[alert.alert_id] = alert.seq
        if len(self._closed) > CLOSED_KEPT:
            del self._closed[next(iter(self._closed))]

    def _show(self, alert: Alert) -> None:
        self.number += 1
        self.recent.append(alert)
        self.wake()
