"""Record headers: CloudEvents 1.0 in Kafka's binary mode (``ce_`` names, UTF-8 values)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from schemas.base import MAX_TIME_MS, MIN_TIME_MS

Headers = list[tuple[str, bytes]]
FetchedHeaders = list[tuple[str, bytes | None]]
"""As they come from the broker: a value may be missing."""
UNREADABLE = "unreadable: "
"""Begins the ``ce_type`` of a record whose own headers cannot be told; the reason follows."""


def time_text(ms: int) -> str:
    """Epoch ms as RFC 3339 in UTC, e.g. ``2026-01-13T11:00:00.000Z``."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def time_ms(text: str) -> int:
    """RFC 3339 with an offset as epoch ms.

    Raises:
        ValueError: not a date-time, or one without offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without an offset: {text!r}")
    return round(moment.timestamp() * 1000)


def ce_headers(kind: str, source: str, id_: str, time: int | None = None) -> Headers:
    """The CloudEvents attributes of a record; ``time`` in epoch ms."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", kind.encode()),
        ("ce_source", source.encode()),
        ("ce_id", id_.encode()),
    ]
    if time is not None:
        headers.append(("ce_time", time_text(time).encode()))
    return headers


def header(headers: Iterable[tuple[str, bytes | None]], name: str) -> str | None:
    """The last value of a header as text, or None when absent or not UTF-8."""
    found = None
    for key, value in headers:
        if key == name and value is not None:
            try:
                found = value.decode()
            except UnicodeDecodeError:
                return None
    return found


def unreadable_headers(why: str) -> FetchedHeaders:
    """Headers in place of those that cannot be told: every decoder refuses the record by its kind."""
    return [("ce_type", f"{UNREADABLE}{why}".encode(errors="replace"))]


def unreadable(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """Return why a record cannot be read, as far as its headers tell; None: they can be told."""
    kind = header(headers, "ce_type") or ""
    return kind.removeprefix(UNREADABLE) if kind.startswith(UNREADABLE) else None


def texts(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """All headers as text, of a name the last; bytes that are no UTF-8 are replaced."""
    return {name: (value or b"").decode(errors="replace") for name, value in headers}


def city_time(text: str | None) -> int | None:
    """A ``ce_time`` as epoch ms; None: none that can be read. A genesis carries the earliest: none."""
    if text is None:
        return None
    with suppress(ValueError):
        at = time_ms(text)
        return at if MIN_TIME_MS < at <= MAX_TIME_MS else None
    return None
