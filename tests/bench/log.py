"""Namespaces of the measurements on the tests' broker and database: filled, counted, and taken away again."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from bench.city import found
from bench.frames import START_MS, Frames, history
from support.namespaces import new_namespace

from schemas.base import ClockMode
from schemas.headers import header
from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import make_producer, read_all, reader, wait_for_broker
from services.runtime.outgoing import Outgoing
from services.runtime.postgres import connect
from services.runtime.settings import Settings
from services.streaming.batches import Batches

SAY_EVERY_RECORDS = 100_000
BROKER_BACK_WITHIN_S = 60.0
"""Others may stop the broker for a while; we leave nothing behind all the same."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A namespace with a log, and what was written there beside its beginning."""

    settings: Settings
    frames: int
    input_bytes: int
    """Values, keys and headers of all records."""


def say(words: str) -> None:
    """Progress, shown at once."""
    print(f"  {words}", flush=True)


@contextmanager
def namespace(folder: Path, clock: ClockMode) -> Iterator[Settings]:
    """Settings of a new namespace with keys of its own; its topics and schema go at the end."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace=new_namespace(),
        clock=clock,
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        keys_dir=folder / "keys",
        state_dir=folder / "state",
    )
    try:
        yield settings
    finally:
        asyncio.run(_take_away(settings))


async def fill(settings: Settings, frames: int) -> Filled:
    """A log of the plan and ``frames`` frames with their ticks."""
    await found(settings, START_MS - 1_000)
    written = size = 0
    records = history(Frames(), frames)
    async with make_producer(settings) as producer:
        batches = Batches(producer, settings.namespace)
        while chunk := list(islice(records, 5_000)):
            await batches.put(chunk)
            size += sum(map(_size, chunk))
            written += len(chunk)
            if written % SAY_EVERY_RECORDS < len(chunk):
                say(f"{written} records written, {size / 1e6:.0f} MB")
        await batches.settle()
    return Filled(settings, frames, size)


async def stored(settings: Settings, topic: TopicName) -> AsyncIterator[ConsumerRecord]:
    """All records of a topic."""
    name = topic.within(settings.namespace)
    places = [TopicPartition(name, partition) for partition in range(TOPICS[topic].partitions)]
    async with reader(settings.kafka_bootstrap) as consumer:
        async for records in read_all(consumer, places):
            for record in records:
                yield record


async def size_of(settings: Settings, topic: TopicName) -> int:
    """Bytes of keys and values that a topic holds."""
    return sum([len(r.key or b"") + len(r.value or b"") async for r in stored(settings, topic)])


async def ends_of(settings: Settings, topics: tuple[TopicName, ...]) -> int:
    """How many records were ever written to the topics."""
    places = [
        TopicPartition(topic.within(settings.namespace), partition)
        for topic in topics
        for partition in range(TOPICS[topic].partitions)
    ]
    async with reader(settings.kafka_bootstrap) as consumer:
        return sum((await consumer.end_offsets(places)).values())


async def latencies_ms(settings: Settings, from_ms: int) -> list[int]:
    """Append time of each alert less that of its event, sorted; of events from ``from_ms`` on."""
    appended = {(r.partition, r.offset): r.timestamp async for r in stored(settings, TopicName.EVENTS)}
    found = []
    async for record in stored(settings, TopicName.ALERTS):
        if header(record.headers, "ce_type") != "alert":
            continue
        place = header(record.headers, "src_partition"), header(record.headers, "src_offset")
        event_ms = appended[int(place[0] or -1), int(place[1] or -1)]
        if event_ms >= from_ms:
            found.append(record.timestamp - event_ms)
    return sorted(found)


async def _take_away(settings: Settings) -> None:
    await wait_for_broker(settings.kafka_bootstrap, timeout_s=BROKER_BACK_WITHIN_S)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        ours = [name for name in await admin.list_topics() if name.startswith(f"{settings.namespace}.")]
        if ours:
            await admin.delete_topics(ours)
    finally:
        await admin.close()
    connection = await connect(settings)
    try:
        await connection.execute(f'DROP SCHEMA IF EXISTS "{settings.namespace}" CASCADE')
    finally:
        await connection.close()


def _size(record: Outgoing) -> int:
    headers = sum(len(name) + len(text) for name, text in record.headers)
    return len(record.key) + len(record.value or b"") + headers
