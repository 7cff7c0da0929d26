"""Unpacks what the broker sends, whatever it holds: one record that cannot be read is one record.

The broker takes what the client's decoder raises on: a header whose name is no UTF-8, a batch in a
compression that is not installed here, one that inflates to gigabytes. The decoder would raise at every
start, in every reader, for ever. Here such a record is given without its headers, but with one that says
why (``schemas.headers.unreadable``), so that each reader refuses it like any other that it cannot read.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

from schemas.headers import FetchedHeaders, unreadable_headers

MAX_HEADERS = 1_000
"""More are none of ours, and each reader would walk through them several times."""
MAX_INFLATED_BYTES = 8 << 20
"""Of a compressed batch. No topic takes a record of more than 2 MiB."""
_LENGTH = struct.Struct(">i")
_LENGTH_AT, _BODY_AT, _RECORDS_AT = 8, 12, 61
_CODEC, _APPEND_TIME = 0x07, 0x08
_NOT_COMPRESSED, _GZIP = 0, 1
_CODECS = {2: "snappy", 3: "lz4", 4: "zstd"}


def take_any_record() -> None:
    """Have all consumers of this process unpack records as described above; idempotent.

    aiokafka has no setting for it: its fetcher finds the class by this name.
    """
    fetcher.MemoryRecords = AnyRecords


@dataclass(frozen=True, slots=True)
class FetchedRecord:
    """A record as the fetcher asks for it."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: FetchedHeaders
    checksum: None = None


class AnyRecords:
    """What a fetch has given of one partition: aiokafka's ``MemoryRecords``, with batches of our own."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._records = MemoryRecords(data)
        self._at = 0

    def size_in_bytes(self) -> int:
        """As the client asks for it."""
        return len(self._data)

    def has_next(self) -> bool:
        """Tells if there is another whole batch."""
        return bool(self._records.has_next())

    def next_batch(self) -> "AnyBatch":
        """The next batch."""
        begin = self._at
        self._at += _BODY_AT + _LENGTH.unpack_from(self._data, begin + _LENGTH_AT)[0]
        return AnyBatch(self._records.next_batch(), memoryview(self._data)[begin : self._at])


class AnyBatch:
    """A batch that gives each of its records, whatever one of them holds."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        """Its facts are the client's."""
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        """A control batch is asked for its only record."""
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        """The client's records as long as it can read them; from there on our own."""
        reached = -1
        if self._batch.compression_type == _NOT_COMPRESSED:
            try:
                for record in self._batch:
                    reached = record.offset
                    yield record if len(record.headers) <= MAX_HEADERS else _without_headers(record)
                return
            except (ValueError, CorruptRecordException):
                pass
        yield from (record for record in self._one_by_one() if record.offset > reached)

    def _one_by_one(self) -> Iterator[FetchedRecord]:
        """Slower, and forgiving. What follows a record of no sense is given as one record."""
        batch, at = self._batch, 0
        try:
            body = _plain(batch.compression_type, self._data[_RECORDS_AT:])
            while at < len(body):
                record, at = _record(batch, body, at)
                yield record
        except (ValueError, IndexError, zlib.error) as error:
            last = batch.next_offset - 1
            headers = unreadable_headers(f"a batch of records: {error}")
            yield FetchedRecord(last, batch.max_timestamp, batch.timestamp_type, None, None, headers)


def _without_headers(record: Any) -> FetchedRecord:
    headers = unreadable_headers(f"{len(record.headers)} headers; at most {MAX_HEADERS}")
    return FetchedRecord(
        record.offset, record.timestamp, record.timestamp_type, record.key, record.value, headers
    )


def _plain(codec: int, data: memoryview) -> bytes:
    """The records of a batch, inflated.

    Raises:
        ValueError: there are too many, or nothing here inflates them.
        zlib.error: they are no gzip.
    """
    if codec == _NOT_COMPRESSED:
        return bytes(data)
    if codec != _GZIP:
        raise ValueError(f"compressed with {_CODECS.get(codec, codec)}, which is not read here")
    inflater = zlib.decompressobj(wbits=31)
    plain = inflater.decompress(data, MAX_INFLATED_BYTES)
    if inflater.unconsumed_tail or not inflater.eof:
        raise ValueError(f"truncated, or inflates to more than {MAX_INFLATED_BYTES} bytes")
    return plain


def _record(batch: Any, body: bytes, at: int) -> tuple[FetchedRecord, int]:
    """The record at a place of a batch, and where the next one stands."""
    size, begin = decode_varint(body, at)
    end = begin + size
    if size <= 0 or end > len(body):
        raise ValueError(f"a record of {size} bytes")
    time_delta, at = decode_varint(body, begin + 1)  # behind a byte of attributes
    offset_delta, at = decode_varint(body, at)
    key, at = _bytes(body, at)
    value, at = _bytes(body, at)
    time = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + time_delta
    headers = _headers(body, at)
    return FetchedRecord(
        batch.base_offset + offset_delta, time, batch.timestamp_type, key, value, headers
    ), end


def _bytes(body: bytes, at: int) -> tuple[bytes | None, int]:
    size, at = decode_varint(body, at)
    if size < 0:
        return None, at
    if at + size > len(body):
        raise ValueError(f"a field of {size} bytes")
    return body[at : at + size], at + size


def _headers(body: bytes, at: int) -> FetchedHeaders:
    """A record's headers; when they cannot be told, one that says so."""
    count, at = decode_varint(body, at)
    if count > MAX_HEADERS:
        return unreadable_headers(f"{count} headers; at most {MAX_HEADERS}")
    headers: FetchedHeaders = []
    for _ in range(count):
        name, at = _bytes(body, at)
        value, at = _bytes(body, at)
        try:
            headers.append(((name or b"").decode(), value))
        except UnicodeDecodeError:
            return unreadable_headers(f"a header's name is no UTF-8: {(name or b'')[:40]!r}")
    return headers
