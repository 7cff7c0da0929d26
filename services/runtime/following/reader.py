"""The process of a reader of output topics: recorder, notifier, and the console's feed.

It works in sessions: whatever ends one (broker or database away), the next begins where its positions stand.
Two traits are optional. *Positions* stand in a table (``OffsetsTable``) and are compared with the log before
reading goes on. *Singleness*: of several processes of a namespace one works, the others wait for its end.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import prometheus_client
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.outputs import Content, Origin, Output, OutputRecord, topic_of
from schemas.rejects import Rejection
from schemas.topics import MIB, TopicName
from services.runtime import kafka, web
from services.runtime.following.offsets import Ends, OffsetsTable, compare, name_of
from services.runtime.following.positions import AnotherLogError
from services.runtime.postgres import AWAY, Connection, connect, is_unavailable, place
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.records.authenticity import Authenticity
from services.runtime.settings import Settings
from services.runtime.signing import KeyFileError
from services.runtime.unreadable import Unreadable

log = logging.getLogger(__name__)

LOCK_EVERY_S = 0.5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0
BATCH_BYTES = 8 * MIB
Work = Callable[[Connection, AIOKafkaConsumer], Awaitable[None]]
"""What a reader does in a session."""


@dataclass(slots=True, kw_only=True)
class TopicReader:
    """A reader, and what /readyz tells of it. ``waiting``: for what it waits, None while it works.

    ``name`` stands in its lock, its log and its commands; ``reached``: the next offset by partition.
    """

    settings: Settings
    name: str
    topics: tuple[TopicName, ...]
    table: OffsetsTable | None = None
    waits: prometheus_client.Counter | None = None
    """Counts how often the database went away."""
    lost: prometheus_client.Counter | None = None
    """Counts records that the broker deleted before they were read, by topic."""
    waiting: str | None = "starting"
    waiting_words: str = ""
    reached: Ends = field(default_factory=dict)
    ends: Ends = field(default_factory=dict)
    unreadable: Unreadable = field(init=False)
    authenticity: Authenticity = field(init=False)

    def __post_init__(self) -> None:
        """What cannot be read is counted under the reader's name."""
        self.unreadable = Unreadable(self.name)
        self.authenticity = Authenticity(self.settings)

    def decode(self, record: OutputRecord) -> Output:
        """The message of a record that the monitor wrote, or the reason why it is not taken.

        Raises:
            KeyFileError: records are signed, and there is no key here.
        """
        return self.authenticity.decode(record)

    def read(self, record: OutputRecord) -> Content | None:
        """The message of a record; None: it is not taken, which is counted."""
        output = self.decode(record)
        if isinstance(output.body, Rejection):
            self.unreadable.note(output.origin, output.body)
            return None
        return output.body

    def lag(self) -> Counter[str]:
        """Records not taken yet, by topic."""
        lag: Counter[str] = Counter()
        for tp, end in self.ends.items():
            lag[topic_of(tp.topic)] += max(0, end - self.reached.get(tp, 0))
        return lag

    def advance(self, origins: Iterable[Origin]) -> None:
        """Note how far its topics are taken."""
        namespace = self.settings.namespace
        for origin in {(origin.topic, origin.partition): origin for origin in origins}.values():
            tp = TopicPartition(origin.topic.within(namespace), origin.partition)
            self.reached[tp] = origin.offset + 1
            self.ends[tp] = max(self.ends.get(tp, 0), origin.offset + 1)

    def wait_for(self, what: str, words: str) -> None:
        """Log once what is waited for."""
        if (self.waiting, self.waiting_words) != (what, words):
            log.warning(f"{self.name}: waiting for {words}")
        self.waiting, self.waiting_words = what, words

    def health(self, **details: Any) -> web.Health:
        """Ready while nothing is waited for."""
        reasons = () if self.waiting is None else (self.waiting,)
        facts = {"namespace": self.settings.namespace, "unreadable": dict(self.unreadable.by_topic)}
        return web.Health(reasons=reasons, details=facts | details)


async def follow(
    reader: TopicReader, session: Work, *, answer_within_s: float, fetch: Mapping[str, Any]
) -> None:
    """Work until cancelled, one session after the other; each has a connection of its own.

    ``answer_within_s``: a statement that takes longer is given up with its connection, because nobody knows
    whether the server lives. ``fetch``: how the consumer fetches. Positions live in the database; one that
    the broker has no more is an error.

    Raises:
        ExplainedError: the log, the schema or another process is in the way; says what to do.
    """
    settings = reader.settings
    try:
        await kafka.ensure_namespace(settings)
        options: dict[str, Any] = {"auto_offset_reset": "none", **fetch}
        async with kafka.reader(settings.kafka_bootstrap, **options) as consumer:
            connected = partial(_connected, reader, session, consumer, answer_within_s)
            await sessions(reader, connected)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StopProcessError(f"the database refuses us: {error}; correct MIYUN_DATABASE_URL") from None


