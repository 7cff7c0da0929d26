"""Reads back what checkpoints wrote, and asks the guard whether the log is the one that they were made of."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.base import ClockMode
from schemas.headers import header as header_text
from schemas.partition import control_key
from services.runtime.kafka import read_all, read_range, reader
from services.runtime.positions import AnotherLogError
from services.runtime.settings import Settings
from services.streaming.guard import LogSeen, decide, identity
from services.streaming.logic import H, Loaded, StreamSpec, T

log = logging.getLogger(__name__)

HEADER_SUFFIX = b"|header"


def header_key(partition: int) -> bytes:
    """Key of a partition's header in the state topic; snapshots have keys of the service's own."""
    return control_key(partition).encode() + HEADER_SUFFIX


@dataclass(slots=True)
class Checkpointed(Generic[H, T]):
    """What the state topic holds of one partition, folded. ``snapshots``: (``as_of``, content) by key."""

    stream: StreamSpec[H, T]
    epoch: str
    header: H | None = None
    snapshots: dict[bytes, tuple[int, T]] = field(default_factory=dict)

    def take(self, record: ConsumerRecord) -> None:
        """Fold one record in: per key the largest ``as_of`` wins, not the last: a zombie's is older.

        A tombstone forgets its key. Snapshots of another epoch are of another log; a header is kept
        whatever its epoch, for the guard to judge.
        """
        if record.key.endswith(HEADER_SUFFIX):
            self._take_header(record.value)
        elif record.value is None:
            self.snapshots.pop(record.key, None)
        elif header_text(record.headers, "epoch") == self.epoch:
            snapshot = self.stream.decode(record.key, record.value)
            known = self.snapshots.get(record.key)
            if known is None or snapshot[0] >= known[0]:
                self.snapshots[record.key] = snapshot

    def _take_header(self, value: bytes | None) -> None:
        new = None if value is None else self.stream.decode_header(value)
        old = self.header
        if old is None or new is None or _supersedes(new, old):
            self.header = new


def _supersedes(new: H, old: H) -> bool:
    at, before = new.position, old.position
    return at.epoch != before.epoch or at.next >= before.next


async def load_partitions(
    settings: Settings, stream: StreamSpec[H, T], committed: Mapping[int, int | None], *, epoch: str
) -> list[Loaded[H, T]]:
    """What is known of the partitions (the keys of ``committed``: the group's offsets).

    Raises:
        AnotherLogError: a checkpoint was made of another log.
        SnapshotVersionError: a checkpoint was made by a newer release.
    """
    found = await examine(settings, stream, committed, epoch=epoch)
    for one in found:
        decision, reason = one.verdict.decision, one.verdict.reason
        level = logging.DEBUG if decision == "go_on" else logging.INFO
        log.log(level, decision, extra={"partition": one.number, "reason": reason})
        if decision == "another_log":
            topic = stream.input.within(settings.namespace)
            remedy = f"`{stream.adopt}` forgets the checkpoint and reads the log anew"
            raise AnotherLogError(f"another log: {topic} partition {one.number}: {reason}; {remedy}")
    return found


async def examine(
    settings: Settings, stream: StreamSpec[H, T], committed: Mapping[int, int | None], *, epoch: str
) -> list[Loaded[H, T]]:
    """The partitions' checkpoints, each with the guard's verdict.

    Raises:
        SnapshotVersionError: a checkpoint was made by a newer release.
    """
    kept = {partition: Checkpointed(stream, epoch) for partition in sorted(committed)}
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
            verdict=decide(found.header, seen[partition]),
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
