"""A checkpoint: effects acknowledged -> snapshots acknowledged -> partition headers acknowledged.

Only then may the input offsets be committed. Cut anywhere, it leaves a state from which judging goes on
with the same effects: a snapshot tells by ``as_of`` which events it includes.
"""

from collections.abc import Collection, Iterator

from schemas.base import ClockMode
from schemas.headers import Headers
from schemas.topics import TopicName
from services.monitor.emitter import Outbox, Outgoing
from services.monitor.partitions import Partition
from services.monitor.snapshots import (
    encode_full,
    encode_header,
    encode_hot,
    full_key,
    header_key,
    hot_key,
)
from services.runtime import metrics
from services.runtime.kafka import ensure_fits


async def write_checkpoint(
    partitions: Collection[Partition], outbox: Outbox, clock_mode: ClockMode
) -> dict[int, int]:
    """Write what has changed since the last one.

    Returns:
        Partition -> next offset to read, of those that have moved on: to be committed.

    Raises:
        aiokafka.errors.KafkaError: the broker did not take something; nothing may be committed.
        OversizeError: a snapshot is larger than a record may be.
    """
    await outbox.settle()
    for held in partitions:
        await outbox.put(_snapshots(held))
    await outbox.settle()
    moved = [held for held in partitions if held.next != held.written_next]
    await outbox.put(_header(held, clock_mode) for held in moved)
    await outbox.settle()
    for held in partitions:
        held.changed.clear()
        held.written_next = held.next
    return {held.number: held.next for held in moved}


def _snapshots(held: Partition) -> Iterator[Outgoing]:
    for station, cold_changed in held.changed.items():
        state = held.states[station]
        if cold_changed:
            value, key, temperature = encode_full(state), full_key(station), "cold"
        else:
            value, key, temperature = encode_hot(state), hot_key(station), "hot"
        metrics.SNAPSHOT_BYTES.labels(temperature).inc(len(value))
        yield _record(held, key, value)


def _header(held: Partition, clock_mode: ClockMode) -> Outgoing:
    return _record(held, header_key(held.number), encode_header(held.header(clock_mode)))


def _record(held: Partition, key: bytes, value: bytes) -> Outgoing:
    headers: Headers = [("epoch", held.epoch.encode())]
    ensure_fits(TopicName.MONITOR_STATE, key, value, headers)
    return Outgoing(TopicName.MONITOR_STATE, held.number, key, value, headers)
