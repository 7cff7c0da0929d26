"""Total decoding of all topics but ``events``: any record becomes a message or a ``Rejection``.

Strict in types, bounded in numbers and sizes (``base.Int32``, ``base.EpochMs``, ``MAX_PLAN_PARTS``,
``snapshots.MAX_STATE_BYTES``) before anything is allocated for what a record claims. Forgiving in age:
unknown fields are passed over, and a field added after a release has a default, so that a record of any
release is read; tests/data/outputs keeps one of each shape.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import msgspec
from pydantic import ValidationError

from schemas.aggregates import StationMinute
from schemas.alerts import Alert, Census
from schemas.base import MAX_INT32, MAX_INT64, MAX_TIME_MS, MIN_TIME_MS, Int64, OutputId
from schemas.codec import Record
from schemas.headers import city_time, texts
from schemas.outcomes import OUTCOME_KINDS, Outcome
from schemas.plan import PLAN, Plan, plan_id
from schemas.rejects import MAX_DETAIL, Reject, Rejection, RejectReason
from schemas.snapshots import SealedError, StateSnapshot, kind_of, unseal
from schemas.topics import TopicName

MAX_PLAN_PARTS = 1_024
"""Half a gigabyte of a plan: more is no plan of ours."""
MAX_ID_CHARACTERS = 256
MAX_HEADER_CHARACTERS = 1_000
MAX_HEADERS = 50
PLAN_PART, PLAN_ACTIVE = "plan_part", "plan_active"
"""``ce_type`` on the topic ``plans``."""


class OutputRecord(Record, Protocol):
    """The part of a record that decoding needs (an aiokafka ``ConsumerRecord`` has it)."""

    @property
    def topic(self) -> str: ...


class Origin(msgspec.Struct, frozen=True, kw_only=True):  # a dataclass costs a tenth of a record's decoding
    """The place of a record, and its headers' words about the event that it answers.

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
class PlanPart:
    """Slice ``part`` (from 0) of ``parts`` of a compiled plan."""

    plan_id: str
    part: int
    parts: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPublished:
    """The publisher's note of what it published last, and in which log. Outcomes say what is judged by."""

    plan: OutputId
    epoch: OutputId
    number: Int64 = 0
    """Of its plan events; 0: of a release that wrote none."""


Content = Alert | Census | StationMinute | Outcome | Reject | PlanPart | PlanPublished | StateSnapshot


class Output(msgspec.Struct, frozen=True):
    """A decoded record: its message, or the reason why it cannot be read."""

    origin: Origin
    body: Content | Rejection
    record: OutputRecord


_DECODERS: dict[tuple[TopicName, str], msgspec.json.Decoder[Any]] = {
    (TopicName.ALERTS, "alert"): msgspec.json.Decoder(Alert),
    (TopicName.ALERTS, "census"): msgspec.json.Decoder(Census),
    (TopicName.AGGREGATES, "aggregate"): msgspec.json.Decoder(StationMinute),
    **{(TopicName.OUTCOMES, kind): msgspec.json.Decoder(model) for model, kind in OUTCOME_KINDS.items()},
}
_published = msgspec.json.Decoder(PlanPublished)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PLAN_KEY = re.compile(rb"([0-9a-f]{64}):([0-9]{1,9})/([0-9]{1,9})")
Told = dict[str, str]
"""Headers by name."""


def decode(record: OutputRecord) -> Output:
    """The message of a record; looks at nothing but the record, and never fails."""
    told = texts(record.headers)
    origin = _origin(record, told)
    return Output(origin, _READERS.get(origin.topic, _message)(record, told, origin), record)


def origin_of(record: OutputRecord) -> Origin:
    """Return the place of a record, whatever it holds."""
    return _origin(record, texts(record.headers))


def _origin(record: OutputRecord, told: Told) -> Origin:
    return Origin(
        topic=topic_of(record.topic),
        partition=record.partition,
        offset=record.offset,
        appended_at=record.timestamp,
        ce_id=_clean(told.get("ce_id", ""))[:MAX_ID_CHARACTERS],
        epoch=_clean(told.get("epoch", ""))[:MAX_ID_CHARACTERS],
        src_partition=_number(told.get("src_partition"), MAX_INT32),
        src_offset=_number(told.get("src_offset")),
        city_ms=city_time(told.get("ce_time")),
    )


@cache
def topic_of(name: str) -> TopicName:
    """The bare name of a topic on the broker."""
    return TopicName(name.partition(".")[2])


def _message(record: OutputRecord, told: Told, origin: Origin) -> Content | Rejection:
    kind = told.get("ce_type", "")
    decoder = _DECODERS.get((origin.topic, kind))
    if decoder is None:
        return _refused(RejectReason.UNKNOWN_KIND, f"ce_type {kind[:64]!r}")
    if not origin.epoch or origin.src_partition < 0 or origin.src_offset < 0:
        return _refused(RejectReason.INVALID, "a header of epoch, src_partition, src_offset is missing")
    return _parsed(decoder, record.value)


