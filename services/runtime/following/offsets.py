"""How far topics are taken: a table of positions, and whether they are of the log that the broker has."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import itemgetter

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from schemas.outputs import Origin, decode, topic_of
from schemas.topics import TopicName
from services.runtime.following.positions import Position
from services.runtime.kafka import partitions_of, read_range, reader
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import ExplainedError

PartitionName = tuple[TopicName, int]
"""A topic and a partition of it."""
Positions = Mapping[PartitionName, Position]
Ends = dict[TopicPartition, int]
READ_WITHIN_S = 30.0


class StoredElsewhereError(ExplainedError):
    """Somebody else took what this process was about to take."""


@dataclass(frozen=True, slots=True)
class OffsetsTable:
    """A table with the columns partition, epoch, next_offset, last_ce_id, and topic unless it is of one.

    ``topic``: of which one. Rows are written in the transaction of what they stand for.
    """

    name: str
    topic: TopicName | None = None

    async def stored(self, connection: Connection) -> dict[PartitionName, Position]:
        """All positions."""
        rows = await connection.fetch(self.query("offsets_of"))
        position = itemgetter("epoch", "next_offset", "last_ce_id")
        return {(TopicName(row["topic"]), row["partition"]): Position(*position(row)) for row in rows}

    @asynccontextmanager
    async def taking(self, connection: Connection, origins: Iterable[Origin]) -> AsyncIterator[None]:
        """A transaction that takes these records: in order by partition, following what is taken.

        Raises:
            StoredElsewhereError: some of them are taken already.
        """
        firsts, lasts = _ends(origins)
        places = [topic for topic, _ in lasts], [partition for _, partition in lasts]
        positions = [position_after(origin) for origin in lasts.values()]
        async with connection.transaction():
            for row in await connection.fetch(self.query("offsets_lock"), *places):
                name = TopicName(row["topic"]), row["partition"]
                if row["next_offset"] > firsts[name].offset:
                    raise StoredElsewhereError(
                        f"another process wrote to table {self.name} of this namespace: {name[0]}, partition"
                        f" {name[1]} is taken up to offset {row['next_offset']}"
                    )
            await connection.execute(
                self.query("offsets_upsert"),
                *places,
                [position.epoch for position in positions],
                [position.next for position in positions],
                [position.ce_id for position in positions],
            )
            yield

    async def pass_over(self, connection: Connection, nexts: Mapping[PartitionName, int]) -> None:
        """Note that there is no record between what is taken and the offsets given."""
        topics, partitions = [topic for topic, _ in nexts], [partition for _, partition in nexts]
        await connection.execute(self.query("offsets_pass_over"), topics, partitions, [*nexts.values()])

    async def forget(self, connection: Connection, topic: TopicName) -> int:
        """Forget how far a topic is taken; of how many partitions. It will be read from its start."""
        return len(await connection.fetch(self.query("offsets_forget"), topic))

    def query(self, name: str) -> str:
        """A named query on this table."""
        topic = "topic" if self.topic is None else f"'{self.topic}'::text"
        key = "topic, partition" if self.topic is None else "partition"
        return queries(__package__)[name].format(table=self.name, topic=topic, key=key)


def name_of(tp: TopicPartition) -> PartitionName:
    """A partition by its bare topic's name, as tables have it."""
    return topic_of(tp.topic), tp.partition


def position_after(origin: Origin) -> Position:
    """The position of who has taken a record, and all before it."""
    return Position(origin.epoch, origin.offset + 1, origin.ce_id)


def _ends(origins: Iterable[Origin]) -> tuple[dict[PartitionName, Origin], dict[PartitionName, Origin]]:
    firsts: dict[PartitionName, Origin] = {}
    lasts: dict[PartitionName, Origin] = {}
    for origin in origins:
        firsts.setdefault((origin.topic, origin.partition), origin)
        lasts[origin.topic, origin.partition] = origin
    return firsts, lasts


@dataclass(frozen=True, slots=True)
class LogCompared:
    """First and end offsets of topics, and in what the log contradicts the positions: it is another one."""

    begins: Ends
    ends: Ends
    contradictions: dict[PartitionName, str]


async def compare(settings: Settings, topics: Iterable[TopicName], stored: Positions) -> LogCompared:
    """Compares the log with the one that the positions are of.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    tps = partitions_of(settings.namespace, *topics)
    positions = {tp: stored[name_of(tp)] for tp in tps if name_of(tp) in stored}
    async with reader(settings.kafka_bootstrap) as consumer:
        begins: Ends = await consumer.beginning_offsets(tps)
        ends: Ends = await consumer.end_offsets(tps)
        last = await _last_taken(consumer, positions, begins, ends)
    contradictions = {
        name_of(tp): why
        for tp, position in positions.items()
        if (why := _contradiction(position, last.get(tp), ends[tp]))
    }
    return LogCompared(begins, ends, contradictions)


async def _last_taken(
    consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, Position], begins: Ends, ends: Ends
) -> dict[TopicPartition, ConsumerRecord]:
    """The records that were taken last, as far as the broker still has them.

    An earlier release had plans compacted, which may have taken theirs; parts of plans name what they are.
    """
    wanted = {
        tp: min(position.next, ends[tp])
        for tp, position in positions.items()
        if topic_of(tp.topic) is not TopicName.PLANS
    }
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return await read_last(consumer, wanted, begins=begins)
    except TimeoutError:
        raise KafkaTimeoutError("the broker does not give the records that were taken last") from None


async def read_last(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], *, begins: Mapping[TopicPartition, int]
) -> dict[TopicPartition, ConsumerRecord]:
    """The last record before each offset, of those partitions that have one.

    Offsets right before may have none, such as the ends of transactions: then it looks ever further back.
    """
    found: dict[TopicPartition, ConsumerRecord] = {}
    missing, depth = {tp: end for tp, end in ends.items() if begins[tp] < end}, 1
    while missing:
        starts = {tp: max(begins[tp], end - depth) for tp, end in missing.items()}
        async for records in read_range(consumer, missing, starts=starts):
            last = records[-1]
            found[TopicPartition(last.topic, last.partition)] = last
        missing = {tp: starts[tp] for tp in missing if tp not in found and begins[tp] < starts[tp]}
        depth *= 16
    return found


def _contradiction(position: Position, last: ConsumerRecord | None, end: int) -> str:
    """Why this cannot be the log that was read; empty: nothing speaks against it."""
    if position.next > end:
        return f"the broker has only {end} records"
    if last is None:
        return ""
    found = position_after(decode(last).origin)
    if found.epoch != position.epoch:
        return f"the record before it is of epoch {found.epoch!r}, not {position.epoch!r}"
    if found.ce_id != position.ce_id:
        return f"the record before it is {found.ce_id!r}, not {position.ce_id!r}"
    return ""
