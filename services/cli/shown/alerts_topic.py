"""The topic ``alerts`` as a terminal follows it: what stands open now, then every transition."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.alerts import Alert
from schemas.outputs import decode
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.cli.shown.words import TAIL
from services.runtime import screen
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import partitions_of, read_range, reader
from services.runtime.settings import Settings
from services.runtime.words import REJECT, Language, sentence


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
    language: Language
    """Of what is said about records that cannot be read."""
    _seen: dict[str, int] = field(default_factory=dict)
    """By alert id: the largest ``seq`` that was given out."""
    _refused: set[str] = field(default_factory=set)
    """Reasons for which a record could not be read: each is said once."""

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
            output = decode(record)
            match output.body:
                case Alert() as alert if alert.seq > self._seen.get(alert.alert_id, -1):
                    self._seen[alert.alert_id] = alert.seq
                    yield Snapshot(alert, record.value)
                case Rejection(reason=reason, detail=detail) if reason not in self._refused:
                    self._refused.add(reason)
                    place = {"partition": record.partition, "offset": record.offset}
                    told = sentence(TAIL, "unread", reason=REJECT.get(reason, reason), detail=detail, **place)
                    screen.show(screen.text(told[self.language]), to_stderr=True, whole=True)


@asynccontextmanager
async def alerts_topic(settings: Settings, language: Language) -> AsyncIterator[AlertsTopic]:
    """The namespace's ``alerts``, with the end of now remembered.

    Raises:
        NamespaceError: the namespace has no such topic.
    """
    topic = TopicName.ALERTS.within(settings.namespace)
    async with reader(settings.kafka_bootstrap) as consumer:
        await ensure_topics(consumer, [topic])
        ends = await consumer.end_offsets(partitions_of(settings.namespace, TopicName.ALERTS))
        yield AlertsTopic(consumer, ends, language)
