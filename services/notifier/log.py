"""The topic ``alerts`` as the notifier reads it: where it stands, checked against what was decided on."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from schemas.alerts import Alert
from schemas.headers import header
from schemas.topics import TOPICS, TopicName
from services.notifier.statements import statement
from services.runtime.kafka import read_range, reader
from services.runtime.positions import AnotherLogError, Position
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

ALERT_KIND = "alert"
READ_WITHIN_S = 30.0
BATCH_RECORDS = 500
_alert = msgspec.json.Decoder(Alert)


Positions = Mapping[int, Position]
"""By partition of ``alerts``."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An alert's snapshot. ``appended_at``: when the broker took it (epoch ms, the machine's clock)."""

    alert: Alert
    appended_at: int


def places(namespace: str) -> list[TopicPartition]:
    """All partitions of the topic."""
    topic = TOPICS[TopicName.ALERTS]
    return [TopicPartition(topic.name.within(namespace), number) for number in range(topic.partitions)]


def make_consumer(settings: Settings) -> AIOKafkaConsumer:
    """A consumer without a group: positions live in the database. A lost position is an error."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=100,
    )


async def stored(connection: Connection) -> dict[int, Position]:
    """How far each partition is decided on."""
    rows = await connection.fetch(statement("positions"))
    return {row["partition"]: Position(row["epoch"], row["next_offset"], row["last_ce_id"]) for row in rows}


async def advance(connection: Connection, records: Sequence[ConsumerRecord]) -> dict[int, Position]:
    """Note what the transaction decides on, and return it."""
    reached = {record.partition: _position(record) for record in records}
    await connection.execute(
        statement("positions_upsert"),
        list(reached),
        [position.epoch for position in reached.values()],
        [position.next for position in reached.values()],
        [position.ce_id for position in reached.values()],
    )
    return reached


async def starts(settings: Settings, known: Positions) -> dict[TopicPartition, int]:
    """Where to read on, after checking that the log is the one that was decided on.

    Raises:
        AnotherLogError: it is not.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    tps = places(settings.namespace)
    async with reader(settings.kafka_bootstrap) as consumer:
        begins, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        for tp in tps:
            position = known.get(tp.partition)
            if position is not None:
                await _ensure_same(consumer, tp, position, begin=begins[tp], end=ends[tp])
    found = {}
    for tp in tps:
        wanted = known[tp.partition].next if tp.partition in known else 0
        if tp.partition in known and begins[tp] > wanted:
            log.warning("alerts were deleted by the broker unread", extra={"records": begins[tp] - wanted})
        found[tp] = max(wanted, begins[tp])
    return found


async def _ensure_same(
    consumer: AIOKafkaConsumer, tp: TopicPartition, position: Position, *, begin: int, end: int
) -> None:
    why = ""
    if position.next > end:
        why = f"the broker has only {end} records"
    elif position.next > begin:
        found = _position(await _record(consumer, tp, position.next - 1))
        if found != position:
            why = f"the record before it is {found.ce_id!r} of epoch {found.epoch!r}"
    if why:
        raise AnotherLogError(
            f"table notifier_offsets says that topic alerts, partition {tp.partition} is decided on up to"
            f" offset {position.next}, but {why}: this is another log. If that is meant: miyun notifier adopt"
        )


async def _record(consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> ConsumerRecord:
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for records in read_range(consumer, {tp: offset + 1}, starts={tp: offset}):
                for record in records:
                    return record
    except TimeoutError:
        pass
    raise KafkaTimeoutError("the broker does not give the record that was decided on last")


def _position(record: ConsumerRecord) -> Position:
    """The position behind a record."""
    told = {name: header(record.headers, name) or "" for name in ("epoch", "ce_id")}
    return Position(told["epoch"], record.offset + 1, told["ce_id"])


def heard(record: ConsumerRecord) -> Heard | None:
    """The snapshot of a record; None: a census, or nothing that can be read (the recorder keeps it)."""
    if header(record.headers, "ce_type") != ALERT_KIND:
        return None
    value = record.value or b""
    try:
        alert = _alert.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("an alert cannot be read", extra={"offset": record.offset, "why": str(error)})
        return None
    if b"\\u0000" in value:
        log.warning("an alert holds what no text may", extra={"offset": record.offset})
        return None
    return Heard(alert, record.timestamp)
