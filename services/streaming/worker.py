"""One monitor worker: takes chunks of records, keeps the states of its partitions, checkpoints them.

One lock is held around judging, sending and the list of what is under way, so that a checkpoint never
covers a record whose effects are not queued. Whatever fails: everything is forgotten, so that no later
checkpoint covers a half-judged record, and the process ends.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import faust
from aiokafka import ConsumerRecord
from faust.types import TP

from schemas.topics import TopicName
from services.monitor.assignment import Loaded, load_partitions
from services.monitor.catalogue import Catalogue
from services.monitor.checkpoint import write_checkpoint
from services.monitor.emitter import Outbox, Outgoing, census_record, finding_record, records_of
from services.monitor.failures import EventFailedError
from services.monitor.partitions import Partition
from services.monitor.processor import NeedsPlan, Processor
from services.runtime import metrics
from services.runtime.settings import Settings

log = logging.getLogger(__name__)
BACKLOG_RECORDS = 1_000
"""When so many were waiting and all are judged, what was worked off is made lasting soon ..."""
BREATH_S = 2.0
"""... but not sooner after the last checkpoint than this."""


class InputGapError(Exception):
    """Records are missing between what was judged and what came: the next load finds out why."""


class Worker:
    """What the Faust app's signals drive. ``held`` is empty until a load is through."""

    def __init__(
        self,
        settings: Settings,
        epoch: str,
        *,
        app: Any,
        processor: Processor,
        catalogue: Catalogue,
        outbox: Outbox,
    ) -> None:
        self._settings = settings
        self._epoch = epoch
        self._app: faust.App = app
        self._processor = processor
        self._catalogue = catalogue
        self._outbox = outbox
        self._topic = TopicName.EVENTS.within(settings.namespace)
        self._lock = asyncio.Lock()
        self._generation: int | None = None
        self._written_at = perf_counter()
        self._had_backlog = False
        self.held: dict[int, Partition] = {}

    @property
    def is_loaded(self) -> bool:
        """Whether this worker takes part: it has loaded what it was assigned, be it nothing."""
        return self._generation is not None

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._lock:
            try:
                yield
            except BaseException as error:
                self.forget()
                if not self._app.should_stop:
                    await self._app.crash(error)
                raise

    def forget(self) -> None:
        """Hold nothing: what comes now is of no assignment of ours."""
        self._generation = None
        self.held = {}
        self._outbox.forget()

    async def load(self) -> None:
        """After a rebalance, before records flow: restore what was assigned."""
        async with self._alone():
            self.forget()
            began = perf_counter()
            generation = self._app.consumer_generation_id
            consumer = self._app.consumer
            assigned = [tp for tp in consumer.assignment() if tp.topic == self._topic]
            committed = await consumer.committed(assigned)
            loaded = await load_partitions(
                self._settings,
                self._catalogue,
                {tp.partition: offset for tp, offset in committed.items()},
                epoch=self._epoch,
            )
            await self._begin(loaded)
            self._generation = generation
            self._written_at = perf_counter()
        gc.collect()
        gc.freeze()
        metrics.LOAD.observe(perf_counter() - began)
        log.info(
            "loaded",
            extra={
                "generation": generation,
                "partitions": ",".join(map(str, self.held)),
                "stations": sum(len(held.states) for held in self.held.values()),
                "seconds": round(perf_counter() - began, 3),
            },
        )

    async def _begin(self, loaded: Sequence[Loaded]) -> None:
        consumer = self._app.consumer
        self.held = {one.held.number: one.held for one in loaded}
        positions = {TP(self._topic, p): held.next for p, held in self.held.items()}
        consumer.positions = positions
        for one in loaded:
            if one.finding is not None:
                await self._outbox.put([finding_record(one.finding, self._epoch)])
            await self._outbox.put(_census(one.held))
        await self._outbox.settle()
        anew = {TP(self._topic, one.held.number) for one in loaded if one.held.written_next < 0}
        if anew:  # a committed offset of earlier days would contradict the first header
            await consumer.commit_positions({tp: positions[tp] for tp in anew})

    async def take(self, message: Any) -> None:
        """Judge a chunk (``chunked.py``) of one partition and send its effects."""
        chunk: list[ConsumerRecord] = message.value
        async with self._alone():
            held = self.held.get(message.partition)
            if held is None or message.generation_id != self._generation:
                metrics.STALE.inc(len(chunk))
                return
            began = perf_counter()
            for record in chunk:
                if record.offset == held.next:
                    await self._judge(held, record)
                elif record.offset > held.next:
                    raise InputGapError(
                        f"{self._topic} partition {held.number}: expected {held.next}, got {record.offset}"
                    )
            await self._outbox.flush()
            metrics.STEP.observe((perf_counter() - began) / len(chunk))

    async def _judge(self, held: Partition, record: ConsumerRecord) -> None:
        try:
            effects = await self._effects_of(held, record)
        except EventFailedError:
            raise
        except Exception as error:
            self._processor.failures.note(held.number, record.offset, None, error)
            raise EventFailedError(f"partition {held.number}, offset {record.offset}") from error
        if effects:
            await self._outbox.put(effects)
        if held.census_is_due():
            await self._outbox.put(_census(held))

    async def _effects_of(self, held: Partition, record: ConsumerRecord) -> list[Outgoing]:
        judged = self._processor.judge(held, record)
        if isinstance(judged, NeedsPlan):
            plans = self._processor.plans
            plans[judged.plan_id] = await self._catalogue.find(judged.plan_id)
            try:
                judged = self._processor.judge(held, record)
            finally:
                plans.clear()
            assert not isinstance(judged, NeedsPlan), "it was looked up"
        return records_of(judged, record, held)

    async def checkpoint(self) -> None:
        """Make what was judged so far lasting, then commit the input's offsets."""
        async with self._alone():
            if self._generation is None:
                return
            began = self._written_at = perf_counter()
            moved = await write_checkpoint(self.held.values(), self._outbox, self._settings.clock)
            if moved:
                positions = {TP(self._topic, p): offset for p, offset in moved.items()}
                await self._app.consumer.commit_positions(positions)
                metrics.CHECKPOINT.observe(perf_counter() - began)

    async def checkpoint_if_due(self) -> None:
        """Checkpoint when the last one is ``checkpoint_every_s`` ago, or a backlog has been worked off."""
        waiting = self._gauge()
        self._had_backlog = self._had_backlog or waiting >= BACKLOG_RECORDS
        caught_up = self._had_backlog and waiting == 0
        every_s = self._settings.checkpoint_every_s
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
        metrics.PARTITIONS.set(len(self.held))
        metrics.STATIONS.set(sum(len(held.states) for held in self.held.values()))
        for p, held in self.held.items():
            metrics.REJECT_SHARE.labels(p).set(held.reject_share_pct)
            end = self._app.consumer.highwater(TP(self._topic, p))
            if end is not None:
                lag = max(0, end - held.next)
                waiting += lag
                metrics.LAG.labels(p).set(lag)
        return waiting


def _census(held: Partition) -> list[Outgoing]:
    """Without a plan there are no alerts, and no district to send a census to."""
    return [] if held.index is None else [census_record(held, held.index.plan.district_code)]
