"""Keeps the feed up with the topic ``alerts``, also when the broker goes away for a while."""

import asyncio
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.alerts import Alert
from schemas.topics import TopicName
from services.console.feed.feed import Feed
from services.runtime.commanding import ensure_topics
from services.runtime.following.reader import TopicReader, sessions
from services.runtime.kafka import partitions_of, reader
from services.runtime.settings import Settings

PAUSE_S = 1.0
POLL_MS = 500


@dataclass(slots=True)
class Follower:
    """``caught_up``: the feed holds everything that stood on the topic when we began."""

    settings: Settings
    feed: Feed
    caught_up: bool = False
    reader: TopicReader = field(init=False)

    def __post_init__(self) -> None:
        """It keeps no positions: the feed is read anew from the topic's start."""
        self.reader = TopicReader(settings=self.settings, name="console", topics=(TopicName.ALERTS,))

    async def run(self) -> None:
        """Follow for ever."""
        await sessions(self.reader, self._session, longest_pause_s=PAUSE_S)

    async def _session(self) -> None:
        async with reader(self.settings.kafka_bootstrap) as consumer:
            tps = partitions_of(self.settings.namespace, *self.reader.topics)
            await ensure_topics(consumer, [tps[0].topic])
            await self._follow(consumer, tps)

    async def _follow(self, consumer: AIOKafkaConsumer, tps: list[TopicPartition]) -> None:
        ends = await consumer.end_offsets(tps)
        starts = await consumer.beginning_offsets(tps)
        consumer.assign(tps)
        for tp, start in starts.items():
            consumer.seek(tp, start)  # what was shown before is known by its seq
        self.reader.waiting = None
        while True:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    alert = self.reader.unreadable.read(record)
                    if isinstance(alert, Alert):
                        self.feed.take(alert)
                await asyncio.sleep(0)
            if not self.caught_up:
                at = [await consumer.position(tp) for tp in tps]
                self.caught_up = all(position >= ends[tp] for tp, position in zip(tps, at, strict=True))
