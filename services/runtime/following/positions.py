"""Where a reader of a partition stands, and how it ends when the log is not the one that it has read."""

from dataclasses import dataclass

from services.runtime.words import ExplainedError


class AnotherLogError(ExplainedError):
    """A reader's positions are of another log than the broker has; the message names the remedy."""

    exit_code = 3
    """A restart does not help: a person has to decide."""


@dataclass(frozen=True, slots=True)
class Position:
    """Everything before offset ``next`` is taken; ``epoch`` and ``ce_id`` are of the last record before it.

    ``ce_id`` None: there is no such record, or nothing is known of it. ``last``: its offset; None: it stands
    right before ``next``. Between them may be offsets without a record, such as a transaction's end.
    """

    epoch: str
    next: int
    ce_id: str | None
    last: int | None = None

    @property
    def last_offset(self) -> int:
        """Offset of the last record taken."""
        return self.next - 1 if self.last is None else self.last
