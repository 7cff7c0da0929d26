"""What the broker sends is unpacked whatever it holds, with the client's own result where it has one."""

import pytest
from aiokafka.record.memory_records import MemoryRecords
from support.odd_records import BOMB, GZIP, LZ4, NONE, RawBatch, RawRecord, odd_headers

from schemas.headers import unreadable
from services.runtime.records.unpacking import AnyRecords

GOOD = [("ce_type", b"telemetry"), ("empty", b""), ("none", None)]


def packed(records: list[RawRecord], codec: int = NONE) -> bytes:
    """A batch as the broker would send it."""
    builder = RawBatch(2, codec, 0, -1, -1, -1, 1 << 30)
    for number, (key, value, headers) in enumerate(records):
        builder.append(number, 1_000 + number, key, value, list(headers))
    return bytes(builder.build())


def unpacked(data: bytes) -> list[tuple[object, ...]]:
    """Offset, time, key, value and headers of all records."""
    found, records = [], AnyRecords(data)
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += [(r.offset, r.timestamp, r.key, r.value, list(r.headers)) for r in batch]
    return found


@pytest.mark.parametrize("codec", [NONE, GZIP])
def test_readable_records_are_the_clients(codec: int) -> None:
    """Also without key, value or headers."""
    records: list[RawRecord] = [
        (b"k", b"v" * 300, GOOD),
        (None, b"v", []),
        (b"k", None, GOOD),
        (None, None, []),
    ]
    data = packed(records, codec)
    theirs = MemoryRecords(data).next_batch()
    assert unpacked(data) == [(r.offset, r.timestamp, r.key, r.value, r.headers) for r in theirs]


@pytest.mark.parametrize("codec", [NONE, GZIP])
@pytest.mark.parametrize("odd", odd_headers(GOOD).values(), ids=odd_headers(GOOD))
def test_odd_headers_cost_the_record_its_headers(odd: list[tuple[str, bytes | None]], codec: int) -> None:
    """Its neighbours, before and behind, in its batch and in the next, are as they were."""
    batch: list[RawRecord] = [(b"a", b"1", GOOD), (b"b", b"2", odd), (b"c", b"3", GOOD)]
    found = unpacked(packed(batch, codec) * 2)
    assert [one[0] for one in found] == [0, 1, 2] * 2
    assert [one[4] for one in found if one[2] != b"b"] == [GOOD] * 4
    told = [unreadable(one[4]) for one in found if one[2] == b"b"]  # type: ignore[arg-type]
    assert all(why and ("no UTF-8" in why or "headers; at most" in why) for why in told)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (packed([(b"k", bytes(BOMB), GOOD)], GZIP), "inflates to more than"),
        (packed([(b"k", b"v", GOOD)] * 5, LZ4), "compressed with lz4"),
    ],
    ids=["a bomb", "a compression that is not installed"],
)
def test_a_batch_that_cannot_be_inflated_is_one_record(data: bytes, why: str) -> None:
    """It stands at the batch's last offset, so that reading goes on behind it."""
    (_, last), following = (0, AnyRecords(data).next_batch().next_offset - 1), packed([(b"next", b"v", GOOD)])
    first, second = unpacked(data + following)
    assert first[0] == last
    assert why in (unreadable(first[4]) or "")  # type: ignore[arg-type]
    assert second[2] == b"next"
