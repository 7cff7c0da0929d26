"""A checkpoint: sent records acknowledged -> snapshots acknowledged -> partition headers acknowledged.

Only then may the input offsets be committed. Cut anywhere, it leaves a state from which judging goes on
with the same effects: a snapshot tells by ``as_of`` which records it includes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Generic

from schemas.codec import Record
from schemas.snapshots import header_key
from schemas.topics import TopicName
from services.runtime.following.positions import Position
from services.runtime.outgoing import Outgoing
from services.streaming.batches import Batches
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

    def passed(self, record: Record) -> None:
        """The record is judged: what comes next stands behind it."""
        self.next = record.offset + 1
        self.last = record

    def position(self) -> Position:
        """The position of a checkpoint of this moment."""
        return Position(self.written.epoch, self.next, None if self.last is None else identity(self.last))


async def write_checkpoint(
    partitions: Collection[AssignedPartition[S]],
    batches: Batches,
    *,
    logic: Logic[Any, Any, S],
    topic: TopicName,
) -> dict[int, int]:
    """Write to the state topic what has changed since the last checkpoint.

    Returns:
        Partition -> next offset to read, of those that have moved on: to be committed.

    Raises:
        aiokafka.errors.KafkaError: the broker did not take something; nothing may be committed.
        OversizeError: a snapshot is larger than a record may be.
    """

    def record(partition: AssignedPartition[S], key: bytes, value: bytes) -> Outgoing:
        return Outgoing(topic, partition.number, key, value, [("epoch", partition.written.epoch.encode())])

    await batches.settle()
    for one in partitions:
        await batches.put(record(one, key, value) for key, value in logic.changed(one.state))
    await batches.settle()
    moved = [(one, one.position()) for one in partitions if one.next != one.written.next]
    headers = ((one, logic.header(one.state, position)) for one, position in moved)
    await batches.put(record(one, header_key(one.number), header) for one, header in headers)
    await batches.settle()
    for one, position in moved:
        one.written = position
    return {one.number: one.next for one, _ in moved}
