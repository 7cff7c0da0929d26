"""One worker: takes chunks of records, keeps the states of its partitions, checkpoints them.

One lock is held around judging, sending and the list of what is under way, so that a checkpoint never
covers a record whose effects are not queued. Whatever fails: everything is forgotten, so that no later
checkpoint covers a half-judged record, and the process ends.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic

from aiokafka import AIOKafkaProducer, ConsumerRecord
from faust.types import TP

from services.runtime.following.positions import Position
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.streaming.batches import Batches
from services.streaming.checkpoint import AssignedPartition, write_checkpoint
from services.streaming.loader import load_partitions
from services.streaming.logic import H, Loaded, Logic, S, StreamSpec, T

log = logging.getLogger(__name__)
BACKLOG_RECORDS = 1_000
"""When so many were waiting and all are judged, what was worked off is made lasting soon ..."""
BREATH_S = 2.0
"""... but not sooner after the last checkpoint than this."""


class InputGapError(Exception):
    """Records are missing between what was judged and what came: the next load finds out why."""


@dataclass(kw_only=True, eq=False)
class Worker(Generic[H, T, S]):
    """What the Faust app's signals drive. ``held`` is empty until a load is through."""

    settings: Settings
    epoch: str
    stream: StreamSpec[H, T]
    logic: Logic[H, T, S]
    app: Any
    producer: AIOKafkaProducer
    batches: Batches
    unreadable: Unreadable
    held: dict[int, AssignedPartition[S]] = field(default_factory=dict)
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
        """Whether this worker takes part: it has loaded what it was assigned, be it nothing."""
        return self._generation is not None

    @property
    def states(self) -> dict[int, S]:
        """What the service keeps of the partitions held."""
        return {number: held.state for number, held in self.held.items()}

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
        """Hold nothing: what comes now is of no assignment of ours."""
        self._generation = None
        self.held = {}
        self.batches.forget()

    async def load(self) -> None:
        """After a rebalance, before records flow: restore what was assigned."""
        async with self._alone():
            self.forget()
            began = perf_counter()
            generation = self.app.consumer_generation_id
            consumer = self.app.consumer
            committed = await consumer.committed(
                [tp for tp in consumer.assignment() if tp.topic == self.topic]
            )
            found = await load_partitions(
                self.settings,
                self.stream,
                {tp.partition: offset for tp, offset in committed.items()},
                epoch=self.epoch,
                unreadable=self.unreadable,
            )
            await self._begin(found)
            self._generation = generation
            self._written_at = perf_counter()
        gc.collect()
        gc.freeze()
        seconds = perf_counter() - began
        self.stream.meters.load.observe(seconds)
        self.stream.meters.faust_entries.set_function(consumer.entries)
        log.info(
            "loaded",
            extra={
                "generation": generation,
                "partitions": ",".join(map(str, self.held)),
                **self.logic.health(self.states.values()).details,
                "seconds": round(seconds, 3),
            },
        )

    async def _begin(self, found: Collection[Loaded[H, T]]) -> None:
        """Restore all partitions, then say what has to be said of them."""
        restored = [(one, *await self.logic.restore(one)) for one in found]
        for one, state, _ in restored:
            written = Position(self.epoch, -1, None) if one.header is None else one.header.position
            self.held[one.number] = AssignedPartition(
                number=one.number, next=one.verdict.begin, written=written, state=state
            )
        positions = self._positions({number: held.next for number, held in self.held.items()})
        consumer = self.app.consumer
        consumer.positions = positions
        for _, _, said in restored:
            await self.batches.put(said)
        await self.batches.settle()
        anew = {tp: positions[tp] for tp in positions if self.held[tp.partition].written.next < 0}
        if anew:  # a committed offset of earlier days would contradict the first header
            await consumer.commit_positions(anew)

    def _positions(self, offsets: dict[int, int]) -> dict[TP, int]:
        return {TP(self.topic, number): offset for number, offset in offsets.items()}

    async def take(self, message: Any) -> None:
        """Judge a chunk (``chunked.py``) of one partition and send its effects."""
        chunk: list[ConsumerRecord] = message.value
        async with self._alone():
            held = self.held.get(message.partition)
            if held is None or message.generation_id != self._generation:
                self.stream.meters.stale.inc(len(chunk))
                return
            began = perf_counter()
            for record in chunk:
                if record.offset == held.next:
                    sent = await self.logic.judge(held.state, record)
                    held.passed(record)
                    if sent:
                        await self.batches.put(sent)
                elif record.offset > held.next:
                    raise InputGapError(
                        f"{self.topic} partition {held.number}: expected {held.next}, got {record.offset}"
                    )
            await self.batches.flush()
            self.stream.meters.step.observe((perf_counter() - began) / len(chunk))

    async def checkpoint(self) -> None:
        """Make what was judged so far lasting, then commit the input's offsets."""
        async with self._alone():
            if self._generation is None:
                return
            began = self._written_at = perf_counter()
            moved = await write_checkpoint(
                self.held.values(), self.batches, logic=self.logic, topic=self.stream.state
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
        """The partitions go to another worker, or the process ends: checkpoint, then hold nothing."""
        if self.is_loaded:
            await self.checkpoint()
            self.forget()
            log.info("released")

    def _gauge(self) -> int:
        """Tell how we are; how many records wait to be judged."""
        waiting = 0
        self.logic.gauge(self.states)
        self.stream.meters.partitions.set(len(self.held))
        for number, held in self.held.items():
            end = self.app.consumer.highwater(TP(self.topic, number))
            if end is not None:
                lag = max(0, end - held.next)
                waiting += lag
                self.stream.meters.lag.labels(number).set(lag)
        return waiting
