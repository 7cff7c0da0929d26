"""Kafka for every process: producers, bounded reads, and the topics of a namespace with their epoch."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from schemas.base import MIN_TIME_MS
from schemas.events import EventKind, Genesis
from schemas.headers import ce_headers, header
from schemas.topics import MIB, TOPICS, TopicName, control_key
from services.runtime.records.authenticity import Authenticity
from services.runtime.records.unpacking import take_any_record
from services.runtime.settings import Settings
from services.runtime.signing import KeyFileError
from services.runtime.words import TROUBLE, WHY, ExplainedError, sentence

log = logging.getLogger(__name__)

MAX_REPLICAS = 3
STOP_TIMEOUT_S = 2.0
POLL_MS = 100
"""What ends with offsets that have no record lasts as long: such a fetch gives nothing."""
FOUNDER_HEAD_START_S = 5.0
"""How long others wait for the process that made the topics to write the first genesis."""


class NamespaceError(ExplainedError):
    """The namespace on the broker is not what the settings say; the message says what to do."""


class KafkaUnavailableError(ExplainedError):
    """No broker answered in time."""


def make_producer(settings: Settings, **overrides: Any) -> AIOKafkaProducer:
    """An idempotent producer with acks=all; sizes match ``schemas.topics``. The caller starts it.

    Batches stay well below the smallest ``max.message.bytes``; a larger single record makes a batch
    of its own.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": 5,
        "max_batch_size": MIB // 4,
        "max_request_size": max(topic.max_message_bytes for topic in TOPICS.values()),
        "request_timeout_ms": 30_000,
    }
    return AIOKafkaProducer(**{**options, **overrides})


@asynccontextmanager
async def reader(bootstrap: str, **overrides: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A started consumer without a group, for bounded reads. It gives what transactions have committed."""
    take_any_record()
    options: dict[str, Any] = {
        "bootstrap_servers": bootstrap,
        "group_id": None,
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
        "max_partition_fetch_bytes": 4 * MIB,
        "fetch_max_wait_ms": 20,  # a fetch under way at old positions holds up the one after a seek
    }
    consumer = AIOKafkaConsumer(**{**options, **overrides})
    try:
        await consumer.start()
        await asyncio.sleep(0)  # its tasks must have begun: stopped before that, it raises CancelledError
        yield consumer
    finally:
        await stop(consumer)


@asynccontextmanager
async def administration(bootstrap: str, **options: Any) -> AsyncIterator[AIOKafkaAdminClient]:
    """Kafka's administrative client."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **options)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer. Its fetcher may swallow the cancellation that should end it, so not for ever."""
    with suppress(TimeoutError):
        await asyncio.wait_for(consumer.stop(), STOP_TIMEOUT_S)


def partitions_of(namespace: str, *topics: TopicName) -> list[TopicPartition]:
    """All partitions of a namespace's topics."""
    names = [(topic.within(namespace), TOPICS[topic].partitions) for topic in topics]
    return [TopicPartition(name, number) for name, count in names for number in range(count)]


async def read_range(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], *, starts: Mapping[TopicPartition, int]
) -> AsyncIterator[list[ConsumerRecord]]:
    """All records with start <= offset < end, in chunks of one partition each. Not every offset has one.

    The explicit seek matters: ``seek_to_beginning`` races with the reset to the default position. So does
    reading after assigning: a consumer that is stopped right after ``assign`` may never end, because its
    fetcher, busy with the change, swallows the cancellation.
    """
    wanted = [tp for tp, end in ends.items() if starts[tp] < end]
    if not wanted:
        return
    consumer.assign(wanted)
    for tp in wanted:
        consumer.seek(tp, starts[tp])
    while wanted:
        for tp, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
            if wanted_ones := [record for record in records if record.offset < ends[tp]]:
                yield wanted_ones
        wanted = [tp for tp in wanted if await consumer.position(tp) < ends[tp]]


async def read_all(
    consumer: AIOKafkaConsumer, tps: Sequence[TopicPartition]
) -> AsyncIterator[list[ConsumerRecord]]:
    """All records that the partitions hold now, in chunks of one partition each."""
    ends = await consumer.end_offsets(tps)
    starts = await consumer.beginning_offsets(tps)
    async for records in read_range(consumer, ends, starts=starts):
        yield records


async def wait_for_broker(bootstrap: str, *, timeout_s: float | None = None) -> None:
    """Return once a broker answers; says every 5 seconds what it waits for.

    Raises:
        KafkaUnavailableError: none did within ``timeout_s`` (None: wait for ever).
    """
    clock = asyncio.get_running_loop().time
    began = said = clock()
    while not await _answers(bootstrap):
        if timeout_s is not None and clock() - began > timeout_s:
            raise KafkaUnavailableError(sentence(TROUBLE, "broker_away", at=bootstrap, why=WHY["no_broker"]))
        if clock() - said >= 5.0 or said == began:
            log.info(
                "kafka: no broker answers yet",
                extra={"bootstrap": bootstrap, "waited_s": round(clock() - began)},
            )
            said = clock()
        await asyncio.sleep(0.5)


