"""The notifier's process: one task decides and queues, one sends, as long as both sides are there."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from services.notifier import log as alerts_log
from services.notifier import outbox
from services.notifier.carriers import carriers
from services.notifier.carriers.carrier import Deliverer
from services.notifier.intake import Intake, fixed_floor_ms
from services.notifier.log import BATCH_RECORDS
from services.notifier.people import Directory, load_directory
from services.notifier.sender import Sender
from services.notifier.statements import statement
from services.runtime import metrics, web
from services.runtime.kafka import ensure_namespace, stop
from services.runtime.postgres import AWAY, Connection, connect, is_unavailable, place, pool
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

IDLE_MS = 1_000
LOOK_EVERY_S = 5.0
RETENTION_EVERY_S = 3_600.0
LONGEST_PAUSE_S = 5.0
WAIT_EVERY_S = 0.5
ANSWER_WITHIN_S = 60.0
CONNECTIONS = 4


class Waiting(StrEnum):
    """Why the notifier does not work: the reasons of /readyz."""

    STARTING = "starting"
    BROKER = "broker_unreachable"
    DATABASE = "database_unreachable"
    TABLES = "no_tables"
    ANOTHER = "another_notifier"


@dataclass(slots=True)
class Status:
    """What /readyz tells of the notifier. ``waiting``: for what, None while it works."""

    namespace: str
    waiting: Waiting | None = Waiting.STARTING
    said: str = ""
    queued: dict[str, int] = field(default_factory=dict)
    """Messages not delivered yet, by channel."""
    behind: int = 0
    """Records of ``alerts`` not decided on yet."""

    async def health(self) -> web.Health:
        """Ready while nothing is waited for."""
        reasons = () if self.waiting is None else (self.waiting.value,)
        details = {"namespace": self.namespace, "outbox": self.queued, "lag": self.behind}
        return web.Health(reasons=reasons, details=details)

    def wait_for(self, what: Waiting, words: str) -> None:
        """Say once what is waited for."""
        if (self.waiting, self.said) != (what, words):
            log.warning(words)
        self.waiting, self.said = what, words


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a session works with, made once per process."""

    settings: Settings
    directory: Directory
    carriers: Mapping[str, Deliverer]
    status: Status


def equip(settings: Settings) -> Equipment:
    """Read the files.

    Raises:
        PeopleError, PrivateFileError: one of them has a mistake.
    """
    directory = load_directory(settings.people_dir)
    opened = {name: carriers()[name].open(settings) for name in directory.channels}
    return Equipment(settings, directory, opened, Status(settings.namespace))


async def run(settings: Settings) -> None:
    """Tell people until cancelled. Files of people and routes are read once: restart after a change.

    Raises:
        ExplainedError: a file, the log or the schema is in the way; says what to do.
    """
    equipment = equip(settings)
    if settings.mail_url_file is None:
        log.info("mail goes to the local catcher", extra={"port": settings.catcher_smtp_port})
    endpoints = await web.serve(equipment.status.health, settings.host, settings.notifier_port)
    try:
        await ensure_namespace(settings)
        async with _consumer(settings) as consumer:
            await _work_for_ever(equipment, consumer)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StopProcessError(f"the database refuses us: {error}; correct MIYUN_DATABASE_URL") from None
    finally:
        for carrier in equipment.carriers.values():
            await carrier.close()
        if endpoints is not None:
            await endpoints.cleanup()


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = alerts_log.make_consumer(settings)
    await consumer.start()
    try:
        yield consumer
    finally:
        await stop(consumer)


async def _work_for_ever(equipment: Equipment, consumer: AIOKafkaConsumer) -> None:
    """One session after the other: whatever ends one, the next begins where the tables are."""
    pause_s = 0.25
    while True:
        began = time.monotonic()
        try:
            await _single(_session(equipment, consumer))
        except OffsetOutOfRangeError as error:
            log.warning("the broker deleted what was to be read next", extra={"at": str(error)})
        except (KafkaError, asyncpg.PostgresError, *AWAY) as error:
            equipment.status.wait_for(*_waiting_for(equipment.settings, error))
        pause_s = 0.25 if time.monotonic() - began > LONGEST_PAUSE_S else min(2 * pause_s, LONGEST_PAUSE_S)
        await asyncio.sleep(pause_s)


