"""Who is told what of a transition: a pure function of the alert, what is known, and the routes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from schemas.alerts import Alert, AlertState, Transition, TransitionReason
from schemas.base import SEVERITY_RANK, Severity
from services.notifier.message import Lane
from services.notifier.people import Directory

LEAST = Severity.MAJOR
"""Below this nobody is told: lists and pages are enough."""


class Kind(StrEnum):
    """What a message is about."""

    RAISED = "raised"
    """For the first time, or again."""
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    """All-clear: the condition was seen to end."""
    ENDED = "ended"
    """The alert is over although nobody saw its condition end: its time or its rule is."""


class Silence(StrEnum):
    """Why nobody is told."""

    REPEAT = "repeat"
    """Decided before: the monitor sent the snapshot again after a crash."""
    OLD = "old"
    """Before the notifier's first start, or of the history that the city was given."""
    NOTHING_TO_TELL = "nothing_to_tell"
    """A comment, held data, a de-escalation."""
    NOT_ANNUNCIATED = "not_annunciated"
    MINOR = "minor"
    NO_ROUTE = "no_route"
    NOBODY_WAS_TOLD = "nobody_was_told"
    OVER_BEFORE = "over_before"
    """The all-clear was given when the condition ended."""


KINDS: dict[TransitionReason, Kind] = {
    TransitionReason.RAISED: Kind.RAISED,
    TransitionReason.REOPENED: Kind.RAISED,
    TransitionReason.ESCALATED: Kind.ESCALATED,
    TransitionReason.ACKNOWLEDGED: Kind.ACKNOWLEDGED,
    TransitionReason.CLEARED: Kind.CLEARED,
    TransitionReason.GATE_CLOSED: Kind.ENDED,
    TransitionReason.RULE_CHANGED: Kind.ENDED,
    TransitionReason.RULE_REMOVED: Kind.ENDED,
    TransitionReason.SUPERSEDED: Kind.ENDED,
}
"""Transitions that people may hear of. Those of the recorder's census are not in the topic: nobody does."""
CALLS = frozenset({Kind.RAISED, Kind.ESCALATED})
"""Messages that ask for attention; the others go to those who had one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the outbox holds of an alert: its largest ``seq``, and who was told of a raise."""

    last_seq: int = 0
    told: frozenset[Lane] = frozenset()

    def after(self, decision: "Decision", seq: int) -> "Known":
        """What is known once the decision is carried out."""
        if decision.kind is None:
            return self
        told = self.told | set(decision.lanes) if decision.kind in CALLS else self.told
        return replace(self, last_seq=seq, told=told)


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is told, and of what; without ``kind`` nobody is. ``reason`` is the metric's label."""

    reason: Kind | Silence
    lanes: tuple[Lane, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """What the messages are about."""
        return self.reason if isinstance(self.reason, Kind) else None


def decide(alert: Alert, known: Known, *, directory: Directory, floor_ms: int) -> Decision:
    """Who is told of the alert's last transition. ``floor_ms``: nobody hears of what was seen before."""
    if not alert.timeline or alert.seq <= known.last_seq:
        return Decision(Silence.REPEAT)
    last = alert.timeline[-1]
    kind = KINDS.get(last.reason)
    if last.detected_at < floor_ms:
        return Decision(Silence.OLD)
    if kind is None:
        return Decision(Silence.NOTHING_TO_TELL)
    if kind in CALLS:
        return _call(alert, kind, directory)
    return _follow_up(last, kind, known)


def _call(alert: Alert, kind: Kind, directory: Directory) -> Decision:
    if SEVERITY_RANK[alert.severity] < SEVERITY_RANK[LEAST]:
        return Decision(Silence.MINOR)
    if not alert.annunciated or alert.annunciated_seq != alert.seq:
        return Decision(Silence.NOT_ANNUNCIATED)
    lanes = tuple(sorted(set(_routed(alert, directory))))
    return Decision(kind, lanes) if lanes else Decision(Silence.NO_ROUTE)


def _follow_up(last: Transition, kind: Kind, known: Known) -> Decision:
    if not known.told:
        return Decision(Silence.NOBODY_WAS_TOLD)
    if kind is Kind.ENDED and last.from_state is AlertState.RETURNED:
        return Decision(Silence.OVER_BEFORE)
    return Decision(kind, tuple(sorted(known.told)))


def _routed(alert: Alert, directory: Directory) -> Iterable[Lane]:
    for route in directory.routes:
        if not route.fits(alert):
            continue
        for recipient in route.people:
            for channel in route.channels:
                if directory.address(recipient, channel) is not None:
                    yield Lane(recipient, channel)
