"""Records of the output topics become entries. Total: what cannot be read becomes a ``Reject``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from schemas.aggregates import StationMinute
from schemas.alerts import Alert, Census
from schemas.base import MAX_TIME_MS, MIN_TIME_MS
from schemas.codec import Record
from schemas.headers import header
from schemas.outcomes import (
    CommandOutcome,
    Finding,
    InspectionTaken,
    OutcomeKind,
    PlanActivated,
    StationStateChanged,
)
from schemas.rejects import MAX_DETAIL, RejectReason
from schemas.topics import TopicName
from services.runtime.clock import time_of

TOPICS = (
    TopicName.ALERTS,
    TopicName.AGGREGATES,
    TopicName.OUTCOMES,
    TopicName.REJECTS,
    TopicName.PLANS,
)
"""What is stored, in the order of what people wait for."""
MAX_ORIGINAL_BYTES = 64 * 1024
MAX_HEADER_CHARACTERS = 1_000
MAX_HEADERS = 50
MAX_ID_CHARACTERS = 256
"""Ours are shorter; an entry of an index takes about 2,700 bytes."""
SHA256_CHARACTERS = 64
MAX_INT32 = 2**31 - 1


class OutputRecord(Record, Protocol):
    """What an entry is made of (an aiokafka ``ConsumerRecord`` has it)."""

    @property
    def topic(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a record stands, and what its headers say of the event that it answers.

    ``appended_at`` is the broker's append time (epoch ms). ``src_partition`` and ``src_offset`` are -1
    where the headers do not tell. ``city_ms`` is what time it was in the city (``ce_time``).
    """

    topic: TopicName
    partition: int
    offset: int
    appended_at: int
    ce_id: str
    epoch: str
    src_partition: int
    src_offset: int
    city_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Something that could not be taken, by the monitor or by us, with its original."""

    rejected_at: int
    source: str
    station: str | None
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    headers: dict[str, str]
    original: bytes
    original_bytes: int
    ce_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """Slice ``part`` (from 0) of ``parts`` of a compiled plan."""

    plan_id: str
    part: int
    parts: int
    body: bytes


@dataclass(frozen=True, slots=True)
class PlanPointer:
    """The publisher's note of what it published last: for itself. Outcomes say what is judged by."""


