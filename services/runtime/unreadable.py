"""Records of our own topics that a process cannot read: counted, and named in its log."""

import logging
from collections import Counter
from dataclasses import dataclass, field

from schemas.outputs import Content, Origin, OutputRecord, decode, origin_of
from schemas.rejects import Rejection, RejectReason
from services.runtime import metrics
from services.runtime.processes import RateLimit

log = logging.getLogger(__name__)
log.addFilter(RateLimit(burst=100))


@dataclass(slots=True)
class Unreadable:
    """Counts by topic what ``reader`` could not read since it was started: a detail of its /readyz."""

    reader: str
    by_topic: Counter[str] = field(default_factory=Counter)

    def read(self, record: OutputRecord) -> Content | None:
        """Return the message of a record; None: it cannot be read, which is counted."""
        output = decode(record)
        if isinstance(output.body, Rejection):
            self.note(output.origin, output.body)
            return None
        return output.body

    def refuse(self, record: OutputRecord, detail: str) -> None:
        """Count a record whose reader found out why it cannot be read."""
        self.note(origin_of(record), Rejection(reason=RejectReason.INVALID, detail=detail))

    def note(self, origin: Origin, rejection: Rejection) -> None:
        """Count a record, and say where it stands and why it cannot be read."""
        self.by_topic[origin.topic] += 1
        metrics.UNREADABLE.labels(origin.topic, rejection.reason).inc()
        log.warning(
            f"{self.reader}: cannot read a record",
            extra={
                "topic": origin.topic,
                "partition": origin.partition,
                "offset": origin.offset,
                "reason": rejection.reason,
                "detail": rejection.detail,
            },
        )
