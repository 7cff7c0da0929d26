"""What could not be taken, and why. In the topic ``rejects`` the value is the original, byte for byte;

the reason and the origin are headers (``HEADERS``), so that nothing has to be wrapped or cut.
"""

from dataclasses import dataclass
from enum import StrEnum


class RejectReason(StrEnum):
    """The reason for not taking a record, a scan or a value: metric label and word on the screen."""

    UNKNOWN_KIND = "unknown_kind"
    OVERSIZE = "oversize"
    KEYLESS = "keyless"
    NOT_JSON = "not_json"
    INVALID = "invalid"
    KEY_MISMATCH = "key_mismatch"
    WRONG_PARTITION = "wrong_partition"
    NO_EVENT_TIME = "no_event_time"
    """``clock=log`` and no usable ``ce_time`` header."""
    NO_PLAN = "no_plan"
    UNKNOWN_PLAN = "unknown_plan"
    UNKNOWN_STATION = "unknown_station"
    UNKNOWN_POINT = "unknown_point"
    ODD_VALUE = "odd_value"
    """Part of a frame that is none of what may stand there; the rest was judged."""
    OUT_OF_RANGE = "out_of_range"
    NO_STATE = "no_state"
    """A value that is none of its point's states."""
    CLOCK_FAULT = "clock_fault"
    DUPLICATE_FRAME = "duplicate_frame"
    DUPLICATE_SCAN = "duplicate_scan"
    CONFLICTING_SCAN = "conflicting_scan"
    """Another value at a time that was taken: the worse of the two is judged where life depends on it."""
    BEYOND_HORIZON = "beyond_horizon"
    """Too old to be told from what was taken already."""
    BAD_SIGNATURE = "bad_signature"
    NOT_HANDLED = "not_handled"
    """A valid event of a kind that nothing judges."""
    ENGINE_FAILURE = "engine_failure"
    DATA_ERROR = "data_error"
    """The database refused the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Reason and detail of one rejection; ``source`` and ``station`` as far as known."""

    reason: RejectReason
    detail: str
    source: str = "unknown"
    station: str | None = None


HEADERS = ("reason", "detail", "source", "station", "topic", "partition", "offset", "rejected_at")
"""Headers of a record in ``rejects``, UTF-8 text; ``rejected_at`` is the original's arrival, epoch ms."""
MAX_DETAIL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record of the topic ``rejects``: what could not be taken. The original is the record itself."""

    rejected_at: int
    source: str
    station: str | None
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    ce_id: str
