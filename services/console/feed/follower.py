"""Keeps the feed up with the topic ``alerts``, also when the broker goes away for a while."""

import asyncio
import logging
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas.alerts import ALERT
from schemas.headers import header
from schemas.topics import TOPICS, TopicName
from services.console.feed.feed import Feed
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import NamespaceError, reader
from services.runtime.settings import Settings

log = logging.getLogger(__name__)
PAUSE_S = 1.0
POLL_MS = 500


@dataclass(slots=True)
class Follower:
    """``caught_up``: the feed holds everything that stood on the topic when we began."""

    settings: Settings
    feed: Feed
    caught_up: bool = False

    async def run(self) -> None:
        """Follow for ever."""
        said = ""
        while True:
            try:
                async with reader(self.settings.kafka_bootstrap) as consumer:
                    await self._follow(consumer)
            except (KafkaError, NamespaceError, OSError) as error:
                if str(error) != said:
                    log.warning("the topic of alerts cannot be followed", extra={"reason": error})
                said = str(error)
            await asyncio.sleep(PAUSE_S)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        topic = TopicName.ALERTS.within(self.settings.namespace)
        await ensure_topics(consumer, [topic])
        places = [TopicPartition(topic, number) for number in range(TOPICS[TopicName.ALERTS].partitions)]
        ends = await consumer.end_offsets(places)
        starts = await consumer.beginning_offsets(places)
        consumer.assign(places)
        for place, start in starts.items():
            consumer.seek(place, start)  # what was shown before is known by its seq
        while True:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    if header(record.headers, "ce_type") == "alert":
                        self._take(record.value)
                await asyncio.sleep(0)
            if not self.caught_up:
                at = [await consumer.position(place) for place in places]
                self.caught_up = all(
                    position >= ends[place] for place, position in zip(places, at, strict=True)
                )

    def _take(self, value: bytes) -> None:
        try:
            self.feed.take(ALERT.validate_json(value))
        except ValidationError as error:
            log.warning("an alert cannot be read", extra={"errors": error.error_count()})
