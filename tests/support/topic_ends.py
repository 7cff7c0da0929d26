"""How much the topics of a namespace hold: tells a test what was written, and that nothing was."""

from aiokafka import TopicPartition

from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import reader
from services.runtime.settings import Settings

Ends = dict[tuple[str, int], int]


async def ends_of(settings: Settings) -> Ends:
    """The end of every partition of every topic that the namespace has: grows with whatever is written."""
    async with reader(settings.kafka_bootstrap) as consumer:
        existing = await consumer.topics()
        places = [
            TopicPartition(topic.name.within(settings.namespace), partition)
            for topic in TOPICS.values()
            for partition in range(topic.partitions)
            if topic.name.within(settings.namespace) in existing
        ]
        found = await consumer.end_offsets(places) if places else {}
    return {(place.topic, place.partition): end for place, end in found.items()}


def grown(settings: Settings, before: Ends, after: Ends) -> dict[TopicName, list[int]]:
    """By topic that grew: how many records each partition got."""
    more = {
        name: [
            after[name.within(settings.namespace), partition]
            - before[name.within(settings.namespace), partition]
            for partition in range(topic.partitions)
        ]
        for name, topic in TOPICS.items()
    }
    return {name: counts for name, counts in more.items() if any(counts)}
