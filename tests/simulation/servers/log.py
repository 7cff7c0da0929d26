"""A log in memory: topics, partitions, transactions with markers, fencing, groups' offsets; no delays.

What it shares with the real broker is told by ``test_log_contract.py``.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError, ProducerFenced, UnknownTopicOrPartitionError

from schemas.headers import Headers

BASE_MS = 1_768_302_000_000
"""What time it is at the broker when a loop's clock stands at 0."""
LOG_APPEND_TIME = 1


@dataclass(frozen=True, slots=True)
class Content:
    """A record as it is sent."""

    key: bytes | None
    value: bytes | None
    headers: Headers


class Fate(Enum):
    """How a transaction ended, if it did."""

    OPEN = auto()
    COMMITTED = auto()
    ABORTED = auto()


@dataclass(eq=False, slots=True)
class Transaction:
    """Records that count together, or not at all."""

    fate: Fate = Fate.OPEN
    partitions: "dict[TopicPartition, MemoryPartition]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands at an offset. ``record`` None: a transaction ends there, or compaction took what it was."""

    record: ConsumerRecord | None
    transaction: Transaction | None = None


@dataclass(slots=True)
class MemoryPartition:
    """A partition; ``begin``: the first offset that is kept."""

    place: TopicPartition
    begin: int = 0
    slots: list[Slot] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The offset of the next record."""
        return len(self.slots)

    @property
    def stable_end(self) -> int:
        """Before it every transaction has ended."""
        opened = (at for at, slot in enumerate(self.slots) if _fate(slot) is Fate.OPEN)
        return next(opened, self.end)

    def append(self, contents: Iterable[Content], transaction: Transaction | None = None) -> int:
        """Records at the end; the offset of the first."""
        first, now = self.end, BASE_MS + int(asyncio.get_running_loop().time() * 1000)
        for it in contents:
            record = ConsumerRecord(
                *self.place,
                self.end,
                now,
                LOG_APPEND_TIME,
                it.key,
                it.value,
                None,
                len(it.key or b""),
                len(it.value or b""),
                tuple(it.headers),
            )
            self.slots.append(Slot(record, transaction))
        if transaction is not None:
            transaction.partitions[self.place] = self
        return first

    def mark(self) -> None:
        """The end of a transaction, which takes an offset."""
        self.slots.append(Slot(None))

    def read(self, offset: int, *, most: int, committed: bool) -> tuple[list[ConsumerRecord], int]:
        """At most so many records from an offset on, and the offset behind what was looked at.

        Raises:
            OffsetOutOfRangeError: nothing is, or will be next, at that offset.
        """
        if not self.begin <= offset <= self.end:
            raise OffsetOutOfRangeError({self.place: offset})
        records: list[ConsumerRecord] = []
        end = self.stable_end if committed else self.end
        while offset < end and len(records) < most:
            slot = self.slots[offset]
            if slot.record is not None and not (committed and _fate(slot) is Fate.ABORTED):
                records.append(slot.record)
            offset += 1
        return records, offset

    def compact(self) -> None:
        """Of each key only the last record stays: the offsets of the others have none any more."""
        end, kept = self.stable_end, {}
        for at, slot in enumerate(self.slots[:end]):
            if slot.record is not None and _fate(slot) is not Fate.ABORTED:
                kept[slot.record.key] = at
        for at in set(range(end)) - set(kept.values()):
            self.slots[at] = Slot(None)


def _fate(slot: Slot) -> Fate | None:
    return None if slot.transaction is None else slot.transaction.fate


@dataclass(slots=True)
class Right:
    """Who may write under a transactional id: whoever took it last."""

    epoch: int = 0
    transaction: Transaction | None = None


@dataclass(slots=True)
class MemoryLog:
    """A broker's content."""

    partitions: dict[TopicPartition, MemoryPartition] = field(default_factory=dict)
    committed: dict[tuple[str, TopicPartition], int] = field(default_factory=dict)
    """By group."""
    _rights: dict[str, Right] = field(default_factory=dict)
    _waiting: list["asyncio.Future[None]"] = field(default_factory=list)

    def create(self, topic: str, partitions: int) -> None:
        """A new topic."""
        for number in range(partitions):
            place = TopicPartition(topic, number)
            self.partitions[place] = MemoryPartition(place)

    @property
    def topics(self) -> set[str]:
        """The names of all."""
        return {place.topic for place in self.partitions}

    def at(self, place: TopicPartition) -> MemoryPartition:
        """A partition.

        Raises:
            UnknownTopicOrPartitionError: there is none.
        """
        if place not in self.partitions:
            raise UnknownTopicOrPartitionError(place)
        return self.partitions[TopicPartition(*place)]

    def append(self, place: TopicPartition, contents: Sequence[Content]) -> int:
        """Records without a transaction; the offset of the first."""
        first = self.at(place).append(contents)
        self.tell()
        return first

    def take(self, id_: str) -> int:
        """From now on only the caller writes under a transactional id: what others had begun is aborted."""
        right = self._rights.setdefault(id_, Right())
        right.epoch += 1
        self._end(right, Fate.ABORTED)
        return right.epoch

    def append_under(self, id_: str, epoch: int, place: TopicPartition, contents: Sequence[Content]) -> int:
        """Records of the id's transaction, which begins with the first of them.

        Raises:
            ProducerFenced: somebody has taken the id since.
        """
        right = self._right(id_, epoch)
        right.transaction = right.transaction or Transaction()
        first = self.at(place).append(contents, right.transaction)
        self.tell()
        return first

    def end(self, id_: str, epoch: int, fate: Fate) -> None:
        """End the id's transaction, if one has begun.

        Raises:
            ProducerFenced: somebody has taken the id since.
        """
        self._end(self._right(id_, epoch), fate)

    def _right(self, id_: str, epoch: int) -> Right:
        right = self._rights[id_]
        if right.epoch != epoch:
            raise ProducerFenced(id_)
        return right

    def _end(self, right: Right, fate: Fate) -> None:
        transaction, right.transaction = right.transaction, None
        if transaction is not None:
            transaction.fate = fate
            for partition in transaction.partitions.values():
                partition.mark()
            self.tell()

    def delete_before(self, place: TopicPartition, offset: int) -> None:
        """As retention does."""
        self.at(place).begin = offset

    def change(self) -> "asyncio.Future[None]":
        """Done when something is added next."""
        self._waiting.append(asyncio.get_running_loop().create_future())
        return self._waiting[-1]

    def tell(self) -> None:
        """Wake who waits for a change."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)
