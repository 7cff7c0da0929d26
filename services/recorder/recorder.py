"""The recorder's process: reads the output topics and stores them, as long as both sides are there."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.aggregates import StationMinute
from services.recorder import positions
from services.recorder.aggregates import forget_parts
from services.recorder.entries import Entry, Reject, entry_of
from services.recorder.isolation import store_isolating
from services.recorder.log import make_consumer, next_batch, partitions, starts
from services.recorder.retention import drop_old_chunks
from services.recorder.schema import migrate
from services.recorder.statements import statement
from services.recorder.store import prepare
from services.runtime import metrics, web
from services.runtime.kafka import ensure_namespace, stop
from services.runtime.postgres import AWAY, Connection, connect, is_unavailable, place
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

IDLE_S = 5.0
FORGET_AFTER_ROWS = 300_000
RETENTION_EVERY_S = 3_600.0
LONGEST_PAUSE_S = 5.0
LOCK_EVERY_S = 2.0
ANSWER_WITHIN_S = 120.0
"""A statement that takes longer is given up with its connection: nobody knows whether the server lives."""


class Waiting(StrEnum):
    """Why the recorder does not store: the reasons of /readyz."""

    STARTING = "starting"
    BROKER = "broker_unreachable"
    DATABASE = "database_unreachable"
    ANOTHER = "another_recorder"


@dataclass(slots=True)
class Status:
    """What /readyz tells of the recorder. ``waiting``: for what, None while it stores."""

    namespace: str
    waiting: Waiting | None = Waiting.STARTING
    said: str = ""
    stored: dict[TopicPartition, int] = field(default_factory=dict)
    """Next offset by partition."""
    ends: dict[TopicPartition, int] = field(default_factory=dict)

    async def health(self) -> web.Health:
        """Ready while nothing is waited for."""
        reasons = () if self.waiting is None else (self.waiting.value,)
        return web.Health(reasons=reasons, details={"namespace": self.namespace, "lag": dict(self.lag())})

    def lag(self) -> Counter[str]:
        """Records not stored yet, by topic."""
        lag: Counter[str] = Counter()
        for tp, end in self.ends.items():
            lag[tp.topic.partition(".")[2]] += max(0, end - self.stored.get(tp, 0))
        return lag

    def wait_for(self, what: Waiting, words: str) -> None:
        """Say once what is waited for."""
        if (self.waiting, self.said) != (what, words):
            log.warning(words)
        self.waiting, self.said = what, words


async def run(settings: Settings) -> None:
    """Store until cancelled.

    Raises:
        ExplainedError: the log, the schema or another recorder is in the way; says what to do.
    """
    status = Status(settings.namespace)
    endpoints = await web.serve(status.health, settings.host, settings.recorder_port)
    try:
        await ensure_namespace(settings)
        async with _consumer(settings) as consumer:
            await _store_for_ever(settings, consumer, status)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StopProcessError(f"the database refuses us: {error}; correct MIYUN_DATABASE_URL") from None
    finally:
        if endpoints is not None:
            await endpoints.cleanup()


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = make_consumer(settings)
    await consumer.start()
    try:
        yield consumer
    finally:
        await stop(consumer)


async def _store_for_ever(settings: Settings, consumer: AIOKafkaConsumer, status: Status) -> None:
    """One session after the other: whatever ends one, the next begins where the tables are."""
    pause_s = 0.25
    while True:
        began = time.monotonic()
        try:
            await _session(settings, consumer, status)
        except OffsetOutOfRangeError as error:
            log.warning("the broker deleted what was to be read next", extra={"at": str(error)})
        except (KafkaError, asyncpg.PostgresError, *AWAY) as error:
            status.wait_for(*_waiting_for(settings, error))
        pause_s = 0.25 if time.monotonic() - began > LONGEST_PAUSE_S else min(2 * pause_s, LONGEST_PAUSE_S)
        await asyncio.sleep(pause_s)


def _waiting_for(settings: Settings, error: Exception) -> tuple[Waiting, str]:
    """What is missing, also in words.

    Raises:
        Exception: the error itself, when waiting would not help.
    """
    if isinstance(error, KafkaError):
        return Waiting.BROKER, f"waiting for Kafka at {settings.kafka_bootstrap}"
    if not is_unavailable(error):
        raise error
    metrics.DATABASE_WAITS.inc()
    reason = str(error).partition("\n")[0] or type(error).__name__
    return Waiting.DATABASE, f"waiting for the database at {place(settings)} ({reason})"


async def _session(settings: Settings, consumer: AIOKafkaConsumer, status: Status) -> None:
    """Store until the database or the position is lost."""
    connection = await connect(settings, command_timeout_s=ANSWER_WITHIN_S)
    try:
        await _be_the_only_one(connection, settings, status)
        await migrate(connection, settings.namespace)
        await prepare(connection)
        begun = await starts(settings, await positions.stored(connection))
        consumer.assign(list(begun))
        for tp, offset in begun.items():
            consumer.seek(tp, offset)
        status.stored = dict(begun)
        await _refresh_ends(consumer, status)
        log.info("storing", extra={"namespace": settings.namespace, "behind": status.lag().total()})
        status.waiting = None
        await _store_batches(settings, connection, consumer, status)
    finally:
        connection.terminate()


async def _be_the_only_one(connection: Connection, settings: Settings, status: Status) -> None:
    """Hold the namespace's lock as long as the connection lives."""
    while not await take_lock(connection, settings.namespace):
        words = f"waiting for the other recorder of namespace {settings.namespace} to end"
        status.wait_for(Waiting.ANOTHER, words)
        await asyncio.sleep(LOCK_EVERY_S)


