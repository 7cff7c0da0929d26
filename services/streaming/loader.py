"""Reads back what checkpoints wrote, and asks the guard whether the log is the one that they were made of."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.base import ClockMode
from schemas.headers import header as header_text
from schemas.snapshots import HOT_SUFFIX, SnapshotVersionError, UnreadableSnapshotError, header_key
from services.runtime.following.positions import AnotherLogError
from services.runtime.kafka import read_all, read_range, reader
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.streaming.guard import LogSeen, decide, identity
from services.streaming.logic import H, Loaded, StreamSpec, T

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Checkpointed(Generic[H, T]):
    """The state topic's records of one partition, folded. ``snapshots``: (``as_of``, content) by key."""

    stream: StreamSpec[H, T]
    epoch: str
    unreadable: Unreadable
    header: H | None = None
    snapshots: dict[bytes, tuple[int, T]] = field(default_factory=dict)
    lost: dict[bytes, str] = field(default_factory=dict)
    newer: dict[bytes, SnapshotVersionError] = field(default_factory=dict)

    def take(self, record: ConsumerRecord) -> None:
        """Fold one record in: per key the largest ``as_of`` wins, not the last: a zombie's is older.

        A tombstone forgets its key, with all that stood there before and could not be read. Snapshots of
        another epoch are of another log; a header is kept whatever its epoch, for the guard to judge.
        """
        key = record.key or b""
        is_header = key == header_key(record.partition)
        if record.value is not None and not is_header and header_text(record.headers, "epoch") != self.epoch:
            return
        self.lost.pop(key, None)
        self.newer.pop(key, None)
        try:
            self._take_header(record) if is_header else self._take_snapshot(key, record)
        except SnapshotVersionError as error:
            self.newer[key] = error
        except UnreadableSnapshotError as error:
            self.lost[key] = str(error)
            self.unreadable.refuse(record, str(error))
        else:
            self.lost.pop(key + HOT_SUFFIX, None)  # a full snapshot that came later says all

    def _take_header(self, record: ConsumerRecord) -> None:
        new = None if record.value is None else self.stream.decode_header(record)
        old = self.header
        if old is None or new is None or _supersedes(new, old):
            self.header = new

    def _take_snapshot(self, key: bytes, record: ConsumerRecord) -> None:
        if record.value is None:
            self.snapshots.pop(key, None)
            return
        snapshot, earlier = self.stream.decode(record), self.snapshots.get(key)
        if earlier is None or snapshot[0] >= earlier[0]:
            self.snapshots[key] = snapshot


def _supersedes(new: H, old: H) -> bool:
    at, before = new.position, old.position
    return at.epoch != before.epoch or at.next >= before.next


def ensure_usable(found: Iterable[Loaded[H, T]], *, topic: str, adopt: str) -> None:
    """Checks that partitions of the input ``topic`` can go on from their checkpoints.

    ``adopt``: the command that forgets them.

    Raises:
        AnotherLogError: a checkpoint was made of another log.
        SnapshotVersionError: a checkpoint was made by a newer release.
    """
    for one in found:
        if one.newer is not None:
            raise one.newer
        decision, reason = one.verdict.decision, one.verdict.reason
        level = logging.DEBUG if decision == "go_on" else logging.INFO
        log.log(level, f"checkpoint: {decision}", extra={"partition": one.number, "reason": reason})
        if decision == "another_log":
            remedy = f"`{adopt}` forgets the checkpoint and reads the log anew"
            raise AnotherLogError(f"another log: {topic} partition {one.number}: {reason}; {remedy}")


async def examine(
    settings: Settings,
    stream: StreamSpec[H, T],
    committed: Mapping[int, int | None],
    *,
    epoch: str,
    unreadable: Unreadable,
) -> list[Loaded[H, T]]:
    """The partitions' checkpoints, each with the guard's verdict, and what of them cannot be read.

    Partitions are the keys of ``committed``: the group's offsets.
    """
    kept = {partition: Checkpointed(stream, epoch, unreadable) for partition in sorted(committed)}
    async with reader(settings.kafka_bootstrap) as consumer:
        async for record in state_records(consumer, stream.state.within(settings.namespace), kept):
            kept[record.partition].take(record)
        headers = {partition: found.header for partition, found in kept.items()}
        topic = stream.input.within(settings.namespace)
        seen = await _look(consumer, topic, headers, committed, epoch=epoch, clock=settings.clock)
    return [
        Loaded(
            number=partition,
            header=found.header,
            snapshots={key: snapshot for key, (_, snapshot) in found.snapshots.items()},
            verdict=decide(found.header, seen[partition], lost=found.lost.get(header_key(partition))),
            lost=found.lost,
            newer=next(iter(found.newer.values()), None),
        )
        for partition, found in kept.items()
    ]


async def state_records(
    consumer: AIOKafkaConsumer, topic: str, partitions: Iterable[int]
) -> AsyncIterator[ConsumerRecord]:
    """All that the state topic holds of the partitions now, undecoded."""
    async for records in read_all(consumer, [TopicPartition(topic, number) for number in partitions]):
        for record in records:
            yield record


async def _look(
    consumer: AIOKafkaConsumer,
    topic: str,
    headers: Mapping[int, H | None],
    committed: Mapping[int, int | None],
    *,
    epoch: str,
    clock: ClockMode,
) -> dict[int, LogSeen]:
    """Where the input's partitions begin and end, and what stands right before their headers' ``next``."""
    tps = {number: TopicPartition(topic, number) for number in headers}
    starts = await consumer.beginning_offsets(list(tps.values()))
    ends = await consumer.end_offsets(list(tps.values()))
    nexts = {tps[number]: header.position.next for number, header in headers.items() if header is not None}
    readable = {tp: next for tp, next in nexts.items() if starts[tp] < next <= ends[tp]}
    markers: dict[int, str] = {}
    async for records in read_range(consumer, readable, starts={tp: end - 1 for tp, end in readable.items()}):
        markers |= {record.partition: identity(record) for record in records}
    return {
        number: LogSeen(
            epoch=epoch,
            clock_mode=clock,
            start=starts[tp],
            end=ends[tp],
            committed=committed[number],
            marker=markers.get(number),
        )
        for number, tp in tps.items()
    }
