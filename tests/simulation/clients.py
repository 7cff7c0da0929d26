"""Clients of the log in memory: what our code uses of aiokafka's, with delays and errors.

They stand where the library's classes stand (``services.runtime.kafka``): all that is ours runs as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaTimeoutError, OffsetOutOfRangeError, ProducerFenced
from aiokafka.structs import RecordMetadata
from simulation.log import LOG_APPEND_TIME, Content, Fate, MemoryLog
from simulation.loop import Process, this_process
from simulation.weather import Calm, Weather, patience

from schemas.headers import Headers

RECORD_BYTES = 70
"""What a record takes beside its content, about."""
HALF = 0.5


@dataclass(slots=True)
class MemoryBatch:
    """Records of one topic and partition on their way."""

    most_bytes: int
    contents: list[Content] = field(default_factory=list)
    size: int = 0
    is_closed: bool = False

    def append(
        self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: Headers
    ) -> object | None:
        """Add a record; None: it is full. An empty one takes any record."""
        texts = sum(len(name) + len(text) for name, text in headers)
        size = RECORD_BYTES + len(key or b"") + len(value or b"") + texts
        if self.is_closed or (self.contents and self.size + size > self.most_bytes):
            self.is_closed = True
            return None
        self.size += size
        self.contents.append(Content(key, value, list(headers)))
        return self

    def close(self) -> None:
        """Take no more."""
        self.is_closed = True


class MemoryProducer:
    """An idempotent producer. What is under way when its process is killed arrives, or its end does not."""

    def __init__(
        self,
        log: MemoryLog,
        weather: Weather | None = None,
        *,
        transactional_id: str | None = None,
        max_batch_size: int = 16_384,
        **_: Any,
    ) -> None:
        self._log, self._weather = log, weather or Calm()
        self._id, self._epoch, self._batch_bytes = transactional_id, 0, max_batch_size
        self._last: dict[TopicPartition, asyncio.Task[RecordMetadata]] = {}
        self._in_transaction = self._is_fenced = self._is_cut = self._is_gone = False
        self._broken: set[TopicPartition] = set()
        self._process: Process | None = None

    async def __aenter__(self) -> "MemoryProducer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Connect; take the transactional id."""
        await self._weather.pause()
        self._weather.strike()
        if self._id is not None:
            self._epoch = self._log.take(self._id)
        self._process = this_process()
        if self._process is not None:
            self._process.on_end.append(self._cut)
        await self._weather.pause()

    async def stop(self) -> None:
        """Wait for what is under way."""
        await self.flush()

    def create_batch(self) -> MemoryBatch:
        """An empty one."""
        return MemoryBatch(self._batch_bytes)

    async def send_batch(
        self, batch: MemoryBatch, topic: str, *, partition: int
    ) -> "asyncio.Task[RecordMetadata]":
        """Send it behind those before; done when it is acknowledged."""
        assert self._id is None or self._in_transaction, "a transactional producer has a transaction"
        place = TopicPartition(topic, partition)
        await asyncio.sleep(0)
        sending = self._deliver(place, batch.contents, self._last.get(place))
        task = asyncio.get_running_loop().create_task(sending, context=Context())
        task.add_done_callback(lambda done: done.cancelled() or done.exception(), context=Context())
        self._last[place] = task
        return task

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int,
        headers: Headers | None = None,
    ) -> "asyncio.Task[RecordMetadata]":
        """Send a record; done when it is acknowledged."""
        batch = self.create_batch()
        batch.append(timestamp=None, key=key, value=value, headers=headers or [])
        return await self.send_batch(batch, topic, partition=partition)

    async def send_and_wait(self, *arguments: Any, **options: Any) -> RecordMetadata:
        """Send a record, and wait until it is acknowledged."""
        return await (await self.send(*arguments, **options))

    async def flush(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._last.values(), return_exceptions=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All that is sent in it counts, or nothing does.

        Raises:
            ProducerFenced: somebody else has taken the id.
        """
        await self.begin_transaction()
        try:
            yield
        except BaseException:
            if not self._is_fenced:
                await self._end(Fate.ABORTED)
            raise
        await self.commit_transaction()

    async def begin_transaction(self) -> None:
        """What is sent from now on counts once it is committed."""
        self._ensure_not_fenced()
        self._in_transaction = True

    async def commit_transaction(self) -> None:
        """It counts."""
        await self._end(Fate.COMMITTED)

    async def _end(self, fate: Fate) -> None:
        self._in_transaction = False
        await self.flush()
        await self._weather.pause()
        self._weather.strike()
        try:
            self._log.end(self._id or "", self._epoch, fate)
        except ProducerFenced:
            self._is_fenced = True
            raise
        self._weather.written(self._process)
        await self._weather.pause()
        self._weather.strike()

    def _ensure_not_fenced(self) -> None:
        if self._is_fenced:
            raise ProducerFenced(self._id)

    async def _deliver(
        self,
        place: TopicPartition,
        contents: Sequence[Content],
        before: "asyncio.Task[RecordMetadata] | None",
    ) -> RecordMetadata:
        """The broker's side of it: a process that is gone does not end what is under way."""
        if before is not None:
            await asyncio.wait([before])
        await self._weather.pause()
        self._ensure_arrives(place)
        try:
            offset = self._append(place, contents)
        except ProducerFenced:
            self._is_fenced = True
            raise
        self._weather.written(self._process)
        await self._weather.pause()
        self._weather.strike()
        return RecordMetadata(*place, place, offset, None, LOG_APPEND_TIME, self._log.at(place).begin)

    def _ensure_arrives(self, place: TopicPartition) -> None:
        """A batch that is lost takes those behind it with it: the broker wants them without a gap."""
        self._is_cut = self._is_cut or (self._is_gone and self._weather.chance.random() < HALF)
        try:
            self._weather.strike()
        except Exception:
            self._broken.add(place)
            raise
        if self._is_cut or place in self._broken:
            raise KafkaTimeoutError("an earlier batch is missing")

    def _append(self, place: TopicPartition, contents: Sequence[Content]) -> int:
        if self._id is None:
            return self._log.append(place, contents)
        return self._log.append_under(self._id, self._epoch, place, contents)

    def _cut(self) -> None:
        self._is_gone = True


class MemoryConsumer:
    """A consumer that is told what to read; a group only keeps offsets for it."""

    def __init__(
        self,
        log: MemoryLog,
        weather: Weather | None = None,
        *,
        group_id: str | None = None,
        auto_offset_reset: str = "latest",
        isolation_level: str = "read_uncommitted",
        max_poll_records: int = 500,
        **_: Any,
    ) -> None:
        self._log, self._weather, self._group = log, weather or Calm(), group_id
        self._reset, self._committed = auto_offset_reset, isolation_level == "read_committed"
        self._most = max_poll_records
        self._positions: dict[TopicPartition, int | None] = {}

    async def start(self) -> None:
        """Connect."""
        await self._answered()

    def stop(self) -> "_Done":
        """Read no more."""
        self._positions = {}
        return _Done()

    async def topics(self) -> set[str]:
        """All that there are."""
        await self._answered()
        return self._log.topics

    def assign(self, places: Sequence[TopicPartition]) -> None:
        """What is read from now on; where, ``seek`` says, or else the reset."""
        self._positions = dict.fromkeys(places)

    def assignment(self) -> Collection[TopicPartition]:
        """What is read, in the same order in every run."""
        return self._positions.keys()

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Read on from there."""
        self._ensure_assigned(place)
        self._positions[place] = offset

    async def position(self, place: TopicPartition) -> int:
        """The next offset to be read."""
        self._ensure_assigned(place)
        return self._position(place)

    async def beginning_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offsets kept."""
        await self._answered()
        return {place: self._log.at(place).begin for place in places}

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of what this consumer may read."""
        await self._answered()
        found = {place: self._log.at(place) for place in places}
        return {place: it.stable_end if self._committed else it.end for place, it in found.items()}

    async def committed(self, place: TopicPartition) -> int | None:
        """The group's offset."""
        await self._answered()
        return self._log.committed.get((self._group or "", place))

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Set the group's offsets."""
        await self._weather.pause()
        self._weather.strike()
        self._log.committed |= {(self._group or "", place): offset for place, offset in offsets.items()}
        self._weather.written(this_process())
        await self._weather.pause()
        self._weather.strike()

    async def getmany(
        self, *, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Records of what is assigned, or nothing after the time is up."""
        until = asyncio.get_running_loop().time() + timeout_ms / 1000
        await self._weather.pause()
        while True:
            found = self._fetched(max_records or self._most)
            left = until - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found
            await patience(self._log.change(), left)

    def _fetched(self, most: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Of some partitions, in any order, as fetches come."""
        found = {}
        for place in self._weather.chance.sample(sorted(self._positions), len(self._positions)):
            room = most - sum(map(len, found.values()))
            if room > 0:
                position = self._position(place)
                records, next_ = self._read(place, position, self._weather.chance.randint(1, room))
                self._positions[place] = next_
                if records:
                    found[place] = records
        return found

    def _read(self, place: TopicPartition, position: int, most: int) -> tuple[list[ConsumerRecord], int]:
        try:
            return self._log.at(place).read(position, most=most, committed=self._committed)
        except OffsetOutOfRangeError:
            if self._reset == "none":
                raise
            self._positions[place] = None
            return self._log.at(place).read(self._position(place), most=most, committed=self._committed)

    def _position(self, place: TopicPartition) -> int:
        known = self._positions[place]
        if known is None:
            partition = self._log.at(place)
            known = partition.begin if self._reset == "earliest" else partition.end
            self._positions[place] = known
        return known

    def _ensure_assigned(self, place: TopicPartition) -> None:
        if place not in self._positions:
            raise IllegalStateError(f"{place} is not assigned")

    async def _answered(self) -> None:
        await self._weather.pause()
        self._weather.strike()


class _Done:
    """Awaited or not: a consumer whose process was killed is closed where nobody can await."""

    def __await__(self) -> Iterator[None]:
        return iter(())
