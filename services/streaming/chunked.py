"""A Faust transport driver that hands agents chunks: one message per partition and poll.

The message's value is a ``ReadChunk``. Faust pays per message (futures, acknowledgement lists),
so this takes a frame from 126-175 us to 28-38 us. Offsets are committed by the checkpoint, and where to
read from after a rebalance is told by the load (``positions``), never by committed offsets.

Only what transactions have committed is read. Offsets may jump: markers of transactions, aborted records
and what compaction took have some. A chunk therefore says from where to where it was read, and the client
is never let to move on by itself: records that the broker has deleted end the process.
Chosen by URL scheme: ``register()``, then ``broker="chunked://host:port"``.

Faust keeps lists of what was acknowledged and what is missing between two messages, which only its own
commits empty. They are switched off here; ``entries`` counts what is left, and must not grow.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import OffsetOutOfRangeError
from faust.transport.consumer import RecordMap
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from services.runtime.records.unpacking import take_any_record

SCHEME = "chunked"
BUFFERS_FULL_PAUSE_S = 0.02
"""Until the agent has worked off some chunks (Faust would sleep a whole second)."""


class InputGapError(Exception):
    """Records are missing between what was judged and what came: the next load finds out why."""


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """Everything that a partition holds from offset ``begin`` up to, but not with, ``next``.

    ``records`` may be fewer, even none: not every offset has a record.
    """

    begin: int
    records: Sequence[ConsumerRecord]
    next: int


Chunks = dict[TP, ReadChunk]


class Consumer(driver.Consumer):  # type: ignore[misc]  # Faust is typed only in part
    """Faust's consumer with chunks, explicit positions and commits of our own."""

    positions: Mapping[TP, int] = {}
    """Partition -> next offset to read, set by each load before the flow resumes."""

    def entries(self) -> int:
        """Return how many entries Faust's containers hold: here, in the consumer's thread, in its statistics.

        A few for each partition, however much was read. They are counted only when somebody asks.
        """
        owners = (self, self._thread, self.app.monitor)
        return sum(_entries(kept) for owner in owners for kept in list(vars(owner).values()))

    def _new_consumer_thread(self) -> "ConsumerThread":
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message per partition of a poll.

        What was fetched under an earlier generation, or while the flow is stopped, is dropped: both end
        in a load, which seeks. The generation is noted while the flow is active: a load that is under
        way belongs to the next one.

        Raises:
            InputGapError: the broker has deleted what was next.
        """
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        if self.should_stop or not self.flow_active:
            return
        generation = self.app.consumer_generation_id
        active = self._get_active_partitions()
        if not active:
            await self.sleep(BUFFERS_FULL_PAUSE_S)
            return
        try:
            chunks = await self._getmany(active_partitions=active, timeout=timeout)
        except OffsetOutOfRangeError as error:
            raise InputGapError(f"the broker has deleted what was next: {error}") from error
        for tp, chunk in chunks.items():
            if self.should_stop or not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if tp in active or tp in self._buffered_partitions:
                yield tp, _message(tp, chunk, generation)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek where the load said; Faust calls this after each rebalance."""
        await self.seek_wait(self.positions)
        return self.positions

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        """The group's committed offsets; None where there is none."""
        consumer = self._thread._ensure_consumer()
        return {tp: await self._thread.call_thread(consumer.committed, tp) for tp in tps}

    async def commit(self, *_: Any, **__: Any) -> bool:
        """Commit nothing: Faust asks every second and at the end, but only the checkpoint may say how far."""
        return False

    def ack(self, _: Any) -> bool:
        """Note nothing: Faust acknowledges what a stream skips, and only its own commits empty that list."""
        return False

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Note nothing: between two chunks no record is missing, their messages carry the last one's offset.

        Faust would keep an interval for each chunk and merge all of them at the next one.
        """

    async def commit_positions(self, positions: Mapping[TP, int]) -> bool:
        """Commit partition -> next offset to read. False: the group has rebalanced meanwhile."""
        return bool(await self._commit(positions))


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's thread around aiokafka's consumer, which lets the broker collect records.

    A fetch begins and ends under one generation. Faust leaves one waiting through a rebalance and a load: it
    would take the first records after the seek, ``getmany`` would drop them, and the partition would stand
    still until its next record.
    """

    _fetches: frozenset[asyncio.Task[RecordMap]] = frozenset()
    """Under way in the thread: nearly always one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._one_by_one = asyncio.Lock()
        """One fetch moves positions: two would each take what the other was given for empty offsets."""

    async def getmany(self, active_partitions: set[TP], timeout: float) -> Chunks:
        """Return what was fetched, or nothing after ``timeout`` seconds or once the group has rebalanced."""
        generation = self.app.consumer_generation_id
        chunks: Chunks = await self.call_thread(self._fetch, generation, active_partitions, timeout)
        return chunks

    async def _fetch(self, generation: int, partitions: set[TP], timeout: float) -> Chunks:
        async with self._one_by_one:
            if generation != self.app.consumer_generation_id:
                return {}
            return await self._fetch_alone(partitions, timeout)

    async def _fetch_alone(self, partitions: set[TP], timeout: float) -> Chunks:
        """Fetch from the partitions that are active, some of which may become so meanwhile."""
        consumer = self._ensure_consumer()
        begins = _positions(consumer)
        records = self._fetch_records(consumer, partitions, timeout, consumer._max_poll_records)
        fetch = asyncio.ensure_future(records)
        self._fetches |= {fetch}
        try:
            await asyncio.wait([fetch])
            return {} if fetch.cancelled() else _chunks(begins, fetch.result(), consumer)
        finally:
            fetch.cancel()
            self._fetches -= {fetch}

    async def _seek_wait(self, consumer: AIOKafkaConsumer, positions: Mapping[TP, int]) -> None:
        for fetch in self._fetches:
            fetch.cancel()
        await super()._seek_wait(consumer, positions)

    def highwater(self, tp: TP) -> int | None:
        """The end of what can be read: open transactions hold it back."""
        end: int | None = self._ensure_consumer().last_stable_offset(tp)
        return end

    def _create_worker_consumer(self, transport: "Transport") -> AIOKafkaConsumer:
        """Faust has no setting for these. aiokafka reads them when the consumer is started."""
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._auto_offset_reset = "none"
        consumer._fetch_min_bytes = transport.fetch_min_bytes
        consumer._fetch_max_wait_ms = transport.fetch_max_wait_ms
        return consumer


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka transport with the consumer above."""

    Consumer = Consumer
    fetch_min_bytes = 1
    """The broker answers a fetch once it has so many bytes ..."""
    fetch_max_wait_ms = 500
    """... or this long after it was asked. Both are set before the app starts."""


