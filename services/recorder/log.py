"""The output topics as the recorder reads them: where to begin, and batches from there on."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from schemas.topics import MIB, TopicName
from schemas.topics import TOPICS as CATALOGUE
from services.recorder.entries import TOPICS, origin_of
from services.recorder.positions import Place, Stored
from services.runtime import metrics
from services.runtime.kafka import read_range, reader
from services.runtime.positions import AnotherLogError, Position
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

BATCH_RECORDS = 2_000
BATCH_BYTES = 8 * MIB
BATCH_WITHIN_S = 0.2
"""A batch that is not full is stored after this long."""
READ_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Spans:
    """First and end offsets of all partitions."""

    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]


def partitions(namespace: str) -> dict[Place, TopicPartition]:
    """All partitions of what is stored."""
    return {
        (topic, number): TopicPartition(topic.within(namespace), number)
        for topic in TOPICS
        for number in range(CATALOGUE[topic].partitions)
    }


def make_consumer(settings: Settings) -> AIOKafkaConsumer:
    """A consumer without a group: positions live in the database. A lost position is an error."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_bytes=8 * MIB,
        max_partition_fetch_bytes=2 * MIB,
    )


async def starts(settings: Settings, stored: Stored) -> dict[TopicPartition, int]:
    """Where to read on, after checking that the log is the one that was stored.

    Raises:
        AnotherLogError: it is not.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    places = partitions(settings.namespace)
    spans, last = await _look(settings, stored)
    for (topic, number), why in _contradictions(places, stored, spans, last).items():
        raise AnotherLogError(
            f"table consumer_offsets says that topic {topic}, partition {number} is stored up to offset"
            f" {stored[topic, number].next}, but {why}: this is another log. If that is meant, have it read"
            " from its start: miyun recorder adopt"
        )
    begun = {tp: stored[place].next if place in stored else 0 for place, tp in places.items()}
    for tp, start in begun.items():
        _warn_of_gap(tp, start, spans.begins[tp])
    return {tp: max(start, spans.begins[tp]) for tp, start in begun.items()}


async def contradictions(settings: Settings, stored: Stored) -> dict[Place, str]:
    """By what the log differs from the one that was stored; nothing: it is the same.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    spans, last = await _look(settings, stored)
    return _contradictions(partitions(settings.namespace), stored, spans, last)


async def _look(settings: Settings, stored: Stored) -> tuple[Spans, dict[TopicPartition, ConsumerRecord]]:
    """Where the topics begin and end, and the records that were stored last."""
    places = partitions(settings.namespace)
    known = {places[place]: position for place, position in stored.items() if place in places}
    tps = list(places.values())
    async with reader(settings.kafka_bootstrap) as consumer:
        spans = Spans(await consumer.beginning_offsets(tps), await consumer.end_offsets(tps))
        return spans, await _last_stored(consumer, known, spans)


def _contradictions(
    places: Mapping[Place, TopicPartition],
    stored: Stored,
    spans: Spans,
    last: Mapping[TopicPartition, ConsumerRecord],
) -> dict[Place, str]:
    found = {
        place: _contradiction(position, last.get(tp), spans.ends[tp])
        for place, tp in places.items()
        if (position := stored.get(place)) is not None
    }
    return {place: why for place, why in found.items() if why is not None}


async def _last_stored(
    consumer: AIOKafkaConsumer, known: Mapping[TopicPartition, Position], spans: Spans
) -> dict[TopicPartition, ConsumerRecord]:
    """The records that were stored last, as far as the broker has them still."""
    ends = {tp: min(position.next, spans.ends[tp]) for tp, position in known.items()}
    first = {tp: max(end - 1, spans.begins[tp]) for tp, end in ends.items()}
    wanted = {tp: end for tp, end in ends.items() if not _is_compacted(tp)}
    found: dict[TopicPartition, ConsumerRecord] = {}
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for records in read_range(consumer, wanted, starts=first):
                found |= {TopicPartition(record.topic, record.partition): record for record in records}
    except TimeoutError:
        raise KafkaTimeoutError("the broker does not give the records that were stored last") from None
    return found


def _is_compacted(tp: TopicPartition) -> bool:
    """Compaction may take the last record stored; parts of plans name what they are anyway."""
    return CATALOGUE[TopicName(tp.topic.partition(".")[2])].compacted


def _contradiction(position: Position, last: ConsumerRecord | None, end: int) -> str | None:
    """Why this cannot be the log that was stored; None: nothing speaks against it."""
    if position.next > end:
        return f"the broker has only {end} records"
    if last is None or last.offset != position.next - 1:
        return None
    found = origin_of(last)
    if found.epoch != position.epoch:
        return f"the record before it is of epoch {found.epoch!r}, not {position.epoch!r}"
    if found.ce_id != position.ce_id:
        return f"the record before it is {found.ce_id!r}, not {position.ce_id!r}"
    return None


def _warn_of_gap(tp: TopicPartition, start: int, begin: int) -> None:
    if begin <= start:
        return
    metrics.LOST.labels(tp.topic.partition(".")[2]).inc(begin - start)
    log.warning(
        "records were deleted by the broker before they were stored",
        extra={"topic": tp.topic, "partition": tp.partition, "records": begin - start},
    )


async def next_batch(consumer: AIOKafkaConsumer, *, wait_s: float) -> list[ConsumerRecord]:
    """The next records, each partition's in order; none came within ``wait_s``: an empty list."""
    clock = asyncio.get_running_loop().time
    batch: list[ConsumerRecord] = []
    size, until = 0, clock() + wait_s
    while (left := until - clock()) > 0 and len(batch) < BATCH_RECORDS and size < BATCH_BYTES:
        fetched = await consumer.getmany(timeout_ms=int(left * 1000), max_records=BATCH_RECORDS - len(batch))
        for records in fetched.values():
            if not batch:
                until = clock() + BATCH_WITHIN_S
            batch.extend(records)
            size += sum(len(record.value or b"") for record in records)
    return batch
