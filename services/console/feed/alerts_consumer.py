"""Keeps the feed up with the topic ``alerts``, also when the broker goes away for a while.

It begins with what the recorder has stored, and follows the topic from the offsets stored with that: alerts
whose records the broker has deleted are open all the same.
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
from time import monotonic

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from schemas.alerts import Alert, Census, CensusPart, Judged
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.console.feed.feed import Feed
from services.console.feed.stored_alerts import OFFSETS, StoredAlerts, has_tables, stored_alerts
from services.runtime.following.judged import FRESH_WITHIN_S, Heard
from services.runtime.following.lag import extents_of
from services.runtime.following.offsets import LogCompared, PartitionName, compare, name_of, position_after
from services.runtime.following.orphans import source_of
from services.runtime.following.positions import Position
from services.runtime.following.reader import TopicReader, sessions
from services.runtime.kafka import reader
from services.runtime.postgres import Pool
from services.runtime.settings import Settings

log = logging.getLogger(__name__)
PAUSE_S = 1.0
POLL_MS = 500
AT_ONCE = 500
"""Records that are taken before others have their turn."""
NOTE_EVERY_S = 1.0
ANSWER_WITHIN_S = 4.0
BOOT_BYTES = 4


@dataclass(frozen=True, slots=True)
class NotedEnds:
    """Where the topic ended at an instant (monotonic seconds)."""

    at_s: float
    ends: dict[TopicPartition, int]


@dataclass(slots=True)
class AlertsConsumer:
    """``caught_up``: the feed holds everything that stood on the topic when we began.

    ``judged``: what was said last of each partition of ``events``. ``began_s`` (monotonic seconds): since
    when we can have heard of all.
    """

    settings: Settings
    feed: Feed
    pool: Pool
    caught_up: bool = False
    began_s: float = field(default_factory=monotonic)
    judged: dict[int, Heard] = field(default_factory=dict)
    reader: TopicReader = field(init=False)
    _complete_s: float = -FRESH_WITHIN_S
    _positions: dict[PartitionName, Position] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The positions that it begins with are the recorder's; it writes none."""
        topics = (TopicName.ALERTS,)
        self.reader = TopicReader(settings=self.settings, name="console", topics=topics, table=OFFSETS)

    def is_complete(self, now_s: float) -> bool:
        """The feed holds what stood on the topic a moment ago."""
        return self.caught_up and now_s - self._complete_s <= FRESH_WITHIN_S

    async def run(self) -> None:
        """Consume for ever."""
        await sessions(self.reader, self._session, longest_pause_s=PAUSE_S)

    async def _session(self) -> None:
        async with reader(self.settings.kafka_bootstrap, auto_offset_reset="none") as consumer:
            await extents_of(consumer, self.settings, self.reader.topics)  # says what is not there
            starts = await self._starts()
            consumer.assign(list(starts))
            for tp, offset in starts.items():
                consumer.seek(tp, offset)
            self.reader.waiting = None
            await self._follow(consumer)

    async def _starts(self) -> dict[TopicPartition, int]:
        """Read on behind what the feed holds, else behind what is stored, with which it begins."""
        seen = await compare(self.settings, self.reader.topics, self._positions)
        if not self._positions or seen.contradictions or _have_lost(seen, self._positions):
            stored = await self._stored()
            seen = await compare(self.settings, self.reader.topics, stored.positions)
            for (topic, number), why in seen.contradictions.items():
                log.warning(
                    "console: what is stored is of another log; the feed begins with the topic",
                    extra={"topic": topic, "partition": number, "reason": why},
                )
            if seen.contradictions:
                stored = StoredAlerts()
            self.feed.begin(secrets.token_hex(BOOT_BYTES), stored.open, stored.closed)
            self.caught_up, self._positions = False, dict(stored.positions)
        return {tp: max(begin, _next(self._positions, tp)) for tp, begin in seen.begins.items()}

    async def _stored(self) -> StoredAlerts:
        while not await has_tables(self.pool):
            words = f"the recorder of namespace {self.settings.namespace} to make its tables"
            self.reader.wait_for("no_tables", words)
            await asyncio.sleep(PAUSE_S)
        return await stored_alerts(self.pool)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        noted = await _note(consumer)
        self.began_s = noted.at_s
        while True:
            for tp, records in (await consumer.getmany(timeout_ms=POLL_MS, max_records=AT_ONCE)).items():
                for record in records:
                    self._take(record, noted, tp)
                await asyncio.sleep(0)
            at = {tp: await consumer.position(tp) for tp in noted.ends}
            if all(at[tp] >= end for tp, end in noted.ends.items()):
                if not self.caught_up:
                    self.caught_up = True
                    self.feed.wake()
                self._complete_s = noted.at_s
                if monotonic() - noted.at_s >= NOTE_EVERY_S:
                    noted = await _note(consumer)

    def _take(self, record: ConsumerRecord, noted: NotedEnds, tp: TopicPartition) -> None:
        output = self.reader.decode(record)
        match output.body:
            case Alert() as alert:
                self.feed.take(alert, source_of(output.origin))
            case Census() | CensusPart() as census:
                self.feed.obey(census, epoch=output.origin.epoch)
            case Judged() as judged:
                if record.offset >= noted.ends[tp]:  # said since then, whatever clocks say
                    self._hear(judged, noted.at_s)
            case Rejection() as rejection:
                self.reader.unreadable.note(output.origin, rejection)
        name = output.origin.topic, output.origin.partition
        self._positions[name] = position_after(output.origin)

    def _hear(self, judged: Judged, said_s: float) -> None:
        for one in judged.partitions:
            self.judged[one.partition] = Heard(judged.clock_of(one), one.behind_ms, said_s)


async def _note(consumer: AIOKafkaConsumer) -> NotedEnds:
    at_s = monotonic()
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return NotedEnds(at_s, dict(await consumer.end_offsets(consumer.assignment())))
    except TimeoutError:
        raise KafkaTimeoutError("the broker does not tell where the topic of alerts ends") from None


def _next(positions: dict[PartitionName, Position], tp: TopicPartition) -> int:
    known = positions.get(name_of(tp))
    return 0 if known is None else known.next


def _have_lost(seen: LogCompared, positions: dict[PartitionName, Position]) -> bool:
    """The broker has deleted records that would be next."""
    return any(begin > _next(positions, tp) for tp, begin in seen.begins.items() if name_of(tp) in positions)
