"""Total decoding of ``events``: any record becomes an event or a ``Rejection``, never an exception."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from schemas.base import MAX_TIME_MS, MIN_TIME_MS, ClockMode
from schemas.codec.mending import mend
from schemas.events import (
    CONTROL_KINDS,
    EVENT_MODELS,
    MAX_EVENT_BYTES,
    Event,
    EventKind,
    Genesis,
    PlanEvent,
    Scan,
    Telemetry,
    Tick,
)
from schemas.headers import header, time_ms
from schemas.rejects import MAX_DETAIL, Rejection, RejectReason
from schemas.topics import control_key, partition_of


class Record(Protocol):
    """The part of a consumed record that decoding needs (an aiokafka ``ConsumerRecord`` has it)."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Decoded:
    """An event with what its record says about it. ``arrival`` is epoch ms by the namespace's clock."""

    event: Event
    ce_id: str
    arrival: int


def decode(record: Record, clock: ClockMode) -> Decoded | Rejection:
    """The event of a record, or why there is none. Looks at nothing but the record."""
    kind_text = header(record.headers, "ce_type")
    value = record.value
    if record.key is None:
        return Rejection(reason=RejectReason.KEYLESS, detail="the record has no key")
    if value is None or len(value) > MAX_EVENT_BYTES:
        size = "no value" if value is None else f"{len(value)} bytes"
        return Rejection(
            reason=RejectReason.OVERSIZE if value else RejectReason.INVALID,
            detail=f"{size}; at most {MAX_EVENT_BYTES}",
        )
    if kind_text not in EVENT_MODELS:
        detail = "no ce_type header" if kind_text is None else f"ce_type {kind_text[:64]!r}"
        return Rejection(reason=RejectReason.UNKNOWN_KIND, detail=detail)
    kind = EventKind(kind_text)
    arrival = _arrival(record, clock)
    if arrival is None:
        return Rejection(
            reason=RejectReason.NO_EVENT_TIME,
            detail="clock=log needs a ce_time header: RFC 3339 with offset, 2000 to 2100",
        )
    parsed = _parse(kind, value)
    if isinstance(parsed, Rejection):
        return parsed
    misplaced = _misplaced(kind, parsed, record.key, record.partition)
    if misplaced is not None:
        return misplaced
    return Decoded(parsed, header(record.headers, "ce_id") or "", arrival)


def _arrival(record: Record, clock: ClockMode) -> int | None:
    if clock == "wall":
        return record.timestamp
    text = header(record.headers, "ce_time")
    if text is None:
        return None
    try:
        arrival = time_ms(text)
    except ValueError:
        return None
    return arrival if MIN_TIME_MS <= arrival <= MAX_TIME_MS else None


def _parse(kind: EventKind, value: bytes) -> Event | Rejection:
    try:
        event = EVENT_MODELS[kind].model_validate_json(value)
    except ValidationError as error:
        mended = mend(value) if kind is EventKind.TELEMETRY else None
        if mended is None:
            return _invalid(error)
        event = mended
    except UnicodeDecodeError:
        return Rejection(reason=RejectReason.NOT_JSON, detail="the value is not UTF-8")
    if isinstance(event, Telemetry) and not _all_finite(event):
        event = event.model_copy(update={"scans": [_without_non_finite(s) for s in event.scans]})
    return event  # type: ignore[return-value]  # EVENT_MODELS maps kinds to members of Event


def _invalid(error: ValidationError) -> Rejection:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    reason = RejectReason.NOT_JSON if first["type"] == "json_invalid" else RejectReason.INVALID
    where = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    detail = f"{where}: {first['msg']}{more}" if where else f"{first['msg']}{more}"
    return Rejection(reason=reason, detail=detail.replace("\x00", "\\0")[:MAX_DETAIL])


def _all_finite(frame: Telemetry) -> bool:
    """Sums of finite floats may overflow, so an infinite sum is looked at value by value."""
    for scan in frame.scans:
        for value in scan.values.values():
            if value is not None and not math.isfinite(value):
                return False
    return True


def _without_non_finite(scan: Scan) -> Scan:
    """A non-finite number among values is "no value, quality bad"; the frame is accepted."""
    bad = [code for code, v in scan.values.items() if v is not None and not math.isfinite(v)]
    if not bad:
        return scan
    values = {code: None if code in bad else v for code, v in scan.values.items()}
    quality = {**scan.quality, **dict.fromkeys(bad, "bad")}
    return scan.model_copy(update={"values": values, "quality": quality})


def _misplaced(kind: EventKind, event: Event, key: bytes, partition: int) -> Rejection | None:
    if kind in CONTROL_KINDS:
        expected, home = control_key(partition), partition
    else:
        station: str = event.station  # type: ignore[union-attr]  # all but control kinds have one
        expected, home = station, partition_of(station)
    source = event.source if isinstance(event, Telemetry) else "unknown"
    known = None if isinstance(event, Tick | PlanEvent | Genesis) else expected
    if key != expected.encode():
        return Rejection(
            reason=RejectReason.KEY_MISMATCH,
            detail=f"key {key[:64]!r}, expected {expected!r}",
            source=source,
            station=known,
        )
    if partition != home:
        return Rejection(
            reason=RejectReason.WRONG_PARTITION,
            detail=f"partition {partition}, {expected!r} belongs to {home}",
            source=source,
            station=known,
        )
    return None
