"""The topic ``alerts`` as a terminal follows it: what stands open now, then every transition."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.alerts import ALERT, Alert
from schemas.headers import header
from schemas.topics import TOPICS, TopicName
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import read_range, reader
from services.runtime.settings import Settings

ALERT_KIND = "alert"
"""``ce_type`` of a snapshot; the other kind on the topic is the census."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A transition as it stands on the topic. ``raw`` is the record's JSON."""

    alert: Alert
    raw: bytes


@dataclass(slots=True)
class AlertsTopic:
    """Reads the topic once to its end of now, then follows it; each (alert, ``seq``) comes once."""

    consumer: AIOKafkaConsumer
    ends: dict[TopicPartition, int]
    _seen: dict[str, int] = field(default_factory=dict)
    """By alert id: the largest ``seq`` that was given out."""

    async def history(self) -> list[Snapshot]:
        """Every transition up to the end of now, in the order in which they were detected."""
        return sorted([one async for one in self._past()], key=lambda one: one.alert.timeline[-1].detected_at)

    async def open_alerts(self) -> list[Snapshot]:
        """The newest snapshot of each alert that is open now, in order of its last transition."""
        newest: dict[str, Snapshot] = {}
        for one in await self.history():
            newest[one.alert.alert_id] = one
        found = [one for one in newest.values() if one.alert.closed_at is None]
        return sorted(found, key=lambda one: one.alert.timeline[-1].detected_at)

    async def follow(self) -> AsyncGenerator[Snapshot, None]:
        """What comes after, for ever."""
        self.consumer.assign(list(self.ends))
        for place, end in self.ends.items():
            self.consumer.seek(place, end)
        while True:
            for records in (await self.consumer.getmany(timeout_ms=500)).values():
                for one in self._new(records):
                    yield one

    async def _past(self) -> AsyncIterator[Snapshot]:
        starts = await self.consumer.beginning_offsets(list(self.ends))
        async for records in read_range(self.consumer, self.ends, starts=starts):
            for one in self._new(records):
                yield one
            await asyncio.sleep(0)

    def _new(self, records: Iterable[ConsumerRecord]) -> Iterable[Snapshot]:
        for record in records:
            if header(record.headers, "ce_type") != ALERT_KIND:
                continue
            alert = ALERT.validate_json(record.value)
            if alert.seq > self._seen.get(alert.alert_id, -1):
                self._seen[alert.alert_id] = alert.seq
                yield Snapshot(alert, record.value)


@asynccontextmanager
async def alerts_topic(settings: Settings) -> AsyncIterator[AlertsTopic]:
    """The namespace's ``alerts``, with the end of now remembered.

    Raises:
        NamespaceError: the namespace has no such topic.
    """
    topic = TopicName.ALERTS.within(settings.namespace)
    async with reader(settings.kafka_bootstrap) as consumer:
        await ensure_topics(consumer, [topic])
        places = [TopicPartition(topic, number) for number in range(TOPICS[TopicName.ALERTS].partitions)]
        yield AlertsTopic(consumer, await consumer.end_offsets(places))
