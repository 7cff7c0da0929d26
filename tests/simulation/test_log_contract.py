"""What the log in memory shares with the real broker, by our ways onto it: ``make_producer``, ``reader``."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError
from simulation.servers.log import MemoryLog
from simulation.servers.standing_in import clients, standing_in
from support.namespaces import new_namespace

from services.runtime.kafka import make_producer, read_all, reader
from services.runtime.settings import Settings

ALL = {"isolation_level": "read_uncommitted"}
HEADERS = [("ce_type", b"any"), ("epoch", b"1")]
WITHIN_S = 20.0
MEMORY, KAFKA = "memory", "kafka"


@dataclass(frozen=True)
class Broker:
    """A broker with one new topic of two partitions."""

    settings: Settings
    topic: str
    delete_before: Callable[[TopicPartition, int], Any]

    @property
    def place(self) -> TopicPartition:
        """The partition that is written to."""
        return TopicPartition(self.topic, 1)

    def reading(self, **options: Any) -> Any:
        """A consumer."""
        return reader(self.settings.kafka_bootstrap, **options)

    async def write(self, *values: bytes) -> list[int]:
        """Records without a transaction; their offsets."""
        async with make_producer(self.settings) as producer:
            sent = [
                await producer.send(self.topic, it, key=b"k", partition=1, headers=HEADERS) for it in values
            ]
            return [(await future).offset for future in sent]

    async def values(self, **options: Any) -> list[bytes]:
        """What a consumer finds from the beginning."""
        async with self.reading(**options) as consumer:
            return [it.value async for records in read_all(consumer, [self.place]) for it in records]


@pytest.fixture(params=[MEMORY, KAFKA])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    """The fake, and the real one."""
    if request.param == MEMORY:
        log = MemoryLog()
        log.create("memory.contract", 2)
        with standing_in(clients(log)):
            settings = _settings("memory", "memory:9092")
            yield Broker(settings, "memory.contract", _at_once(log.delete_before))
        return
    namespace = new_namespace()
    topic = f"{namespace}.contract"
    settings = _settings(namespace, os.environ["MIYUN_KAFKA_BOOTSTRAP"])
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
        yield Broker(settings, topic, lambda at, offset: admin.delete_records({at: RecordsToDelete(offset)}))
    finally:
        await admin.close()


def _settings(namespace: str, bootstrap: str) -> Settings:
    return Settings(_env_file=None, namespace=namespace, kafka_bootstrap=bootstrap)  # type: ignore[call-arg]


def _at_once(work: Callable[..., object]) -> Callable[..., Any]:
    async def done(*arguments: Any) -> None:
        work(*arguments)

    return done


async def test_records_come_as_they_were_sent(broker: Broker) -> None:
    """Key, value, headers, the order of the offsets; the other partition stays empty."""
    assert await broker.write(b"a", b"b", b"c") == [0, 1, 2]
    other = TopicPartition(broker.topic, 0)
    async with broker.reading() as consumer:
        assert broker.topic in await consumer.topics()
        assert await consumer.end_offsets([broker.place, other]) == {broker.place: 3, other: 0}
        assert await consumer.beginning_offsets([broker.place]) == {broker.place: 0}
        found = [it async for records in read_all(consumer, [broker.place]) for it in records]
    assert [(it.offset, it.key, it.value) for it in found] == [
        (0, b"k", b"a"),
        (1, b"k", b"b"),
        (2, b"k", b"c"),
    ]
    for it in found:
        assert isinstance(it, ConsumerRecord)
        assert (it.topic, it.partition, it.key, list(it.headers)) == (*broker.place, b"k", HEADERS)
        assert it.timestamp > 0


async def test_a_batch_takes_what_it_has_room_for(broker: Broker) -> None:
    """One future stands for all its records; a full or closed one takes none; an empty one takes any."""
    async with make_producer(broker.settings) as producer:
        batch = producer.create_batch()
        taken = 0
        while _append(batch, b"x" * 10_000):
            taken += 1
        assert 20 < taken < 30, "a quarter of a mebibyte"
        large = producer.create_batch()
        assert _append(large, b"x" * 400_000)
        large.close()
        assert not _append(large, b"x")
        first = await producer.send_batch(batch, broker.topic, partition=1)
        second = await producer.send_batch(large, broker.topic, partition=1)
        assert [(await first).offset, (await second).offset] == [0, taken]
    assert len(await broker.values()) == taken + 1


def _append(batch: Any, value: bytes) -> bool:
    return batch.append(timestamp=None, key=b"k", value=value, headers=HEADERS) is not None


async def test_a_transaction_counts_once_it_is_committed(broker: Broker) -> None:
    """Until then its records hold up what is stable, for others' records, too; its end takes an offset."""
    await broker.write(b"before")
    under = make_producer(broker.settings, transactional_id=f"{broker.topic}.t")
    async with under as producer, producer.transaction():
        await (await producer.send(broker.topic, b"inside", key=b"k", partition=1))
        await broker.write(b"beside")
        assert await broker.values() == [b"before"]
        assert await broker.values(**ALL) == [b"before", b"inside", b"beside"]
        async with broker.reading() as committed, broker.reading(**ALL) as everything:
            assert await committed.end_offsets([broker.place]) == {broker.place: 1}
            assert await everything.end_offsets([broker.place]) == {broker.place: 3}
    assert await broker.values() == [b"before", b"inside", b"beside"]
    assert await broker.write(b"after") == [4]