async def sessions(
    reader: TopicReader, session: Callable[[], Awaitable[None]], *, longest_pause_s: float = LONGEST_PAUSE_S
) -> None:
    """One session after the other, for ever; a pause that doubles between those that end soon.

    Raises:
        Exception: a session's, when waiting would not help.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        began = time.monotonic()
        try:
            await _single(session())
        except OffsetOutOfRangeError as error:
            log.warning(
                f"{reader.name}: the broker deleted the records that were next", extra={"at": str(error)}
            )
        except KeyFileError as error:
            reader.wait_for("no_output_key", f"the key of the outputs: {error}")
        except (KafkaError, kafka.NamespaceError, asyncpg.PostgresError, *AWAY) as error:
            reader.wait_for(*_missing(reader, error))
        lasted = time.monotonic() - began > longest_pause_s
        pause_s = FIRST_PAUSE_S if lasted else min(2 * pause_s, longest_pause_s)
        await asyncio.sleep(pause_s)


async def _single(work: Awaitable[None]) -> None:
    """Of several tasks that fail together the first failure: the others follow from it."""
    try:
        await work
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _missing(reader: TopicReader, error: Exception) -> tuple[str, str]:
    """What is missing, as a word of /readyz and in words.

    Raises:
        Exception: the error itself, when waiting would not help.
    """
    settings = reader.settings
    if isinstance(error, kafka.NamespaceError):
        return "no_topics", f"topics: {error}"
    if isinstance(error, KafkaError) or reader.table is None:
        return "broker_unreachable", f"Kafka at {settings.kafka_bootstrap}"
    if not is_unavailable(error):
        raise error
    if reader.waits is not None:
        reader.waits.inc()
    reason = str(error).partition("\n")[0] or type(error).__name__
    return "database_unreachable", f"the database at {place(settings)} ({reason})"


async def _connected(
    reader: TopicReader, session: Work, consumer: AIOKafkaConsumer, answer_within_s: float
) -> None:
    connection = await connect(reader.settings, command_timeout_s=answer_within_s)
    try:
        await session(connection, consumer)
    finally:
        connection.terminate()


async def be_the_only_one(reader: TopicReader, connection: Connection) -> None:
    """Wait for the namespace's lock, and hold it as long as the connection lives."""
    name, namespace = reader.name, reader.settings.namespace
    while not await take_lock(connection, namespace, name):
        reader.wait_for(f"another_{name}", f"the other {name} of namespace {namespace} to end")
        await asyncio.sleep(LOCK_EVERY_S)


async def take_lock(connection: Connection, namespace: str, name: str) -> bool:
    """Tries to become the one ``name`` of the namespace, by a lock that the connection holds."""
    taken: bool = await connection.fetchval(queries(__package__)["only_one"], f"miyun.{namespace}.{name}")
    return taken


async def begin(reader: TopicReader, connection: Connection, consumer: AIOKafkaConsumer) -> None:
    """Read on behind what is taken, after checking that the log is the one that was read.

    Raises:
        AnotherLogError: it is not.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    assert reader.table is not None, "positions stand in a table"
    stored = await reader.table.stored(connection)
    seen = await compare(reader.settings, reader.topics, stored)
    for (topic, number), found in seen.contradictions.items():
        raise AnotherLogError(
            f"table {reader.table.name} says that topic {topic}, partition {number} is taken up to offset"
            f" {stored[topic, number].next}, but {found}: this is another log. If that is meant, have it read"
            f" from its start: miyun {reader.name} adopt"
        )
    for tp, first in seen.begins.items():
        wanted = stored[name_of(tp)].next if name_of(tp) in stored else 0
        _report_loss(reader, tp, first - wanted)
        reader.reached[tp] = max(wanted, first)
    reader.ends = seen.ends
    consumer.assign(list(reader.reached))
    for tp, offset in reader.reached.items():
        consumer.seek(tp, offset)


def _report_loss(reader: TopicReader, tp: TopicPartition, records: int) -> None:
    if records <= 0:
        return
    topic = topic_of(tp.topic)
    if reader.lost is not None:
        reader.lost.labels(topic).inc(records)
    log.warning(
        f"{reader.name}: the broker deleted records before they were taken",
        extra={"topic": topic, "partition": tp.partition, "records": records},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """A batch ends at so many records, or so long after its first ones; ``idle_s``: an empty one."""

    records: int
    within_s: float
    idle_s: float


async def batches(
    reader: TopicReader, consumer: AIOKafkaConsumer, connection: Connection, limits: BatchLimits
) -> AsyncIterator[list[ConsumerRecord]]:
    """Batches, each partition's records in order. An empty one says that the connection still lives.

    Who asks for the next one has taken the one before.
    """
    while True:
        records = await _next_batch(consumer, limits)
        if not records:
            await connection.execute("SELECT 1")
        yield records
        await _pass_over(reader, consumer, connection)


async def _pass_over(reader: TopicReader, consumer: AIOKafkaConsumer, connection: Connection) -> None:
    """Take offsets without a record, such as the ends of transactions: nothing else would ever pass them."""
    positions = {tp: await consumer.position(tp) for tp in reader.reached}
    passed = {tp: next for tp, next in positions.items() if next > reader.reached[tp]}
    if passed and reader.table is not None:
        await reader.table.pass_over(connection, {name_of(tp): next for tp, next in passed.items()})
    reader.reached |= passed


async def _next_batch(consumer: AIOKafkaConsumer, limits: BatchLimits) -> list[ConsumerRecord]:
    clock = asyncio.get_running_loop().time
    batch: list[ConsumerRecord] = []
    size, until = 0, clock() + limits.idle_s
    while (left := until - clock()) > 0 and len(batch) < limits.records and size < BATCH_BYTES:
        room = limits.records - len(batch)
        fetched = await consumer.getmany(timeout_ms=int(left * 1000), max_records=room)
        for records in fetched.values():
            if not batch:
                until = clock() + limits.within_s
            batch.extend(records)
            size += sum(len(record.value or b"") for record in records)
    return batch


async def refresh(reader: TopicReader, consumer: AIOKafkaConsumer) -> None:
    """Look where the topics end now: what the lag rests on."""
    reader.ends = dict(await consumer.end_offsets(list(reader.reached)))