def register() -> None:
    """Make the scheme known to Faust."""
    take_any_record()
    TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"


def _entries(kept: object) -> int:
    if isinstance(kept, str | bytes) or not isinstance(kept, Sized):
        return 0
    inner = list(kept.values()) if isinstance(kept, Mapping) else []
    return len(kept) + sum(map(_entries, inner))


def _positions(consumer: AIOKafkaConsumer) -> dict[TP, int]:
    """The next offsets to be fetched, of those partitions assigned that have one."""
    subscription = consumer._subscription.subscription
    assignment = None if subscription is None else subscription.assignment
    if assignment is None:
        return {}
    states = ((TP(*tp), assignment.state_value(tp)) for tp in assignment.tps)
    return {tp: state.position for tp, state in states if state.has_valid_position}


def _chunks(begins: Mapping[TP, int], records: RecordMap, consumer: AIOKafkaConsumer) -> Chunks:
    """What a fetch has given, also of partitions where it found only offsets without a record."""
    ends = _positions(consumer)
    return {
        tp: ReadChunk(begin, records.get(tp, ()), ends[tp])
        for tp, begin in begins.items()
        if ends.get(tp, begin) > begin
    }


def _message(tp: TP, chunk: ReadChunk, generation: int) -> ConsumerMessage:
    """Its offset is the last that the chunk covers: Faust drops what is below the one before."""
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        chunk.next - 1,
        chunk.records[-1].timestamp / 1000.0 if chunk.records else 0.0,
        1,
        [],
        None,
        chunk,
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )
