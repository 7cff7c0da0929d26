"""A producer of the log in memory: what our code uses of aiokafka's, with delays and errors.

It stands where the library's class stands (``services.runtime.kafka``): all that is ours runs as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError, ProducerFenced
from aiokafka.structs import RecordMetadata
from simulation.loop import Process, this_process
from simulation.servers.log import LOG_APPEND_TIME, Content, Fate, MemoryLog
from simulation.servers.weather import Calm, Weather

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