async def test_an_aborted_transaction_leaves_only_offsets(broker: Broker) -> None:
    """A reader of what is committed moves over them; one of everything sees its records."""
    async with make_producer(broker.settings, transactional_id=f"{broker.topic}.t") as producer:
        with suppress(ZeroDivisionError):
            async with producer.transaction():
                await (await producer.send(broker.topic, b"inside", key=b"k", partition=1))
                raise ZeroDivisionError
        async with producer.transaction():
            pass  # nothing was sent: it has no end that takes an offset
    assert await broker.values() == []
    assert await broker.values(**ALL) == [b"inside"]
    async with broker.reading() as consumer:
        consumer.assign([broker.place])
        consumer.seek(broker.place, 0)
        async with asyncio.timeout(WITHIN_S):
            while await consumer.position(broker.place) < 2:
                assert await consumer.getmany(timeout_ms=100) == {}


async def test_whoever_takes_a_transactional_id_fences_the_one_before(broker: Broker) -> None:
    """What that had begun is aborted, and it can write no more, in whatever it was; the new one can."""
    first, second, third = (
        make_producer(broker.settings, transactional_id=f"{broker.topic}.t") for _ in range(3)
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(first)
        await first.begin_transaction()
        await (await first.send(broker.topic, b"first", key=b"k", partition=1))
        await stack.enter_async_context(second)
        async with broker.reading() as consumer:
            assert await consumer.end_offsets([broker.place]) == {broker.place: 2}
        with pytest.raises(KafkaError):
            await first.commit_transaction()
        await _in_transaction(second, broker, b"second")
        await stack.enter_async_context(third)
        with pytest.raises(KafkaError):
            await _in_transaction(second, broker, b"zombie")
        await _in_transaction(third, broker, b"third")
    assert await broker.values() == [b"second", b"third"]


async def _in_transaction(producer: Any, broker: Broker, value: bytes) -> None:
    async with producer.transaction():
        await (await producer.send(broker.topic, value, key=b"k", partition=1))


async def test_a_consumer_reads_where_it_is_told(broker: Broker) -> None:
    """At most so many records, from where it was sought, and on from there."""
    await broker.write(*(b"%d" % number for number in range(10)))
    async with broker.reading() as consumer:
        consumer.assign([broker.place])
        consumer.seek(broker.place, 4)
        assert await consumer.position(broker.place) == 4
        found: list[bytes] = []
        async with asyncio.timeout(WITHIN_S):
            while len(found) < 6:
                records = (await consumer.getmany(timeout_ms=500, max_records=2)).get(broker.place, [])
                assert len(records) <= 2
                found += [it.value for it in records]
        assert found == [b"4", b"5", b"6", b"7", b"8", b"9"]
        assert await consumer.position(broker.place) == 10
        assert set(consumer.assignment()) == {broker.place}
        with pytest.raises(IllegalStateError):
            consumer.seek(TopicPartition(broker.topic, 0), 0)


async def test_a_beginning_that_is_deleted_is_said(broker: Broker) -> None:
    """By the first offset that is kept; who reads before it is told, or begins there."""
    await broker.write(b"a", b"b", b"c")
    await broker.delete_before(broker.place, 2)
    assert await broker.values() == [b"c"]
    async with broker.reading(auto_offset_reset="none") as consumer:
        assert await consumer.beginning_offsets([broker.place]) == {broker.place: 2}
        with pytest.raises(OffsetOutOfRangeError):
            await _first(consumer, broker.place)
    async with broker.reading() as consumer:
        assert await _first(consumer, broker.place) == b"c"


async def _first(consumer: AIOKafkaConsumer, place: TopicPartition) -> bytes:
    consumer.assign([place])
    consumer.seek(place, 0)
    async with asyncio.timeout(WITHIN_S):
        while True:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                value: bytes = records[0].value
                return value


async def test_a_group_keeps_offsets(broker: Broker) -> None:
    """Of each partition the last that was committed; none before."""
    await broker.write(b"a")
    for expected, committed in ((None, 1), (1, 0)):
        async with broker.reading(group_id=f"{broker.topic}.group") as consumer:
            consumer.assign([broker.place])
            assert await consumer.committed(broker.place) == expected
            await consumer.commit({broker.place: committed})
    async with broker.reading(group_id=f"{broker.topic}.group") as consumer:
        consumer.assign([broker.place])
        assert await consumer.committed(broker.place) == 0
