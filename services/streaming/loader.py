"""Reads back what checkpoints wrote: per partition its header and its stations' states."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.headers import header as header_text
from schemas.topics import TopicName
from services.monitor.guard import identity
from services.monitor.snapshots import (
    PartitionHeader,
    RecordKind,
    decode_full,
    decode_header,
    decode_hot,
    kind_of,
)
from services.rules.state import HotState, StationState
from services.runtime.kafka import read_all, read_range


@dataclass(slots=True)
class Checkpointed:
    """What ``monitor-state`` holds of one partition, folded."""

    header: PartitionHeader | None = None
    full: dict[str, StationState] = field(default_factory=dict)
    hot: dict[str, HotState] = field(default_factory=dict)

    def take(self, record: ConsumerRecord, epoch: str) -> None:
        """Fold one record in: per key the largest ``as_of`` wins, not the last: a zombie's is older.

        A tombstone forgets its key. Snapshots of another epoch are of another log; a header is kept
        whatever its epoch, for the guard to judge.
        """
        kind, station = kind_of(record.key)
        if record.value is None:
            self._forget(kind, station)
        elif kind is RecordKind.HEADER:
            self._take_header(decode_header(record.value))
        elif header_text(record.headers, "epoch") == epoch:
            self._take_snapshot(kind, station, record.value)

    def states(self) -> dict[str, StationState]:
        """Full snapshots, overlaid by hot ones that are newer."""
        found = dict(self.full)
        for station, hot in self.hot.items():
            base = found.get(station, StationState(station))
            if hot.as_of > base.hot.as_of:
                found[station] = replace(base, hot=hot)
        return found

    def _take_header(self, header: PartitionHeader) -> None:
        old = self.header
        if old is None or old.epoch != header.epoch or header.next >= old.next:
            self.header = header

    def _take_snapshot(self, kind: RecordKind, station: str, value: bytes) -> None:
        if kind is RecordKind.FULL:
            state = decode_full(station, value)
            old = self.full.get(station)
            if old is None or state.hot.as_of >= old.hot.as_of:
                self.full[station] = state
        else:
            hot = decode_hot(value)
            if station not in self.hot or hot.as_of >= self.hot[station].as_of:
                self.hot[station] = hot

    def _forget(self, kind: RecordKind, station: str) -> None:
        match kind:
            case RecordKind.HEADER:
                self.header = None
            case RecordKind.FULL:
                self.full.pop(station, None)
            case RecordKind.HOT:
                self.hot.pop(station, None)


@dataclass(frozen=True, slots=True)
class LogBounds:
    """First offset of a partition of ``events``, the one after its last, and the guard's marker."""

    start: int
    end: int
    marker: str | None


async def read_checkpoints(
    consumer: AIOKafkaConsumer, namespace: str, partitions: Sequence[int], *, epoch: str
) -> dict[int, Checkpointed]:
    """What ``monitor-state`` holds of the partitions.

    Raises:
        SnapshotVersionError: a newer release has written there.
    """
    topic = TopicName.MONITOR_STATE.within(namespace)
    found = {partition: Checkpointed() for partition in partitions}
    async for records in read_all(consumer, [TopicPartition(topic, p) for p in partitions]):
        for record in records:
            found[record.partition].take(record, epoch)
    return found


async def read_keys(
    consumer: AIOKafkaConsumer, namespace: str, partitions: Collection[int]
) -> dict[int, set[bytes]]:
    """The keys of ``monitor-state`` that have a value, undecoded."""
    topic = TopicName.MONITOR_STATE.within(namespace)
    keys: dict[int, set[bytes]] = {partition: set() for partition in partitions}
    async for records in read_all(consumer, [TopicPartition(topic, p) for p in partitions]):
        for record in records:
            held = keys[record.partition]
            held.discard(record.key) if record.value is None else held.add(record.key)
    return keys


async def read_bounds(
    consumer: AIOKafkaConsumer, namespace: str, headers: dict[int, PartitionHeader | None]
) -> dict[int, LogBounds]:
    """Where the partitions of ``events`` begin and end, and what stands at their headers' last event."""
    topic = TopicName.EVENTS.within(namespace)
    tps = {partition: TopicPartition(topic, partition) for partition in headers}
    starts = await consumer.beginning_offsets(list(tps.values()))
    ends = await consumer.end_offsets(list(tps.values()))
    last = {
        tps[p]: header.last_event.offset
        for p, header in headers.items()
        if header is not None and header.last_event is not None
    }
    readable = {tp: offset for tp, offset in last.items() if starts[tp] <= offset < ends[tp]}
    markers = {record.partition: identity(record) for record in await _read_each(consumer, readable)}
    return {p: LogBounds(starts[tp], ends[tp], markers.get(p)) for p, tp in tps.items()}


async def _read_each(
    consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]
) -> Iterable[ConsumerRecord]:
    ends = {tp: offset + 1 for tp, offset in offsets.items()}
    found: list[ConsumerRecord] = []
    async for records in read_range(consumer, ends, starts=offsets):
        found.extend(records)
    return found
