"""Decides what becomes of the first message of a lane, and when a lane tries again: pure.

**Told is what arrived (decision).** A message is decided on again at the moment it would be sent. A call
whose alert has ended meanwhile is dropped, never sent as if it still burned. A follow-up goes to whom an
earlier message of the alert reached; to anybody else an end goes only while nobody has acknowledged, in a
text of its own that says that the alert was and is over. Age alone drops nothing: what is older than
MIYUN_DELIVER_WITHIN_S goes once a later message of the alert has overtaken it. So the newest word on an alert
waits as long as its receiver is away.

**Rests are measured by a clock that does not step (decision).** A lane rests by this process's monotonic
clock, and tries at once after a restart: a step of the host's clock neither stalls a lane nor makes all due.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from services.notifier.decisions import CALLS, ENDS, Kind
from services.notifier.message import DeliveryReport, Lane, Result

FIRST_S, LONGEST_S = 1.0, 60.0
REFUSALS = 3
"""A receiver that says no does not change its mind soon; the lane's other messages wait behind."""
DOUBLINGS = 10


class Fate(StrEnum):
    """What becomes of a message; those that are dropped stand as the reason on lists."""

    AS_QUEUED = "as_queued"
    MISSED = "missed"
    """In the text for whom no earlier message of the alert reached."""
    OVER = "over"
    """A call whose alert ended before it could be sent."""
    NOT_TOLD = "not_told"
    """A follow-up to whom no message of the alert reached."""
    OVERTAKEN = "overtaken"
    """Too old, and a later message of the alert waits behind it."""

    @property
    def is_sent(self) -> bool:
        """False: the message is dropped."""
        return self in (Fate.AS_QUEUED, Fate.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first waiting message of a lane. ``told``: an earlier message of its alert may have arrived.

    ``behind``: subjects of later messages of the alert that wait; ``waited_s``: since it was queued.
    """

    kind: Kind
    told: bool
    behind: frozenset[Kind]
    has_missed_text: bool
    waited_s: float


def fate_of(head: Head, *, within_s: float) -> Fate:
    """Decides on a message that would be sent now."""
    is_old = head.waited_s > within_s
    if head.kind in CALLS:
        if head.behind & ENDS:
            return Fate.OVER
        return Fate.OVERTAKEN if is_old and head.behind & CALLS else Fate.AS_QUEUED
    if not head.told:
        return Fate.MISSED if head.has_missed_text and not head.behind else Fate.NOT_TOLD
    return Fate.OVERTAKEN if is_old and head.behind else Fate.AS_QUEUED


@dataclass(frozen=True, slots=True)
class Backoff:
    """The lane rests for ``pause_s``; ``gives_up``: the message is not tried again."""

    gives_up: bool
    pause_s: float


def backoff_after(report: DeliveryReport, *, attempts: int, in_a_row: int) -> Backoff:
    """Decides after a failed attempt: the message's ``attempts``-th, the lane's ``in_a_row``-th failure.

    A message is given up after its third refusal; one whose receiver is away, never.
    """
    pause_s = min(FIRST_S * 2 ** min(in_a_row - 1, DOUBLINGS), LONGEST_S)
    return Backoff(report.result is Result.REFUSED and attempts >= REFUSALS, pause_s)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Late alerts that go together: one person by one channel, one station, one nature."""

    lane: Lane
    station_id: str
    nature: str


@dataclass(slots=True)
class Gatherings:
    """When they are due: ``within_s`` after the first of them was seen. Times are monotonic seconds."""

    within_s: float
    _since: dict[Gathering, float] = field(default_factory=dict)

    def due(self, waiting: Collection[Gathering], now: float) -> set[Gathering]:
        """Those of which messages wait that have waited long enough; the others are kept in mind."""
        self._since = {one: self._since.get(one, now) for one in waiting}
        return {one for one, since in self._since.items() if now - since >= self.within_s}
