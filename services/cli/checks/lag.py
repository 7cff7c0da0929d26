"""How far monitor and recorder are behind the ends of what they read, in records."""

from dataclasses import dataclass

from aiokafka import TopicPartition

from schemas.topics import TopicName
from services.runtime.following.lag import Extents, committed_by_monitor, extents_of
from services.runtime.kafka import reader
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings

STORED = (TopicName.ALERTS, TopicName.AGGREGATES, TopicName.OUTCOMES, TopicName.REJECTS)
"""Topics that the recorder empties continually (plans come once in a while)."""

LAG_WELL = 5_000
"""Records behind that are no cause for worry: a monitor commits at checkpoints, every 30 s."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Records not yet taken, by topic where there are any; ``begun`` False: nothing was ever taken."""

    by_topic: dict[str, int]
    begun: bool

    @property
    def total(self) -> int:
        """Of all topics."""
        return sum(self.by_topic.values())


async def monitor_lag(settings: Settings) -> Lag:
    """By the offsets that the monitor's group committed: it does so at each checkpoint."""
    spans = await _spans(settings, TopicName.EVENTS)
    taken = await committed_by_monitor(settings)
    return Lag(spans.lag(taken), begun=bool(taken))


async def recorder_lag(settings: Settings, connection: Connection) -> Lag:
    """By the offsets that the recorder keeps beside the rows they stand for."""
    rows = await connection.fetch(queries(__package__)["recorder_offsets"])
    places = [TopicPartition(f"{settings.namespace}.{row['topic']}", row["partition"]) for row in rows]
    taken = {place: row["next_offset"] for place, row in zip(places, rows, strict=True)}
    return Lag((await _spans(settings, *STORED)).lag(taken), begun=bool(taken))


async def _spans(settings: Settings, *topics: TopicName) -> Extents:
    async with reader(settings.kafka_bootstrap) as consumer:
        return await extents_of(consumer, settings, topics)
