"""Records written in transactions, which leave offsets without a record, and records that no client reads."""

import gzip
import struct
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from schemas.headers import Headers
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings


class RawName(str):
    """A header's name that is sent as these bytes, whatever they are."""

    raw: bytes

    def __new__(cls, raw: bytes) -> "RawName":
        """A text that stands for the bytes."""
        made = super().__new__(cls, repr(raw))
        made.raw = raw
        return made

    def encode(self, *_: Any, **__: Any) -> bytes:
        """The bytes."""
        return self.raw


async def in_transaction(settings: Settings, topic: str, records: Iterable[Any], *, commit: bool) -> None:
    """Write records (key, value, headers, partition) as one transaction, and end it."""
    producer = make_producer(settings, transactional_id=f"test-{uuid4()}")
    async with producer:
        await producer.begin_transaction()
        for one in records:
            await producer.send_and_wait(
                topic, one.value, key=one.key, headers=one.headers, partition=one.partition
            )
        if commit:
            await producer.commit_transaction()
        else:
            await producer.abort_transaction()


NONE, GZIP, LZ4 = 0, 1, 3
BOMB = 100 << 20
"""Bytes of a value that fits into a record once it is compressed."""
RawRecord = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]
"""Key, value, headers."""


class RawBatch(_DefaultRecordBatchBuilderPy):  # type: ignore[misc]  # final for type checkers alone
    """Python's builder, which asks a name for its bytes; it compresses without a library."""

    def _maybe_compress(self) -> bool:
        size = self.HEADER_STRUCT.size
        data = bytes(self._buffer[size:])
        if self._compression_type == GZIP:
            self._buffer[size:] = gzip.compress(data)
        elif self._compression_type == LZ4:
            self._buffer[size:] = _lz4_frame(data)
        return True


def _lz4_frame(data: bytes) -> bytes:
    """One block of less than 64 kB, not compressed at all."""
    return bytes.fromhex("04224d18604082") + struct.pack("<I", len(data) | 1 << 31) + data + bytes(4)


def raw_producer(settings: Settings) -> AIOKafkaProducer:
    """An idempotent one would insist on the client's own builder."""
    return make_producer(settings, enable_idempotence=False)


async def send_raw(
    producer: AIOKafkaProducer,
    topic: str,
    records: Iterable[RawRecord],
    *,
    partition: int,
    codec: int = NONE,
) -> None:
    """Write records as one batch."""
    batch = producer.create_batch()
    builder = batch._builder = RawBatch(2, codec, 0, -1, -1, -1, 1 << 30)
    for number, (key, value, headers) in enumerate(records):
        assert builder.append(number, None, key, value, list(headers)) is not None
        batch._relative_offset += 1
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))


BAD_NAMES = (b"\xff", b"ce_type\xff", b"\xc3\x28", b"\xed\xa0\x80", b"a\xfe" * 300)


def odd_headers(good: Headers) -> dict[str, list[tuple[str, bytes | None]]]:
    """Headers that no client's decoder, or no reader, was made for, beside good ones."""
    named = {f"a name of {raw[:8]!r}": [*good, (RawName(raw), b"x")] for raw in BAD_NAMES}
    return {
        **named,
        "a bad name alone": [(RawName(b"\xff"), None)],
        "a bad name before": [(RawName(b"\xff"), b""), *good],
        "a hundred thousand": [*good, *[("h", None)] * 100_000],
    }


async def send_odd(
    settings: Settings,
    topic: str,
    *,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    partition: int,
) -> int:
    """Write a record with each sort of odd headers, one batch that inflates without end, and one in LZ4.

    Returns:
        How many records of it a reader meets, none of which it can read.
    """
    odd = [(key, value, sort) for sort in odd_headers(headers).values()]
    async with raw_producer(settings) as producer:
        for record in odd:
            no_value = (key, None, [(RawName(b"\xff"), b"")])
            await send_raw(producer, topic, [no_value, record], partition=partition)
        await send_raw(producer, topic, odd, partition=partition, codec=GZIP)
        await send_raw(producer, topic, [(key, bytes(BOMB), headers)], partition=partition, codec=GZIP)
        await send_raw(producer, topic, [(key, value, headers)] * 3, partition=partition, codec=LZ4)
    return 3 * len(odd) + 2
