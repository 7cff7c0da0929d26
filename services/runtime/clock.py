"""The city's time and its zone: never the machine's.

Under ``clock=wall`` city time is the time outside. Under ``clock=log`` (simulations, tests, the
demo city) it is the largest ``ce_time`` at the end of the topic ``events``: it runs only while
something is written there.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.headers import city_time, header
from schemas.topics import EVENT_PARTITIONS, TopicName
from services.runtime.kafka import read_range, reader
from services.runtime.postgres import Connection, Pool
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, ExplainedError, sentence

TAIL_RECORDS = 20
"""Records looked at before each partition's end: those written together are not in order of time."""
READ_WITHIN_S = 10.0
CONFIRMED_BY = 3
"""Records that make a time at a partition's end believable."""


class NoCityTimeError(ExplainedError):
    """The namespace has no log, or one without a time yet; the message says what to do."""


@dataclass(frozen=True, slots=True)
class PartitionEnd:
    """The end of a partition of ``events``: next offset, and arrivals of its last records (epoch ms)."""

    next: int
    arrivals: tuple[int, ...]

    @property
    def arrival(self) -> int | None:
        """The latest arrival that three records reach: a single one of a wild time moves nothing.

        None: no record there has a time. Where fewer than three have one, the earliest of them.
        """
        return min(sorted(self.arrivals)[-CONFIRMED_BY:], default=None)


async def city_time_ms(settings: Settings) -> int:
    """The city's "now", epoch ms.

    Raises:
        NoCityTimeError: ``clock=log``, and there is no log or nothing at its end carries a time.
        TimeoutError: the broker did not give the end of the log within 10 s.
        aiokafka.errors.KafkaConnectionError: the broker cannot be reached.
    """
    if settings.clock == "wall":
        return time.time_ns() // 1_000_000
    latest = await log_time_ms(settings)
    if latest is None:
        raise NoCityTimeError(sentence(TROUBLE, "no_city_time", namespace=settings.namespace))
    return latest


async def city_zone(database: "Connection | Pool") -> ZoneInfo:
    """Return the zone of the plan that was activated last, as far as it is stored; UTC before any."""
    return ZoneInfo(await database.fetchval("SELECT time_zone FROM city_clock"))


async def log_time_ms(settings: Settings) -> int | None:
    """The largest ``ce_time`` at the ends of ``events``, epoch ms; None when nothing has one.

    Raises:
        NoCityTimeError: there is no such topic.
    """
    return latest_arrival(await ends_of_log(settings))


def now_ms(settings: Settings, ends: Mapping[int, PartitionEnd]) -> int | None:
    """The city's "now" for whoever has looked at the log's ends; None: nothing there has a time."""
    return time.time_ns() // 1_000_000 if settings.clock == "wall" else latest_arrival(ends)


def latest_arrival(ends: Mapping[int, PartitionEnd]) -> int | None:
    """The largest arrival at the ends of partitions; None when nothing has one."""
    return max((arrival for end in ends.values() for arrival in end.arrivals), default=None)


async def ends_of_log(settings: Settings) -> dict[int, PartitionEnd]:
    """The ends of all partitions of ``events`` now.

    Raises:
        NoCityTimeError: there is no such topic.
        TimeoutError: the broker did not give them within 10 s.
        aiokafka.errors.KafkaError: it does not answer.
    """
    topic = TopicName.EVENTS.within(settings.namespace)
    async with asyncio.timeout(READ_WITHIN_S), reader(settings.kafka_bootstrap) as consumer:
        if topic not in await consumer.topics():
            raise NoCityTimeError(sentence(TROUBLE, "no_topic", topic=topic))
        return await partition_ends(consumer, settings)


async def partition_ends(
    consumer: AIOKafkaConsumer, settings: Settings, partitions: Iterable[int] = range(EVENT_PARTITIONS)
) -> dict[int, PartitionEnd]:
    """The ends of partitions of ``events`` now. The consumer is one without a group.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    topic = TopicName.EVENTS.within(settings.namespace)
    places = [TopicPartition(topic, number) for number in partitions]
    ends = await consumer.end_offsets(places)
    first = await consumer.beginning_offsets(places)
    tails = {place: max(first[place], end - TAIL_RECORDS) for place, end in ends.items()}
    arrivals: defaultdict[int, list[int]] = defaultdict(list)
    async for records in read_range(consumer, ends, starts=tails):
        for record in records:
            if (arrival := _arrival(record, settings)) is not None:
                arrivals[record.partition].append(arrival)
    return {tp.partition: PartitionEnd(end, tuple(arrivals[tp.partition])) for tp, end in ends.items()}


def _arrival(record: ConsumerRecord, settings: Settings) -> int | None:
    if settings.clock == "wall":
        return int(record.timestamp)
    return city_time(header(record.headers, "ce_time"))
