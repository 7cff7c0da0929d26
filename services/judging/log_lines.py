"""Lines of a log file, as `miyun judge` reads them and `miyun log export` writes them.

A line is a JSON object: ``{"arrival": epoch ms, "kind": "telemetry", "value": {...}}``. What is not given
follows from the rest: ``key`` from the value's station, ``partition`` from the key, headers from kind and
arrival. A ``value`` may be a text, which is the record's value as it was sent.
"""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from schemas.base import MAX_TIME_MS, MIN_TIME_MS, ClockMode
from schemas.codec import Record
from schemas.events import CONTROL_KINDS, EventKind
from schemas.headers import Headers, ce_headers, texts, time_ms, time_text
from schemas.topics import EVENT_PARTITIONS, control_key, partition_of

SOURCE = "log"
_WORDS: Mapping[type, str] = {int: "whole number", str: "text"}
_STATION = re.compile(r'"station"\s*:\s*"([^"\\]+)"')
_CONTROL = re.compile(r"_p([0-9]{1,2})")


class LogLineError(ValueError):
    """A line is none of a log; the message says why."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A record of ``events`` as a file tells it.

    ``key`` and ``partition`` None: of a control record, which is then one of each partition in play.
    """

    arrival: int
    kind: str | None
    """``ce_type``; None: the record has none."""
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    offset: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_keyless: bool = False
    """The line says that the record has no key."""

    @property
    def station(self) -> str | None:
        """The station that the record is about, as far as it can be told."""
        key = (self.key or b"").decode(errors="replace")
        return None if not key or _CONTROL.fullmatch(key) else key

    def record_headers(self) -> Headers:
        """All headers; an arrival that no header can tell is left out, and so refused."""
        time = self.arrival if MIN_TIME_MS <= self.arrival <= MAX_TIME_MS else None
        implied = dict(ce_headers(self.kind or "", SOURCE, f"{self.kind}:{self.arrival}", time))
        if self.kind is None:
            del implied["ce_type"]
        given = {name: text.encode(errors="surrogatepass") for name, text in self.headers.items()}
        return list((implied | given).items())


def parse_line(text: str) -> LogLine:
    """The record that a line tells.

    Raises:
        LogLineError: it is no JSON object, or a field has no sense.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LogLineError(f"no JSON: {error}") from None
    if not isinstance(told, dict):
        raise LogLineError("no JSON object")
    kind = told.get("kind", EventKind.TELEMETRY.value)
    if not isinstance(kind, str | None):
        raise LogLineError("kind is no text")
    is_control = kind in CONTROL_KINDS
    value = told.get("value", {} if kind == EventKind.TICK else None)
    key = told.get("key") or (None if is_control else _station(value))
    if not isinstance(key, str | None):
        raise LogLineError("key is no text")
    partition = _of_type(told, "partition", int, None)
    if partition is not None and not 0 <= partition < EVENT_PARTITIONS:
        raise LogLineError(f"partition {partition}: there are 0 to {EVENT_PARTITIONS - 1}")
    if key is None and is_control and partition is not None:
        key = control_key(partition)
    return LogLine(
        arrival=_of_type(told, "arrival", int),
        kind=kind,
        value=None if value is None else _bytes(value),
        key=None if key is None else key.encode(errors="surrogatepass"),
        partition=_home(key) if partition is None else partition,
        offset=_of_type(told, "offset", int, None),
        headers=_headers(told.get("headers", {})),
        is_keyless="key" in told and told["key"] is None,
    )


def _of_type(told: Mapping[str, Any], name: str, kind: type, *default: Any) -> Any:
    if name not in told and default:
        return default[0]
    value = told.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise LogLineError(f"{name} is {'missing' if name not in told else 'no ' + _WORDS[kind]}")
    return value


def _headers(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise LogLineError("headers are no object of texts")
    return given


def _station(value: object) -> str | None:
    """The station of a value, be it a text that is not quite JSON."""
    if isinstance(value, dict):
        station = value.get("station")
        return station if isinstance(station, str) and station else None
    found = _STATION.search(value) if isinstance(value, str) else None
    return None if found is None else found.group(1)


def _home(key: str | None) -> int | None:
    if key is None:
        return None
    control = _CONTROL.fullmatch(key)
    if control is not None and int(control.group(1)) < EVENT_PARTITIONS:
        return int(control.group(1))
    return partition_of(key.encode(errors="replace").decode())


def _bytes(value: object) -> bytes:
    """A text as it is (bytes that are no UTF-8 stand in it as surrogates), anything else as JSON."""
    if not isinstance(value, str):
        return _json(value).encode()
    try:
        return value.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")


def line_of(record: Record, arrival: int) -> str:
    """The line of a record of the log that arrived then (epoch ms, as the namespace's clock has it)."""
    told = texts(record.headers)
    implied = {"ce_specversion": "1.0", "ce_type": told.get("ce_type", ""), "ce_time": time_text(arrival)}
    headers = {"ce_time": "", **told}  # one that is missing cannot be read either
    line = {
        "arrival": arrival,
        "kind": told.get("ce_type"),
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "partition": record.partition,
        "offset": record.offset,
        "headers": {name: text for name, text in headers.items() if implied.get(name) != text},
        "value": _told(record.value),
    }
    return _json(line)


def arrival_of(record: Record, clock: ClockMode) -> int:
    """When a record arrived (epoch ms); if it does not say so under ``clock=log``: when it was appended."""
    if clock == "log":
        with suppress(ValueError):
            return time_ms(texts(record.headers).get("ce_time", ""))
    return record.timestamp


def _json(value: object) -> str:
    """JSON on one line, as it can be written in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isprintable() else json.dumps(value, separators=(",", ":"))


def _told(value: bytes | None) -> object:
    """As JSON, where that says the same byte for byte."""
    if value is None:
        return None
    text = value.decode(errors="surrogateescape")
    try:
        told = json.loads(text)
        same = _json(told) == text
    except (ValueError, RecursionError):
        return text
    return told if same and not isinstance(told, str) else text


@dataclass(frozen=True, slots=True)
class Survey:
    """What a log is about, before it is played.

    ``first``, ``last``: the span of its arrivals; ``epoch``: which log it is, if it says so.
    """

    stations: frozenset[str]
    lines: int
    first: int | None
    last: int | None
    epoch: str | None

    @classmethod
    def of(cls, lines: Iterable[LogLine]) -> "Survey":
        """Look through a log. A genesis begins the log, it has no time of its own."""
        stations: set[str] = set()
        first = last = epoch = None
        count = 0
        for line in lines:
            count += 1
            if line.kind == EventKind.GENESIS:
                epoch = epoch or _epoch(line.value)
                continue
            first = line.arrival if first is None else min(first, line.arrival)
            last = line.arrival if last is None else max(last, line.arrival)
            if line.station is not None:
                stations.add(line.station)
        return cls(frozenset(stations), count, first, last, epoch)


def _epoch(genesis: bytes | None) -> str | None:
    found = re.search(rb'"epoch"\s*:\s*"([0-9a-f-]{36})"', genesis or b"")
    return None if found is None else found.group(1).decode()