async def take_lock(connection: Connection, namespace: str) -> bool:
    """Whether the connection is now the one that may store the namespace."""
    taken: bool = await connection.fetchval(statement("recorder_lock"), f"miyun.{namespace}.recorder")
    return taken


async def _store_batches(
    settings: Settings, connection: Connection, consumer: AIOKafkaConsumer, status: Status
) -> None:
    clock = time.monotonic
    remembered = FORGET_AFTER_ROWS
    looked, cleaned = clock(), clock() - RETENTION_EVERY_S
    while True:
        records = await next_batch(consumer, wait_s=IDLE_S)
        if records:
            remembered += await _store(settings, connection, [entry_of(record) for record in records], status)
        else:
            await connection.execute("SELECT 1")
        if clock() - looked >= IDLE_S:
            await _refresh_ends(consumer, status)
            looked = clock()
        if remembered >= FORGET_AFTER_ROWS:
            await forget_parts(connection)
            remembered = 0
        if clock() - cleaned >= RETENTION_EVERY_S:
            await drop_old_chunks(connection, settings.keep_days)
            cleaned = clock()


async def _store(settings: Settings, connection: Connection, entries: Sequence[Entry], status: Status) -> int:
    """Store a batch, count it; how many rows of aggregates."""
    with metrics.STORE.time():
        stored = await store_isolating(connection, entries)
    places = partitions(settings.namespace)
    for entry in stored:
        origin = entry.origin
        tp = places[origin.topic, origin.partition]
        status.stored[tp] = origin.offset + 1
        status.ends[tp] = max(status.ends.get(tp, 0), origin.offset + 1)
    return _count(stored)


def _count(stored: Sequence[Entry]) -> int:
    for kind, number in Counter(type(entry.body).__name__ for entry in stored).items():
        metrics.STORED.labels(kind).inc(number)
    for entry in stored:
        if isinstance(entry.body, Reject) and entry.body.source == "recorder":
            metrics.REFUSED.labels(entry.body.reason).inc()
            log.warning(
                "a record could not be stored",
                extra={"topic": entry.body.topic, "offset": entry.body.offset, "why": entry.body.detail},
            )
    rows = sum(len(entry.body.points) for entry in stored if isinstance(entry.body, StationMinute))
    metrics.AGGREGATE_ROWS.inc(rows)
    return rows


async def _refresh_ends(consumer: AIOKafkaConsumer, status: Status) -> None:
    """Also what the metric of the lag rests on, whoever asks for it."""
    status.ends = dict(await consumer.end_offsets(list(status.stored)))
    for topic, records in status.lag().items():
        metrics.STORE_LAG.labels(topic).set(records)