Body = (
    Alert
    | Census
    | StationMinute
    | CommandOutcome
    | PlanActivated
    | StationStateChanged
    | InspectionTaken
    | Finding
    | Reject
    | PlanPart
    | PlanPointer
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored of one record."""

    origin: Origin
    body: Body
    record: OutputRecord


class UnreadableError(Exception):
    """A record that no entry can be made of."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


_DECODERS: dict[tuple[TopicName, str], msgspec.json.Decoder[Any]] = {
    (TopicName.ALERTS, "alert"): msgspec.json.Decoder(Alert),
    (TopicName.ALERTS, "census"): msgspec.json.Decoder(Census),
    (TopicName.AGGREGATES, "aggregate"): msgspec.json.Decoder(StationMinute),
    (TopicName.OUTCOMES, OutcomeKind.COMMAND): msgspec.json.Decoder(CommandOutcome),
    (TopicName.OUTCOMES, OutcomeKind.PLAN_ACTIVATED): msgspec.json.Decoder(PlanActivated),
    (TopicName.OUTCOMES, OutcomeKind.STATION): msgspec.json.Decoder(StationStateChanged),
    (TopicName.OUTCOMES, OutcomeKind.INSPECTION): msgspec.json.Decoder(InspectionTaken),
    (TopicName.OUTCOMES, OutcomeKind.FINDING): msgspec.json.Decoder(Finding),
}


def entry_of(record: OutputRecord) -> Entry:
    """The entry of a record; never fails."""
    origin = origin_of(record)
    try:
        return Entry(origin, _READERS.get(origin.topic, _decoded)(record, origin), record)
    except UnreadableError as error:
        return Entry(origin, _own_reject(origin, record, error.reason, str(error)), record)


def refused(entry: Entry, detail: str) -> Entry:
    """What is stored instead of an entry that the database refuses."""
    reject = _own_reject(entry.origin, entry.record, RejectReason.DATA_ERROR, detail)
    return Entry(entry.origin, reject, entry.record)


def origin_of(record: OutputRecord) -> Origin:
    """Where a record stands and what it answers; headers as they are stored."""
    return Origin(
        topic=TopicName(record.topic.partition(".")[2]),
        partition=record.partition,
        offset=record.offset,
        appended_at=record.timestamp,
        ce_id=_clean(header(record.headers, "ce_id") or "")[:MAX_ID_CHARACTERS],
        epoch=_clean(header(record.headers, "epoch") or "")[:MAX_ID_CHARACTERS],
        src_partition=_number(header(record.headers, "src_partition"), MAX_INT32),
        src_offset=_number(header(record.headers, "src_offset")),
        city_ms=time_of(record.headers),
    )


def _decoded(record: OutputRecord, origin: Origin) -> Body:
    kind = header(record.headers, "ce_type") or ""
    decoder = _DECODERS.get((origin.topic, kind))
    if decoder is None:
        raise UnreadableError(RejectReason.UNKNOWN_KIND, f"ce_type {kind[:64]!r}")
    if not origin.epoch or origin.src_partition < 0 or origin.src_offset < 0:
        raise UnreadableError(RejectReason.INVALID, "a header of epoch, src_partition, src_offset is missing")
    try:
        body: Body = decoder.decode(record.value or b"")
    except msgspec.ValidationError as error:
        raise UnreadableError(RejectReason.INVALID, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(RejectReason.NOT_JSON, str(error)) from None
    return body


def _reject(record: OutputRecord, origin: Origin) -> Reject:
    told = {name: _clean(header(record.headers, name) or "") for name, _ in record.headers}
    rejected_at = _number(told.get("rejected_at"))
    known_time = MIN_TIME_MS <= rejected_at <= MAX_TIME_MS
    original = record.value or b""
    return Reject(
        rejected_at=rejected_at if known_time else origin.appended_at,
        source=told.get("source") or "unknown",
        station=told.get("station") or None,
        reason=told.get("reason") or RejectReason.INVALID,
        detail=told.get("detail", "")[:MAX_DETAIL],
        topic=told.get("topic") or TopicName.EVENTS,
        partition=_number(told.get("partition"), MAX_INT32),
        offset=_number(told.get("offset")),
        headers=_headers(record),
        original=original[:MAX_ORIGINAL_BYTES],
        original_bytes=len(original),
        ce_id=origin.ce_id or _place(origin),
    )


def _plan(record: OutputRecord, _: Origin) -> PlanPart | PlanPointer:
    if header(record.headers, "ce_type") == "plan_active":
        return PlanPointer()
    key = record.key or b""
    plan_id, _colon, place = key.decode("ascii", errors="replace").partition(":")
    part, _slash, parts = place.partition("/")
    numbers = _number(part, MAX_INT32), _number(parts, MAX_INT32)
    if len(plan_id) != SHA256_CHARACTERS or not 0 <= numbers[0] < numbers[1] or not record.value:
        raise UnreadableError(RejectReason.INVALID, f"not a part of a plan: key {key[:100]!r}")
    return PlanPart(plan_id=plan_id, part=numbers[0], parts=numbers[1], body=record.value)


_READERS: dict[TopicName, Callable[[OutputRecord, Origin], Body]] = {
    TopicName.REJECTS: _reject,
    TopicName.PLANS: _plan,
}


def _own_reject(origin: Origin, record: OutputRecord, reason: RejectReason, detail: str) -> Reject:
    original = record.value or b""
    return Reject(
        rejected_at=origin.appended_at,
        source="recorder",
        station=None,
        reason=reason,
        detail=_clean(detail)[:MAX_DETAIL],
        topic=origin.topic,
        partition=origin.partition,
        offset=origin.offset,
        headers=_headers(record),
        original=original[:MAX_ORIGINAL_BYTES],
        original_bytes=len(original),
        ce_id=_place(origin),
    )


def _place(origin: Origin) -> str:
    """An id for a record that has none of its own."""
    return f"{origin.epoch}:{origin.topic}:{origin.partition}:{origin.offset}"


def _headers(record: OutputRecord) -> dict[str, str]:
    return {
        _clean(name)[:MAX_HEADER_CHARACTERS]: _clean((value or b"").decode(errors="replace"))[
            :MAX_HEADER_CHARACTERS
        ]
        for name, value in record.headers[:MAX_HEADERS]
    }


def _clean(text: str) -> str:
    """``text`` without what PostgreSQL refuses in any text."""
    return text.replace("\x00", "\\0").encode(errors="replace").decode()


def _number(text: str | None, largest: int = 2**63 - 1) -> int:
    """A number of a header, or -1."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 19:
        return -1
    number = int(text)
    return number if number <= largest else -1