def _parsed(decoder: msgspec.json.Decoder[Any], value: bytes | None) -> Any | Rejection:
    """What a JSON text says: valid UTF-8 to its end, no NUL in it, every field of its type and size."""
    if value is None:
        return _refused(RejectReason.INVALID, "no value")
    try:
        if not value.isascii():
            value.decode()
        if b"\\u0000" in value and _NUL.search(value):
            return _refused(RejectReason.INVALID, "a text with a NUL")
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        return _refused(RejectReason.INVALID, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _refused(RejectReason.NOT_JSON, str(error))


def _reject(record: OutputRecord, told: Told, origin: Origin) -> Reject:
    """Whatever stands in ``rejects`` was not taken, and is a reject for what its headers do not tell."""
    told = {_clean(name): _clean(text) for name, text in told.items()}
    rejected_at = _number(told.get("rejected_at"))
    known_time = MIN_TIME_MS <= rejected_at <= MAX_TIME_MS
    return Reject(
        rejected_at=rejected_at if known_time else origin.appended_at,
        source=told.get("source") or "unknown",
        station=told.get("station") or None,
        reason=told.get("reason") or RejectReason.INVALID,
        detail=told.get("detail", "")[:MAX_DETAIL],
        topic=told.get("topic") or TopicName.EVENTS,
        partition=_number(told.get("partition"), MAX_INT32),
        offset=_number(told.get("offset")),
        ce_id=origin.ce_id or place(origin),
    )


def _plan(record: OutputRecord, told: Told, _: Origin) -> PlanPart | PlanPublished | Rejection:
    kind = told.get("ce_type", "")
    if kind == PLAN_ACTIVE:
        found: PlanPublished | Rejection = _parsed(_published, record.value)
        return found
    if kind != PLAN_PART:
        return _refused(RejectReason.UNKNOWN_KIND, f"ce_type {kind[:64]!r}")
    key = _PLAN_KEY.fullmatch(record.key or b"")
    part, parts = (int(key[2]), int(key[3])) if key else (0, 0)
    if key is None or not part < parts <= MAX_PLAN_PARTS or not record.value:
        shown = (record.key or b"")[:100]
        return _refused(RejectReason.INVALID, f"not a part of a plan: key {shown!r}, or no value")
    return PlanPart(plan_id=key[1].decode(), part=part, parts=parts, body=record.value)


def _snapshot(record: OutputRecord, _: Told, __: Origin) -> StateSnapshot | Rejection:
    named = kind_of(record.key)
    if named is None:
        return _refused(RejectReason.KEY_MISMATCH, f"key {(record.key or b'')[:100]!r} is none of ours")
    kind, station = named
    if record.value is None:
        return StateSnapshot(kind=kind, station=station, version=0, payload=None)
    try:
        version, payload = unseal(record.value)
    except SealedError as error:
        return _refused(RejectReason.INVALID, str(error), station)
    return StateSnapshot(kind=kind, station=station, version=version, payload=payload)


_READERS: dict[TopicName, Callable[[OutputRecord, Told, Origin], Content | Rejection]] = {
    TopicName.REJECTS: _reject,
    TopicName.PLANS: _plan,
    TopicName.MONITOR_STATE: _snapshot,
}


def place(origin: Origin) -> str:
    """An id for a record that has none of its own."""
    return f"{origin.epoch}:{origin.topic}:{origin.partition}:{origin.offset}"


def headers_kept(record: OutputRecord) -> dict[str, str]:
    """A record's headers as far as they are worth keeping, in text that any database takes."""
    return {
        _clean(name)[:MAX_HEADER_CHARACTERS]: _clean((value or b"").decode(errors="replace"))[
            :MAX_HEADER_CHARACTERS
        ]
        for name, value in record.headers[:MAX_HEADERS]
    }


def _refused(reason: RejectReason, detail: str, station: str | None = None) -> Rejection:
    return Rejection(reason=reason, detail=_clean(detail)[:MAX_DETAIL], station=station)


def _clean(text: str) -> str:
    """``text`` without what PostgreSQL refuses in any text."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\\0").encode(errors="replace").decode()


def _number(text: str | None, largest: int = MAX_INT64) -> int:
    """A number of a header, or -1."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 19:
        return -1
    number = int(text)
    return number if number <= largest else -1


Slices = dict[tuple[str, int], dict[int, bytes]]
"""By plan and number of parts: parts that say another number are of another plan."""


@dataclass(slots=True)
class PlanParts:
    """Parts as they come. Of a part that comes with several contents the first and the last are kept."""

    _first: Slices = field(default_factory=dict)
    _last: Slices = field(default_factory=dict)

    def take(self, part: PlanPart) -> None:
        """Keep a part."""
        name = part.plan_id, part.parts
        self._first.setdefault(name, {}).setdefault(part.part, part.body)
        self._last.setdefault(name, {})[part.part] = part.body

    def names(self) -> list[str]:
        """Plans of which there are parts, the latest first."""
        return list(dict.fromkeys(name for name, _ in reversed(self._first)))

    def serialised(self, sha256: str) -> bytes | None:
        """The plan's bytes; None while parts are missing, or when they are not what the name says."""
        wholes = (b"".join(slices) for slices in self._whole(sha256))
        return next((whole for whole in wholes if plan_id(whole) == sha256), None)

    def are_whole(self, sha256: str) -> bool:
        """No part is missing, whatever they hold."""
        return next(self._whole(sha256), None) is not None

    def plan(self, sha256: str) -> Plan | None:
        """The plan of that name; None: it is not there, or no plan."""
        serialised = self.serialised(sha256)
        try:
            return None if serialised is None else PLAN.validate_json(serialised)
        except ValidationError:
            return None

    def _whole(self, sha256: str) -> Iterator[list[bytes]]:
        for kept in (self._last, self._first):
            for (name, parts), slices in kept.items():
                if name == sha256 and len(slices) == parts:
                    yield [slices[number] for number in sorted(slices)]
