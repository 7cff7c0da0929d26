"""One worker: takes chunks of records, keeps the states of its partitions, checkpoints them.

One lock is held around judging, sending and the list of what is under way, so that a checkpoint never
covers a record whose effects are not queued. Whatever fails: everything is forgotten, so that no later
checkpoint covers a half-judged record, and the process ends.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic

from aiokafka import AIOKafkaProducer
from faust.types import TP

from services.runtime.following.positions import Position
from services.runtime.outgoing import Outgoing
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.streaming.batches import Batches
from services.streaming.checkpoint import AssignedPartition, write_checkpoint
from services.streaming.chunked import InputGapError, ReadChunk
from services.streaming.fence import Fence
from services.streaming.loader import ensure_usable, examine
from services.streaming.logic import H, Loaded, Logic, S, StreamSpec, T

log = logging.getLogger(__name__)
BACKLOG_RECORDS = 1_000
"""When so many were waiting and all are judged, what was worked off is made lasting soon ..."""
BREATH_S = 2.0
"""... but not sooner after the last checkpoint than this."""
SLICE_S = 0.25
"""A chunk that takes longer is judged in slices: others have their turn between them."""


@dataclass(kw_only=True, eq=False)
class Worker(Generic[H, T, S]):
    """The worker that the Faust app's signals drive. ``assigned`` is empty until a load is through."""

    settings: Settings
    epoch: str
    stream: StreamSpec[H, T]
    logic: Logic[H, T, S]
    app: Any
    producer: AIOKafkaProducer
    batches: Batches
    fence: Fence
    unreadable: Unreadable
    assigned: dict[int, AssignedPartition[S]] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _generation: int | None = None
    _written_at: float = field(default_factory=perf_counter)
    _had_backlog: bool = False

    @property
    def topic(self) -> str:
        """The input's name on the broker."""
        return self.stream.input.within(self.settings.namespace)

    @property
    def is_loaded(self) -> bool:
        """Tells if this worker takes part: it has loaded what it was assigned, be it nothing."""
        return self._generation is not None

    @property
    def states(self) -> dict[int, S]:
        """The service's states of the partitions assigned."""
        return {number: partition.state for number, partition in self.assigned.items()}

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._lock:
            try:
                yield
            except BaseException as error:
                self.forget()
                if not self.app.should_stop:
                    await self.app.crash(error)
                raise

    def forget(self) -> None:
        """Forget all partitions: what comes now is of no assignment of ours."""
        self._generation = None
        self.assigned = {}
        self.batches.forget()

    async def load(self) -> None:
        """After a rebalance, before records flow: restore what was assigned."""
        async with self._alone():
            self.forget()
            began = perf_counter()
            generation = self.app.consumer_generation_id
            consumer = self.app.consumer
            tps = [tp for tp in consumer.assignment() if tp.topic == self.topic]
            offsets = {tp.partition: offset for tp, offset in (await consumer.committed(tps)).items()}
            await self.fence.take([tp.partition for tp in tps])
            found = await examine(
                self.settings, self.stream, offsets, epoch=self.epoch, unreadable=self.unreadable
            )
            ensure_usable(found, topic=self.topic, adopt=self.stream.adopt)
            await self._begin(found, offsets)
            self._generation = generation
            self._written_at = perf_counter()
        seconds = perf_counter() - began
        self.stream.meters.load.observe(seconds)
        self.stream.meters.faust_entries.set_function(consumer.entries)
        log.info(
            f"{self.stream.group}: loaded",
            extra={
                "generation": generation,
                "partitions": ",".join(map(str, self.assigned)),
                **self.logic.health(self.states.values()).details,
                "seconds": round(seconds, 3),
            },
        )

    async def _begin(self, found: Collection[Loaded[H, T]], committed: Mapping[int, int | None]) -> None:
        """Restore all partitions, then send what restoring them has given, then commit what the headers say.

        A worker that was killed between its header and its commit has left an offset that is too low; one of
        earlier days would contradict the first header.
        """
        restored = [(one, *await self.logic.restore(one)) for one in found]
        for one, state, _ in restored:
            written = Position(self.epoch, -1, None) if one.header is None else one.header.position
            self.assigned[one.number] = AssignedPartition(
                number=one.number, next=one.verdict.begin, written=written, state=state
            )
        consumer = self.app.consumer
        consumer.positions = self._positions({number: one.next for number, one in self.assigned.items()})
        for _, _, records in restored:
            await self.batches.put(records)
        await self.batches.settle()
        lasting = (one for one in self.assigned.values() if one.written.next in (-1, one.next))
        behind = {one.number: one.next for one in lasting if one.next != committed[one.number]}
        if behind:
            await consumer.commit_positions(self._positions(behind))

    def _positions(self, offsets: dict[int, int]) -> dict[TP, int]:
        return {TP(self.topic, number): offset for number, offset in offsets.items()}

    async def take(self, message: Any) -> None:
        """Judge a chunk of one partition and send its effects.

        Raises:
            InputGapError: it does not follow what was judged.
        """
        chunk: ReadChunk = message.value
        async with self._alone():
            partition = self.assigned.get(message.partition)
            if partition is None or message.generation_id != self._generation:
                self.stream.meters.stale.inc(len(chunk.records))
                return
            if chunk.begin > partition.next:
                where = f"{self.topic} partition {partition.number}"
                raise InputGapError(f"{where}: expected {partition.next}, got {chunk.begin}")
            began = perf_counter()
            if not await self._judge(partition, chunk, message.generation_id):
                return
            await self.batches.flush()
            if chunk.records:
                self.stream.meters.step.observe((perf_counter() - began) / len(chunk.records))

    async def _judge(self, partition: AssignedPartition[S], chunk: ReadChunk, generation: int) -> bool:
        """Judge a chunk's records; false: the partition was given away in its midst."""
        slice_began = perf_counter()
        for record in chunk.records:
            if perf_counter() - slice_began > SLICE_S:
                await self._breathe()
                if generation != self._generation:
                    return False
                slice_began = perf_counter()
            if record.offset < partition.next:
                continue
            if record.offset > partition.next:
                self._jump(partition, record.offset)
            sent = await self.logic.judge(partition.state, record)
            partition.passed(record)
            if sent:
                await self.batches.put(sent)
        if chunk.next > partition.next:
            self._jump(partition, chunk.next)
        return True

    def _jump(self, partition: AssignedPartition[S], to: int) -> None:
        """Pass over offsets without a record: markers of transactions, what was aborted or compacted away."""
        offsets = to - partition.next
        if not partition.has_jumped:
            place = {"partition": partition.number, "offset": partition.next, "offsets": offsets}
            log.info(f"{self.stream.group}: passes over offsets without a record", extra=place)
            partition.has_jumped = True
        self.stream.meters.jumped.inc(offsets)
        partition.next = to

    async def _breathe(self) -> None:
        """Send what has come of the chunk so far, and let others have their turn in its midst."""
        await self.batches.flush()
        self._lock.release()
        try:
            await asyncio.sleep(0)
        finally:
            await self._lock.acquire()

    async def send(self, records: Callable[[], Iterable[Outgoing]]) -> None:
        """Send what the service says of itself, between chunks: behind all that was judged before."""
        async with self._alone():
            await self.batches.put(records())
            await self.batches.flush()

    async def checkpoint(self) -> None:
        """Make what was judged so far lasting, then commit the input's offsets."""
        async with self._alone():
            if self._generation is None:
                return
            began = self._written_at = perf_counter()
            moved = await write_checkpoint(
                self.assigned.values(), self.batches, self.fence, logic=self.logic, topic=self.stream.state
            )
            if moved:
                await self.app.consumer.commit_positions(self._positions(moved))
                self.stream.meters.checkpoint.observe(perf_counter() - began)

    async def checkpoint_if_due(self) -> None:
        """Checkpoint when the last one is ``checkpoint_every_s`` ago, or a backlog has been worked off."""
        waiting = self._gauge()
        self._had_backlog = self._had_backlog or waiting >= BACKLOG_RECORDS
        caught_up = self._had_backlog and waiting == 0
        every_s = self.settings.checkpoint_every_s
        wanted_s = min(BREATH_S, every_s) if caught_up else every_s
        if self.is_loaded and perf_counter() - self._written_at >= wanted_s:
            self._had_backlog = self._had_backlog and not caught_up
            await self.checkpoint()

    async def release(self) -> None:
        """The partitions go to another worker, or the process ends: checkpoint, then forget them."""
        if self.is_loaded:
            await self.checkpoint()
            self.forget()
            await self.fence.drop()
            log.info(f"{self.stream.group}: gave its partitions back")

    def _gauge(self) -> int:
        """Tell how we are; how many records wait to be judged."""
        waiting = 0
        self.logic.gauge(self.states)
        self.stream.meters.partitions.set(len(self.assigned))
        for number, partition in self.assigned.items():
            end = self.app.consumer.highwater(TP(self.topic, number))
            if end is not None:
                lag = max(0, end - partition.next)
                waiting += lag
                self.stream.meters.lag.labels(number).set(lag)
        return waiting
