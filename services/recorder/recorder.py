"""The recorder's process: reads the output topics and stores them, as long as both sides are there."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial

from aiokafka import AIOKafkaConsumer

from schemas.aggregates import StationMinute
from schemas.outputs import Output
from schemas.rejects import Reject, Rejection
from schemas.topics import MIB
from services.recorder.aggregates import forget_parts
from services.recorder.retention import drop_old_chunks, prune
from services.recorder.schema import migrate
from services.recorder.store import OFFSETS, TOPICS, prepare, store_bisecting
from services.runtime import metrics, web
from services.runtime.following.reader import (
    BatchLimits,
    TopicReader,
    batches,
    be_the_only_one,
    begin,
    follow,
    refresh,
)
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

NAME = "recorder"
LOOK_EVERY_S = 5.0
FORGET_AFTER_ROWS = 300_000
RETENTION_EVERY_S = 3_600.0
PRUNE_AGAIN_S = 1.0
"""While a step of pruning was not enough: two thousand rows of a table and second are deleted."""
ANSWER_WITHIN_S = 120.0
BATCH = BatchLimits(records=2_000, within_s=0.2, idle_s=LOOK_EVERY_S)
FETCH = {"fetch_max_wait_ms": 500, "fetch_max_bytes": 8 * MIB, "max_partition_fetch_bytes": 2 * MIB}


async def run(settings: Settings) -> None:
    """Store until cancelled.

    Raises:
        ExplainedError: the log, the schema or another recorder is in the way; says what to do.
    """
    reader = TopicReader(
        settings=settings,
        name=NAME,
        topics=TOPICS,
        table=OFFSETS,
        waits=metrics.DATABASE_WAITS,
        lost=metrics.LOST,
    )

    async def health() -> web.Health:
        return reader.health(lag=dict(reader.lag()))

    async with web.serving(health, settings.host, settings.recorder_port):
        await follow(reader, partial(_session, reader), answer_within_s=ANSWER_WITHIN_S, fetch=FETCH)


async def _session(reader: TopicReader, connection: Connection, consumer: AIOKafkaConsumer) -> None:
    """Store until the database or the position is lost."""
    await be_the_only_one(reader, connection)
    await _migrate(reader)
    await prepare(connection)
    await begin(reader, connection, consumer)
    _gauge_lag(reader)
    log.info("recorder: storing", extra={"namespace": reader.settings.namespace, "lag": reader.lag().total()})
    reader.waiting = None
    await _store_batches(reader, connection, consumer)


async def _migrate(reader: TopicReader) -> None:
    """On a connection of its own, whose statements may take hours; all others keep their limit."""
    connection = await connect(reader.settings)
    try:
        await migrate(connection, reader.settings.namespace, wait_for=reader.wait_for)
    finally:
        connection.terminate()


async def _store_batches(reader: TopicReader, connection: Connection, consumer: AIOKafkaConsumer) -> None:
    clock = time.monotonic
    remembered = FORGET_AFTER_ROWS
    looked, cleaned, prune_at = clock(), clock() - RETENTION_EVERY_S, clock()
    async for records in batches(reader, consumer, connection, BATCH):
        if records:
            remembered += await _store(reader, connection, [reader.decode(record) for record in records])
        if clock() - looked >= LOOK_EVERY_S:
            await refresh(reader, consumer)
            _gauge_lag(reader)
            looked = clock()
        if remembered >= FORGET_AFTER_ROWS:
            await forget_parts(connection)
            remembered = 0
        if clock() - cleaned >= RETENTION_EVERY_S:
            await drop_old_chunks(connection, reader.settings.keep_days)
            cleaned = clock()
        if clock() >= prune_at:
            has_more = await prune(connection, reader.settings)
            prune_at = clock() + (PRUNE_AGAIN_S if has_more else RETENTION_EVERY_S)


async def _store(reader: TopicReader, connection: Connection, outputs: Sequence[Output]) -> int:
    """Store a batch, count it; how many rows of aggregates."""
    with metrics.STORE.time():
        stored = await store_bisecting(connection, outputs)
    reader.advance(output.origin for output in stored)
    for kind, number in Counter(map(_kind, stored)).items():
        metrics.STORED.labels(kind).inc(number)
    for output in stored:
        if isinstance(output.body, Rejection):
            metrics.REFUSED.labels(output.body.reason).inc()
            reader.unreadable.note(output.origin, output.body)
    rows = sum(len(output.body.points) for output in stored if isinstance(output.body, StationMinute))
    metrics.AGGREGATE_ROWS.inc(rows)
    return rows


def _kind(output: Output) -> str:
    kind = Reject if isinstance(output.body, Rejection) else type(output.body)
    return kind.__name__


def _gauge_lag(reader: TopicReader) -> None:
    for topic, records in reader.lag().items():
        metrics.STORE_LAG.labels(topic).set(records)