async def _answers(bootstrap: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    try:
        await admin.start()
    except KafkaConnectionError:
        return False
    finally:
        await admin.close()
    return True


async def ensure_namespace(settings: Settings, *, timeout_s: float | None = None) -> str:
    """Make the namespace's topics and write the missing genesis records; idempotent.

    Any number of processes may do so at once: the first record of partition 0 decides the epoch.

    Returns:
        The log's epoch (a UUID).

    Raises:
        KafkaUnavailableError: no broker within ``timeout_s``.
        NamespaceError: the namespace lives by another clock, or its log is not ours.
    """
    await wait_for_broker(settings.kafka_bootstrap, timeout_s=timeout_s)
    founder = await _ensure_topics(settings)
    async with reader(settings.kafka_bootstrap) as consumer:
        return await _ensure_epoch(settings, consumer, founder=founder)


async def _ensure_topics(settings: Settings) -> bool:
    """Create what is missing. True if this process made ``events``."""
    async with administration(settings.kafka_bootstrap) as admin:
        existing = set(await admin.list_topics())
        brokers = len((await admin.describe_cluster())["brokers"])
        missing = [t for t in TOPICS.values() if t.name.within(settings.namespace) not in existing]
        if not missing:
            return False
        response = await admin.create_topics(
            [
                NewTopic(
                    t.name.within(settings.namespace),
                    num_partitions=t.partitions,
                    replication_factor=min(brokers, MAX_REPLICAS),
                    topic_configs=t.config(),
                )
                for t in missing
            ]
        )
    made = {topic for topic, *error in response.topic_errors if _was_made(topic, error)}
    return TopicName.EVENTS.within(settings.namespace) in made


def _was_made(topic: str, error: Sequence[Any]) -> bool:
    code, *message = error
    if code == 0:
        return True
    kind: type[KafkaError] = for_code(code)
    if kind is TopicAlreadyExistsError:
        return False
    raise NamespaceError(f"topic {topic} cannot be made: {kind.__name__} {message}")


async def _ensure_epoch(settings: Settings, consumer: AIOKafkaConsumer, *, founder: bool) -> str:
    tps = partitions_of(settings.namespace, TopicName.EVENTS)
    if not founder:
        await _await_founder(consumer, tps[-1])
    epoch = await _known_epoch(settings, consumer)
    if epoch is None:
        await _write_genesis(settings, str(uuid4()), [0])
        epoch = await _known_epoch(settings, consumer)
        if epoch is None:
            raise NamespaceError(f"{tps[0].topic} takes records but does not keep them")
        log.info("kafka: a new log begins", extra={"namespace": settings.namespace, "epoch": epoch})
    ends = await consumer.end_offsets(tps)
    await _write_genesis(settings, epoch, [tp.partition for tp in tps if ends[tp] == 0])
    return epoch


async def _await_founder(consumer: AIOKafkaConsumer, last: TopicPartition) -> None:
    for _ in range(round(FOUNDER_HEAD_START_S / 0.2)):
        if (await consumer.end_offsets([last]))[last] > 0:
            return
        await asyncio.sleep(0.2)


async def _known_epoch(settings: Settings, consumer: AIOKafkaConsumer) -> str | None:
    """From the first genesis record still kept, or else from the monitor's checkpoints; None: a new log."""
    tps = partitions_of(settings.namespace, TopicName.EVENTS)
    starts = await consumer.beginning_offsets(tps)
    ends = await consumer.end_offsets(tps)
    if all(end == 0 for end in ends.values()):
        return None
    for tp in tps:
        if starts[tp] == 0 < ends[tp]:
            one = {tp: 1}
            async for records in read_range(consumer, one, starts={tp: 0}):
                return _epoch_of_genesis(settings, records[0])
    return await _epoch_of_checkpoints(settings, consumer)


def _epoch_of_genesis(settings: Settings, record: ConsumerRecord) -> str:
    where = f"{record.topic}, partition {record.partition}"
    if header(record.headers, "ce_type") != EventKind.GENESIS:
        raise NamespaceError(
            f"{where} does not begin with a genesis record: something wrote to it before us; "
            "delete the topic or choose another MIYUN_NAMESPACE"
        )
    genesis = Genesis.model_validate_json(record.value)
    if genesis.clock != settings.clock:
        raise NamespaceError(
            f"namespace {settings.namespace} lives by clock={genesis.clock}, MIYUN_CLOCK says "
            f"{settings.clock}: a namespace never changes its clock; set MIYUN_CLOCK={genesis.clock}"
        )
    return genesis.epoch


async def _epoch_of_checkpoints(settings: Settings, consumer: AIOKafkaConsumer) -> str:
    authenticity = Authenticity(settings)
    async for records in read_all(consumer, partitions_of(settings.namespace, TopicName.MONITOR_STATE)):
        for record in records:
            epoch = header(record.headers, "epoch")
            if epoch is not None and _is_believed(authenticity, record):
                return epoch
    raise NamespaceError(
        f"the log of namespace {settings.namespace} has lost its beginning, and no checkpoint names its "
        "epoch; delete its topics or choose another MIYUN_NAMESPACE"
    )


def _is_believed(authenticity: Authenticity, record: ConsumerRecord) -> bool:
    """Whether the monitor wrote a record, as far as can be told: not every process has the key."""
    try:
        return authenticity.doubt(record) is None
    except KeyFileError:
        return True


async def _write_genesis(settings: Settings, epoch: str, partitions: Sequence[int]) -> None:
    if not partitions:
        return
    genesis = Genesis(epoch=epoch, namespace=settings.namespace, clock=settings.clock)
    value = genesis.model_dump_json().encode()
    time = MIN_TIME_MS if settings.clock == "log" else None
    """Under clock=log every record needs a time; the earliest there is moves no clock."""
    async with make_producer(settings) as producer:
        for partition in partitions:
            await producer.send_and_wait(
                TopicName.EVENTS.within(settings.namespace),
                value,
                key=control_key(partition).encode(),
                partition=partition,
                headers=ce_headers(EventKind.GENESIS, "miyun", f"{epoch}:{partition}:genesis", time),
            )
