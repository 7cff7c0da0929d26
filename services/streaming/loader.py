"""Reads back what checkpoints wrote, and asks the guard whether the log is the one that they were made of."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.base import ClockMode
from schemas.headers import header as header_text
from schemas.headers import unreadable
from schemas.snapshots import HOT_SUFFIX, SnapshotVersionError, UnreadableSnapshotError, header_key
from services.runtime.following.positions import AnotherLogError
from services.runtime.kafka import read_all, read_range, reader
from services.runtime.records.authenticity import Authenticity
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.streaming.guard import LogSeen, decide, identity
from services.streaming.logic import H, Loaded, StreamSpec, T

log = logging.getLogger(__name__)
SETTLE_EVERY_S = 1.0
FORGETS = "forgets"
"""Header of a tombstone: the offset of the last record that it forgets."""


@dataclass(slots=True)
class Checkpointed(Generic[H, T]):
    """The state topic's records of one partition, folded. ``snapshots``: (``as_of``, content) by key."""

    stream: StreamSpec[H, T]
    epoch: str
    unreadable: Unreadable
    header: H | None = None
    snapshots: dict[bytes, tuple[int, T]] = field(default_factory=dict)
    lost: dict[bytes, str] = field(default_factory=dict)
    _stood: dict[bytes, int] = field(default_factory=dict)
    """Offsets of the last records with a value, by key."""
    newer: dict[bytes, SnapshotVersionError] = field(default_factory=dict)

    def take(self, record: ConsumerRecord) -> None:
        """Fold one record in: per key the largest ``as_of`` wins, not the last: a zombie's is older.

        A tombstone forgets its key, with all that stood there before and could not be read; a copy of an
        earlier one forgets nothing that came after that. Snapshots of another epoch are of another log; a
        header is kept whatever its epoch, for the guard to judge.
        """
        key = record.key or b""
        is_header = key == header_key(record.partition)
        if (why := unreadable(record.headers)) is not None:
            self.pass_over(record, why)
            return
        if record.value is None:
            if self._stood.get(key, -1) > _forgets(record):
                return
        elif not is_header and header_text(record.headers, "epoch") != self.epoch:
            return
        else:
            self._stood[key] = record.offset
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

    def pass_over(self, record: ConsumerRecord, why: str) -> None:
        """Nobody of ours wrote it. Where nothing stands before it, compaction may have taken that for it."""
        key = record.key or b""
        self.unreadable.refuse(record, why)
        is_header = key == header_key(record.partition)
        if key not in self.snapshots and not (is_header and self.header is not None):
            self.lost[key] = why

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


def _forgets(record: ConsumerRecord) -> int:
    """Up to which offset a tombstone forgets; those of earlier releases forget all before them."""
    told = header_text(record.headers, FORGETS) or ""
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 20 else record.offset


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

    Raises:
        KeyFileError: they are signed, and there is no key here; says what to do.
    """
    authenticity = Authenticity(settings)
    kept = {partition: Checkpointed(stream, epoch, unreadable) for partition in sorted(committed)}
    state, topic = stream.state.within(settings.namespace), stream.input.within(settings.namespace)
    bootstrap = settings.kafka_bootstrap
    async with (
        reader(bootstrap) as consumer,
        reader(bootstrap, isolation_level="read_uncommitted") as all_of_it,
    ):
        await _until_settled(consumer, all_of_it, [TopicPartition(state, number) for number in kept])
        async for record in state_records(consumer, state, kept):
            if (doubt := authenticity.doubt(record)) is None:
                kept[record.partition].take(record)
            else:
                kept[record.partition].pass_over(record, doubt)
        headers = {partition: found.header for partition, found in kept.items()}
        # uncommitted: a checkpoint of an earlier release may stand behind a record that was aborted later
        seen = await _look(all_of_it, topic, headers, committed, epoch=epoch, clock=settings.clock)
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


async def _until_settled(
    committed: AIOKafkaConsumer, all_of_it: AIOKafkaConsumer, tps: Sequence[TopicPartition]
) -> None:
    """Wait for transactions that are open on the state topic: checkpoints may stand behind their beginning.

    None is of ours: a load has ended those. The broker ends the others after their time.
    """
    ends = await all_of_it.end_offsets(tps)
    while behind := [tp for tp, end in (await committed.end_offsets(tps)).items() if end < ends[tp]]:
        numbers = ",".join(str(tp.partition) for tp in behind)
        log.warning(
            "checkpoint: waits for a transaction", extra={"topic": tps[0].topic, "partitions": numbers}
        )
        await asyncio.sleep(SETTLE_EVERY_S)


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
    """Where the input's partitions begin and end, and what stands where their headers' last record stood."""
    tps = {number: TopicPartition(topic, number) for number in headers}
    starts = await consumer.beginning_offsets(list(tps.values()))
    ends = await consumer.end_offsets(list(tps.values()))
    last = {
        tps[number]: header.position.last_offset for number, header in headers.items() if header is not None
    }
    readable = {tp: offset for tp, offset in last.items() if starts[tp] <= offset < ends[tp]}
    markers: dict[int, str] = {}
    behind = {tp: offset + 1 for tp, offset in readable.items()}
    async for records in read_range(consumer, behind, starts=readable):
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
