"""A log written again elsewhere, byte for byte and offset for offset, whatever the broker does."""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import TopicName
from services.runtime.kafka import make_producer, reader
from services.runtime.settings import Settings

Log = Mapping[int, Sequence[ConsumerRecord]]
"""By partition: its records from offset 0 on, of which each has its own."""
Ends = Mapping[int, int]
AGAIN_S = 0.5


def by_partition(records: Sequence[ConsumerRecord]) -> Log:
    """The records of a topic without jumps."""
    found: dict[int, list[ConsumerRecord]] = {}
    for record in records:
        of_it = found.setdefault(record.partition, [])
        assert record.offset == len(of_it), "a copy would have other offsets"
        of_it.append(record)
    return found


async def copy(settings: Settings, topic: TopicName, log: Log, upto: Ends) -> None:
    """Write on until each partition ends there. After a failure the broker is asked how far it came."""
    name = topic.within(settings.namespace)
    while True:
        try:
            missing = {
                number: end - has for number, (has, end) in (await _ends(settings, name, upto)).items()
            }
            assert min(missing.values(), default=0) >= 0, f"somebody else wrote to {name}"
            if not any(missing.values()):
                return
            async with make_producer(settings, request_timeout_ms=10_000) as producer:
                for number, count in missing.items():
                    await _write(producer, name, log[number][upto[number] - count : upto[number]])
        except (KafkaError, TimeoutError, OSError):
            await asyncio.sleep(AGAIN_S)


async def _write(producer: AIOKafkaProducer, topic: str, records: Sequence[ConsumerRecord]) -> None:
    futures = [
        await producer.send(topic, it.value, key=it.key, partition=it.partition, headers=list(it.headers))
        for it in records
    ]
    await asyncio.gather(*futures)


async def _ends(settings: Settings, topic: str, upto: Ends) -> dict[int, tuple[int, int]]:
    """By partition: where it ends, and where it is to end."""
    async with asyncio.timeout(10), reader(settings.kafka_bootstrap) as consumer:
        found = await consumer.end_offsets([TopicPartition(topic, number) for number in upto])
    return {number: (found[TopicPartition(topic, number)], end) for number, end in upto.items()}
