"""The notifier's process: one task decides and queues, one sends, as long as both sides are there."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from aiokafka import AIOKafkaConsumer

from schemas.topics import MIB, TopicName
from services.notifier import outbox
from services.notifier.carriers import carriers
from services.notifier.carriers.carrier import Deliverer
from services.notifier.intake import OFFSETS, Intake, stored_not_before_ms
from services.notifier.people import Directory, load_directory
from services.notifier.plan_details import StoredPlans
from services.notifier.sender import Sender
from services.runtime import metrics, web
from services.runtime.following.offsets import Positions, name_of
from services.runtime.following.reader import (
    BatchLimits,
    TopicReader,
    batches,
    be_the_only_one,
    begin,
    follow,
    refresh,
)
from services.runtime.postgres import Connection, missing_migrations, pool
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

NAME = "notifier"
LOOK_EVERY_S = 5.0
RETENTION_EVERY_S = 3_600.0
WAIT_EVERY_S = 0.5
ANSWER_WITHIN_S = 60.0
CONNECTIONS = 4
BATCH = BatchLimits(records=500, within_s=0.0, idle_s=1.0)
FETCH = {"fetch_max_wait_ms": 100, "max_partition_fetch_bytes": MIB}


@dataclass(frozen=True, slots=True)
class Equipment:
    """The parts that a session works with, made once per process."""

    settings: Settings
    directory: Directory
    carriers: Mapping[str, Deliverer]
    reader: TopicReader
    queued: dict[str, int] = field(default_factory=dict)
    """Messages not delivered yet, by channel."""

    async def health(self) -> web.Health:
        """Ready while nothing is waited for."""
        return self.reader.health(outbox=self.queued, lag=self.reader.lag().total())


def equip(settings: Settings) -> Equipment:
    """Read the files.

    Raises:
        PeopleError, PrivateFileError: one of them has a mistake.
    """
    reader = TopicReader(settings=settings, name=NAME, topics=(TopicName.ALERTS,), table=OFFSETS)
    directory = load_directory(settings.people_dir)
    opened = {name: carriers()[name].open(settings) for name in directory.channels}
    return Equipment(settings, directory, opened, reader)


async def run(settings: Settings) -> None:
    """Tell people until cancelled. Files of people and routes are read once: restart after a change.

    Raises:
        ExplainedError: a file, the log or the schema is in the way; says what to do.
    """
    equipment = equip(settings)
    if settings.mail_url_file is None:
        log.info("notifier: mail goes to the local catcher", extra={"port": settings.catcher_smtp_port})
    session = partial(_session, equipment)
    try:
        async with web.serving(equipment.health, settings.host, settings.notifier_port):
            await follow(equipment.reader, session, answer_within_s=ANSWER_WITHIN_S, fetch=FETCH)
    finally:
        for carrier in equipment.carriers.values():
            await carrier.close()


async def _session(equipment: Equipment, connection: Connection, consumer: AIOKafkaConsumer) -> None:
    """Work until the database or the position is lost."""
    settings, reader = equipment.settings, equipment.reader
    await _until_tables(reader, connection)
    await be_the_only_one(reader, connection)
    interrupted = await outbox.free_interrupted(connection)
    if interrupted:
        log.warning(
            "notifier: sends messages again of which nobody knows whether they arrived",
            extra={"messages": interrupted},
        )
    not_before_ms = await stored_not_before_ms(settings, connection)
    taken = await OFFSETS.stored(connection)
    await begin(reader, connection, consumer)
    await outbox.name_channels(connection)
    async with pool(settings, size=CONNECTIONS) as opened:
        wake = asyncio.Event()
        sender = Sender(settings, opened, equipment.directory, equipment.carriers, wake)
        plans = StoredPlans(connection)
        intake = Intake(connection, equipment.directory, reader, not_before_ms, plans)
        await intake.catch_up(_cut_short(reader, taken))
        log.info("notifier: delivering", extra={"namespace": settings.namespace})
        reader.waiting = None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(sender.run())
            tasks.create_task(_look(equipment, sender, consumer))
            tasks.create_task(_take(consumer, intake, wake))


def _cut_short(reader: TopicReader, taken: Positions) -> set[int]:
    """Partitions whose next records the broker had deleted before we read them."""
    nexts = {tp.partition: taken.get(name_of(tp)) for tp in reader.reached}
    found = {tp.partition: at for tp, at in reader.reached.items()}
    return {number for number, at in nexts.items() if found[number] > (0 if at is None else at.next)}


async def _until_tables(reader: TopicReader, connection: Connection) -> None:
    """Those of this release: while the recorder migrates, they are of the one before, or locked."""
    while missing := await missing_migrations(connection):
        words = f"the recorder of namespace {reader.settings.namespace} to make its tables: {missing[0]}"
        reader.wait_for("no_tables", words)
        await asyncio.sleep(WAIT_EVERY_S)


async def _take(consumer: AIOKafkaConsumer, intake: Intake, wake: asyncio.Event) -> None:
    """Decide on what comes."""
    async for records in batches(intake.reader, consumer, intake.connection, BATCH):
        if records:
            await intake.take(records)
            wake.set()


async def _look(equipment: Equipment, sender: Sender, consumer: AIOKafkaConsumer) -> None:
    """Renew what /readyz and the gauges say, every few seconds; now and then, forget what is old."""
    clean_at = time.monotonic()
    while True:
        if time.monotonic() >= clean_at:
            has_more = await outbox.forget_old(sender.pool, sender.settings.keep_days)
            clean_at = time.monotonic() + (0.0 if has_more else RETENTION_EVERY_S)
        await refresh(equipment.reader, consumer)
        equipment.queued.update(await outbox.waiting(sender.pool))
        metrics.NOTIFIER_LAG.set(equipment.reader.lag().total())
        for channel, messages in equipment.queued.items():
            metrics.OUTBOX_WAITING.labels(channel).set(messages)
        await asyncio.sleep(LOOK_EVERY_S)
