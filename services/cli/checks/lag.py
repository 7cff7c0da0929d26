"""How far monitor and recorder are behind the ends of what they read, in records."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import TOPICS, TopicName
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import reader
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings

STORED = (TopicName.ALERTS, TopicName.AGGREGATES, TopicName.OUTCOMES, TopicName.REJECTS)
"""Topics that the recorder empties continually (plans come once in a while)."""

LAG_WELL = 5_000
"""Records behind that are no cause for worry: a monitor commits at checkpoints, every 30 s."""

Places = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Lag:
    """Records not yet taken, in all and per topic; ``begun`` False: nothing was ever taken."""

    by_topic: dict[str, int]
    begun: bool

    @property
    def total(self) -> int:
        """Of all topics."""
        return sum(self.by_topic.values())


async def monitor_lag(settings: Settings) -> Lag:
    """By the offsets that the monitor's group committed: it does so at each checkpoint."""
    async with reader(settings.kafka_bootstrap, group_id=f"{settings.namespace}.monitor") as consumer:
        places = await _places(consumer, settings, (TopicName.EVENTS,))
        committed = {place: await consumer.committed(place) for place in places}
        taken = {place: offset for place, offset in committed.items() if offset is not None}
        return await _lag(consumer, taken, places)


async def recorder_lag(settings: Settings, connection: Connection) -> Lag:
    """By the offsets that the recorder keeps beside the rows they stand for."""
    rows = await connection.fetch(queries(__package__)["recorder_offsets"])
    taken = {
        TopicPartition(TopicName(row["topic"]).within(settings.namespace), row["partition"]): row[
            "next_offset"
        ]
        for row in rows
    }
    async with reader(settings.kafka_bootstrap) as consumer:
        return await _lag(consumer, taken, await _places(consumer, settings, STORED))


async def _places(
    consumer: AIOKafkaConsumer, settings: Settings, topics: tuple[TopicName, ...]
) -> list[TopicPartition]:
    await ensure_topics(consumer, [topic.within(settings.namespace) for topic in topics])
    return [
        TopicPartition(topic.within(settings.namespace), number)
        for topic in topics
        for number in range(TOPICS[topic].partitions)
    ]


async def _lag(consumer: AIOKafkaConsumer, taken: Places, places: list[TopicPartition]) -> Lag:
    ends = await consumer.end_offsets(places)
    starts = await consumer.beginning_offsets(places)
    by_topic: dict[str, int] = {}
    for place in places:
        behind = ends[place] - max(taken.get(place, 0), starts[place])
        bare = place.topic.partition(".")[2]
        by_topic[bare] = by_topic.get(bare, 0) + max(0, behind)
    return Lag(by_topic, begun=bool(taken))
