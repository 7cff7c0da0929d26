"""A checkpoint: sent records acknowledged -> each partition's snapshots and header, in one transaction.

Only then may the input offsets be committed. Cut anywhere, it leaves a state from which judging goes on
with the same effects: a snapshot tells by ``as_of`` which records it includes.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Generic

from schemas.codec import Record
from schemas.snapshots import header_key
from schemas.topics import TopicName
from services.runtime.following.positions import Position
from services.runtime.outgoing import Outgoing
from services.streaming.batches import Batches
from services.streaming.fence import Fence
from services.streaming.guard import identity
from services.streaming.logic import Logic, S


@dataclass(slots=True, kw_only=True)
class AssignedPartition(Generic[S]):
    """A partition of the input as a worker holds it: where it stands, and what the service keeps of it."""

    number: int
    next: int
    written: Position
    """Of the header as it stands in the state topic; ``next`` -1: there is none."""
    state: S
    last: Record | None = None
    """The record that was judged last, since the load."""
    has_jumped: bool = False
    """Offsets without a record were passed over since the load, which was said."""

    def passed(self, record: Record) -> None:
        """The record is judged: what comes next stands behind it."""
        self.next = record.offset + 1
        self.last = record

    def position(self) -> Position:
        """The position of a checkpoint of this moment."""
        if self.last is None:  # nothing came but offsets without a record
            return replace(self.written, next=self.next, last=self.written.last_offset)
        return Position(self.written.epoch, self.next, identity(self.last), self.last.offset)


async def write_checkpoint(
    partitions: Collection[AssignedPartition[S]],
    batches: Batches,
    fence: Fence,
    *,
    logic: Logic[Any, Any, S],
    topic: TopicName,
) -> dict[int, int]:
    """Write to the state topic what has changed since the last checkpoint; of each partition all or nothing.

    Returns:
        Partition -> next offset to read, of those that have moved on: to be committed.

    Raises:
        aiokafka.errors.KafkaError: the broker did not take something; nothing may be committed.
        OversizeError: a snapshot is larger than a record may be.
    """

    def record(partition: AssignedPartition[S], key: bytes, value: bytes) -> Outgoing:
        return Outgoing(topic, partition.number, key, value, [("epoch", partition.written.epoch.encode())])

    async def write(one: AssignedPartition[S]) -> None:
        records = [record(one, key, value) for key, value in logic.changed(one.state)]
        if one.number in moved:
            header = logic.header(one.state, moved[one.number])
            records.append(record(one, header_key(one.number), header))
        if records:
            await fence.write(one.number, records)

    await batches.settle()
    moved = {one.number: one.position() for one in partitions if one.next != one.written.next}
    await asyncio.gather(*map(write, partitions))
    for one in partitions:
        one.written = moved.get(one.number, one.written)
    return {number: position.next for number, position in moved.items()}