async def _single(work: Coroutine[Any, Any, None]) -> None:
    """Of several tasks that fail together the first failure: the others follow from it."""
    try:
        await work
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _waiting_for(settings: Settings, error: Exception) -> tuple[Waiting, str]:
    """What is missing, also in words.

    Raises:
        Exception: the error itself, when waiting would not help.
    """
    if isinstance(error, KafkaError):
        return Waiting.BROKER, f"waiting for Kafka at {settings.kafka_bootstrap}"
    if not is_unavailable(error):
        raise error
    reason = str(error).partition("\n")[0] or type(error).__name__
    return Waiting.DATABASE, f"waiting for the database at {place(settings)} ({reason})"


async def _session(equipment: Equipment, consumer: AIOKafkaConsumer) -> None:
    """Work until the database or the position is lost."""
    settings = equipment.settings
    connection = await connect(settings, command_timeout_s=ANSWER_WITHIN_S)
    try:
        await _be_the_only_one(connection, equipment)
        interrupted = await outbox.free_interrupted(connection)
        if interrupted:
            log.warning("unknown whether messages arrived; sent again", extra={"messages": interrupted})
        floor_ms = await fixed_floor_ms(settings, connection)
        begun = await alerts_log.starts(settings, await alerts_log.stored(connection))
        consumer.assign(list(begun))
        for tp, offset in begun.items():
            consumer.seek(tp, offset)
        await outbox.name_channels(connection)
        async with pool(settings, size=CONNECTIONS) as opened:
            wake = asyncio.Event()
            sender = Sender(settings, opened, equipment.directory, equipment.carriers, wake)
            intake = Intake(connection, equipment.directory, floor_ms)
            log.info("telling people", extra={"namespace": settings.namespace})
            equipment.status.waiting = None
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(sender.run())
                tasks.create_task(_look(equipment.status, sender, consumer, begun))
                tasks.create_task(_take(consumer, intake, begun, wake))
    finally:
        connection.terminate()


async def _be_the_only_one(connection: Connection, equipment: Equipment) -> None:
    """Wait for the recorder's tables, then hold the namespace's lock as long as the connection lives."""
    namespace, status = equipment.settings.namespace, equipment.status
    while not await connection.fetchval(statement("has_tables")):
        status.wait_for(
            Waiting.TABLES, f"waiting for the recorder of namespace {namespace} to make its tables"
        )
        await asyncio.sleep(WAIT_EVERY_S)
    while not await take_lock(connection, namespace):
        status.wait_for(Waiting.ANOTHER, f"waiting for the other notifier of namespace {namespace} to end")
        await asyncio.sleep(WAIT_EVERY_S)


async def take_lock(connection: Connection, namespace: str) -> bool:
    """Whether the connection is now the one that may tell people of the namespace's alerts."""
    taken: bool = await connection.fetchval(statement("notifier_lock"), f"miyun.{namespace}.notifier")
    return taken


async def _take(
    consumer: AIOKafkaConsumer, intake: Intake, reached: dict[TopicPartition, int], wake: asyncio.Event
) -> None:
    """Decide on what comes. ``reached`` is kept current: next offsets."""
    topics = {tp.partition: tp for tp in reached}
    while True:
        fetched = await consumer.getmany(timeout_ms=IDLE_MS, max_records=BATCH_RECORDS)
        records = [record for of_partition in fetched.values() for record in of_partition]
        if not records:
            await intake.connection.execute("SELECT 1")  # the lock lives as long as the connection
            continue
        for number, position in (await intake.take(records)).items():
            reached[topics[number]] = position.next
        wake.set()


async def _look(
    status: Status, sender: Sender, consumer: AIOKafkaConsumer, reached: dict[TopicPartition, int]
) -> None:
    """What /readyz and the gauges say, every few seconds; and now and then, forget what is old."""
    cleaned = time.monotonic() - RETENTION_EVERY_S
    while True:
        if time.monotonic() - cleaned >= RETENTION_EVERY_S:
            await outbox.forget_old(sender.pool, sender.settings.keep_days)
            cleaned = time.monotonic()
        ends = await consumer.end_offsets(list(reached))
        status.behind = sum(max(0, ends[tp] - offset) for tp, offset in reached.items())
        status.queued = await outbox.waiting(sender.pool)
        metrics.NOTIFIER_LAG.set(status.behind)
        for channel, messages in status.queued.items():
            metrics.OUTBOX_WAITING.labels(channel).set(messages)
        await asyncio.sleep(LOOK_EVERY_S)
