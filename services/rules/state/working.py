"""A working copy of a station's state: what a step touches is copied first.

An event that fails half-way leaves the old state as it was.
"""

from dataclasses import replace

from schemas.alerts import Alert
from schemas.rejects import RejectReason
from services.rules.effects import AlertChanged, Cause, Effect
from services.rules.judging_plan import StationPlan
from services.rules.state import HotState, PointState, StationState


class WorkingState:
    """Collects a step's changes and effects; ``finished`` makes the new state of them.

    ``plan`` is what the station is judged by. ``notes``: by reason, scans and values that were not taken.
    ``late``: readings that came behind newer ones.
    """

    __slots__ = ("_state", "cause", "cold", "effects", "hot", "late", "notes", "plan")

    def __init__(self, state: StationState, cause: Cause, plan: StationPlan) -> None:
        old = state.hot
        self._state = state
        self.cause = cause
        self.plan = plan
        self.cold = state.cold
        self.effects: list[Effect] = []
        self.late = 0
        self.notes: dict[RejectReason, list[str]] = {}
        self.hot = HotState(  # by position: names would cost 4 % of a tick
            cause.offset,
            old.due,
            old.timers,
            old.streams.copy(),
            old.scanned,
            old.points.copy(),
            {minute: points.copy() for minute, points in old.buckets.items()},
            old.channels.copy(),
            old.windows.copy(),
            old.runs,
            old.told,
            old.since,
            old.nature,
            old.condition,
            old.inspections,
            old.back,
        )

    def note(self, reason: RejectReason, text: str) -> None:
        """Remember one scan or value of the event that was not taken."""
        self.notes.setdefault(reason, []).append(text)

    def point(self, code: str) -> PointState:
        """A copy of the point's state, put in its place: the caller may change it."""
        old = self.hot.points.get(code)
        copy = (
            PointState()
            if old is None
            else PointState(old.at, old.good_at, old.value, old.heard, old.silent, old.bad)
        )
        self.hot.points[code] = copy
        return copy

    def put_alert(self, key: str, alert: Alert) -> None:
        """Keep an alert's new snapshot and announce it."""
        self.cold = replace(self.cold, alerts={**self.cold.alerts, key: alert})
        self.effects.append(AlertChanged(alert))

    def forget_alert(self, key: str) -> None:
        """The channel's alert can never re-open."""
        alerts = {k: alert for k, alert in self.cold.alerts.items() if k != key}
        self.cold = replace(self.cold, alerts=alerts)

    def next_occurrence(self, key: str) -> int:
        """Count a new alert of the channel."""
        number = self.cold.occurrences.get(key, 0) + 1
        self.cold = replace(self.cold, occurrences={**self.cold.occurrences, key: number})
        return number

    def remember_command(self, id_: str, expires: int) -> None:
        """A command's id is single-use until it has expired."""
        alive = {k: until for k, until in self.cold.commands.items() if until > self.cause.arrival}
        self.cold = replace(self.cold, commands={**alive, id_: expires})

    def finished(self) -> tuple[StationState, list[Effect]]:
        """The new state and what was decided."""
        return StationState(self._state.station, self.hot, self.cold), self.effects
