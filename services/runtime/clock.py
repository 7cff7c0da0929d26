"""The city's time and its zone: never the machine's.

Under ``clock=wall`` city time is the time outside. Under ``clock=log`` (simulations, tests, the
demo city) it is the largest ``ce_time`` at the end of the topic ``events``: it runs only while
something is written there.
"""

import asyncio
import time
from zoneinfo import ZoneInfo

from schemas.headers import city_time, header
from schemas.topics import TopicName
from services.runtime.kafka import partitions_of, read_range, reader
from services.runtime.postgres import Connection, Pool
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, ExplainedError, sentence

TAIL_RECORDS = 20
"""Records looked at before each partition's end: those written together are not in order of time."""
READ_WITHIN_S = 10.0


class NoCityTimeError(ExplainedError):
    """The namespace has no log, or one without a time yet; the message says what to do."""


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
    places = partitions_of(settings.namespace, TopicName.EVENTS)
    latest: int | None = None
    async with asyncio.timeout(READ_WITHIN_S), reader(settings.kafka_bootstrap) as consumer:
        if (topic := places[0].topic) not in await consumer.topics():
            raise NoCityTimeError(sentence(TROUBLE, "no_topic", topic=topic))
        ends = await consumer.end_offsets(places)
        first = await consumer.beginning_offsets(places)
        tails = {place: max(first[place], end - TAIL_RECORDS) for place, end in ends.items()}
        async for records in read_range(consumer, ends, starts=tails):
            times = (city_time(header(record.headers, "ce_time")) for record in records)
            latest = max(filter(None, (latest, *times)), default=None)
    return latest
