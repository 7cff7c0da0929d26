"""What a log comes to, as `miyun judge` tells it: one object a line, of the monitor's output records."""

from dataclasses import dataclass
from typing import Any, Literal

from schemas.alerts import Alert
from schemas.outcomes import Finding, StationStateChanged
from schemas.outputs import OutputRecord, decode
from schemas.rejects import Reject

OutcomeLine = dict[str, Any]
"""``type`` is one of ``LineType``; the other fields follow from it."""
LineType = Literal["transition", "rejection", "finding", "condition"]
UNVERIFIED = "unverified"
"""Reason of a signed event that nobody could verify, since no keys were given."""


@dataclass(frozen=True, slots=True)
class TakenRecord:
    """A record as it stands in a topic: one that was played into the log, or one that came of it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def outcome_line(record: OutputRecord) -> OutcomeLine | None:
    """The line of an output record; None: it is of a kind that has none (a minute, a census, a command)."""
    match decode(record).body:
        case Alert() as alert:
            return _transition(alert)
        case Reject() as reject:
            return rejection(
                station=reject.station,
                source=reject.source,
                reason=reject.reason,
                detail=reject.detail,
                at=reject.rejected_at,
            )
        case Finding(kind=kind, station=station, detail=detail, at=at):
            return {"type": "finding", "kind": kind, "station": station, "detail": detail, "at": at}
        case StationStateChanged() as changed:
            return _condition(changed)
    return None


def _transition(alert: Alert) -> OutcomeLine:
    last = alert.timeline[-1]
    return {
        "type": "transition",
        "rule": alert.rule_id,
        "point": alert.point,
        "station": alert.station_id,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "reason": last.reason.value,
        "late": alert.late,
        "clock_fault": alert.clock_fault,
        "held": alert.held,
        "at": last.at,
        "value": alert.value,
        "headline": {"zh": alert.headline.zh, "en": alert.headline.en},
    }


def rejection(*, station: str | None, source: str, reason: str, detail: str, at: int) -> OutcomeLine:
    """The line of something that was not taken."""
    return {
        "type": "rejection",
        "station": station,
        "source": source,
        "reason": reason,
        "detail": detail,
        "at": at,
    }


def _condition(changed: StationStateChanged) -> OutcomeLine:
    return {
        "type": "condition",
        "station": changed.station,
        "state": changed.state,
        "silent_points": list(changed.silent_points),
        "at": changed.at,
    }
