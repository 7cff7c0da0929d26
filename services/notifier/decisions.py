"""Decides who is notified of a transition: a pure function of the alert, the outbox and the routes."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from schemas.alerts import Alert, AlertState, Transition, TransitionReason
from schemas.base import SEVERITY_RANK, Severity
from services.notifier.message import Lane
from services.notifier.people import Directory

MIN_SEVERITY = Severity.MAJOR
"""Below this nobody is notified: lists and pages are enough."""


class Kind(StrEnum):
    """The subjects of messages."""

    RAISED = "raised"
    """For the first time, or again."""
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    """All-clear: the condition was seen to end."""
    ENDED = "ended"
    """The alert is over although nobody saw its condition end: its time or its rule is."""
    ORPHANED = "orphaned"
    """A census of the monitor does not know the alert: nothing will ever be heard of it again."""


class NotNotified(StrEnum):
    """The reasons for which nobody is notified of a transition."""

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
"""Transitions that people may hear of. ``Kind.ORPHANED`` comes of a census, not of a transition."""
CALLS = frozenset({Kind.RAISED, Kind.ESCALATED})
"""Messages that ask for attention; the others go to those who had one."""
ENDS = frozenset({Kind.CLEARED, Kind.ENDED, Kind.ORPHANED})
"""Messages that say that an alert's condition, or the alert, is over."""


@dataclass(frozen=True, slots=True)
class Notified:
    """The outbox's entry of an alert: its largest ``seq``, and the lanes that calls of it were queued for.

    Whether a call arrived is asked when a follow-up is sent (``dispatch.fate_of``): here it may be under way.
    """

    last_seq: int = 0
    lanes: frozenset[Lane] = frozenset()

    def after(self, decision: "Decision", seq: int) -> "Notified":
        """The entry once the decision is carried out."""
        if decision.kind is None:
            return self
        return Notified(seq, self.lanes | set(decision.lanes) if decision.kind in CALLS else self.lanes)


@dataclass(frozen=True, slots=True)
class Decision:
    """Lanes that are notified, and of what; without ``kind`` none is. ``reason`` is the metric's label."""

    reason: Kind | NotNotified
    lanes: tuple[Lane, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """The subject of the messages."""
        return self.reason if isinstance(self.reason, Kind) else None


def decide(
    alert: Alert,
    before: Notified,
    *,
    directory: Directory,
    not_before_ms: int,
    transition: Transition | None = None,
) -> Decision:
    """Decides on a transition, without another the last; on none that was seen before ``not_before_ms``."""
    if not alert.timeline or alert.seq <= before.last_seq:
        return Decision(NotNotified.REPEAT)
    last = transition or alert.timeline[-1]
    kind = KINDS.get(last.reason)
    if last.detected_at < not_before_ms:
        return Decision(NotNotified.OLD)
    if kind is None:
        return Decision(NotNotified.NOTHING_TO_TELL)
    if kind in CALLS:
        return _call(alert, last, kind, directory)
    return _follow_up(last, kind, before)


def latest_word(alert: Alert, before: Notified) -> Transition | None:
    """The newest transition that people may hear of and that was not decided on yet."""
    unheard = (it for it in reversed(alert.timeline) if it.seq > before.last_seq and it.reason in KINDS)
    return next(unheard, None)


def is_gathered(alert: Alert, kind: Kind) -> bool:
    """Tells if a call waits for others of its station: of late data, unless lives are at stake."""
    return kind in CALLS and alert.late and not alert.life_safety


def _call(alert: Alert, last: Transition, kind: Kind, directory: Directory) -> Decision:
    if SEVERITY_RANK[alert.severity] < SEVERITY_RANK[MIN_SEVERITY]:
        return Decision(NotNotified.MINOR)
    if not alert.annunciated or alert.annunciated_seq != last.seq:
        return Decision(NotNotified.NOT_ANNUNCIATED)
    routes = [route for route in directory.routes if route.fits(alert)]
    ways = {Lane(*way) for route in routes for way in product(route.people, route.channels)}
    lanes = tuple(sorted(lane for lane in ways if directory.address(lane) is not None))
    return Decision(kind, lanes) if lanes else Decision(NotNotified.NO_ROUTE)


def _follow_up(last: Transition, kind: Kind, before: Notified) -> Decision:
    if not before.lanes:
        return Decision(NotNotified.NOBODY_WAS_TOLD)
    if kind is Kind.ENDED and last.from_state is AlertState.RETURNED:
        return Decision(NotNotified.OVER_BEFORE)
    return Decision(kind, tuple(sorted(before.lanes)))
