"""What simulators read from the log: where it ends, and the plan that is active there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from schemas.base import ClockMode
from schemas.events import EventKind, Genesis, PlanEvent
from schemas.headers import city_time, header
from schemas.outputs import PlanPart, PlanPublished, decode
from schemas.plan import Plan
from schemas.plan_parts import PlanParts
from schemas.topics import MIB, TOPICS, TopicName

CHUNK = 5_000
"""Records read at once on the way back through the log."""
TAIL = 20
POLL_MS = 500
STOP_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Span:
    """The records of a partition in [begin, end)."""

    tp: TopicPartition
    begin: int
    end: int


class LogReader:
    """Reads a namespace's topics without a group and without committing anything."""

    def __init__(self, consumer: AIOKafkaConsumer, namespace: str) -> None:
        self._consumer = consumer
        self._namespace = namespace

    async def exists(self) -> bool:
        """Whether the topics ``events`` and ``plans`` have been created."""
        topics = await self._consumer.topics()
        wanted = (TopicName.EVENTS, TopicName.PLANS)
        return all(topic.within(self._namespace) in topics for topic in wanted)

    async def spans(self, topic: TopicName) -> list[Span]:
        """What each partition of ``topic`` holds."""
        name = topic.within(self._namespace)
        tps = [TopicPartition(name, number) for number in range(TOPICS[topic].partitions)]
        begins = await self._consumer.beginning_offsets(tps)
        ends = await self._consumer.end_offsets(tps)
        return [Span(tp, begins[tp], ends[tp]) for tp in tps]

    async def records(self, spans: list[Span]) -> AsyncIterator[ConsumerRecord]:
        """Every record of the spans, in order within each partition."""
        left = {span.tp: span.end for span in spans if span.begin < span.end}
        if left:
            self._consumer.assign(list(left))
            for span in spans:
                if span.tp in left:
                    self._consumer.seek(span.tp, span.begin)
        while left:
            batches = await self._consumer.getmany(*left, timeout_ms=POLL_MS)
            for record in chain.from_iterable(batches.values()):
                if record.offset < left[TopicPartition(record.topic, record.partition)]:
                    yield record
            positions = {tp: await self._consumer.position(tp) for tp in left}
            left = {tp: end for tp, end in left.items() if positions[tp] < end}

    async def declared_clock(self) -> ClockMode | None:
        """The clock that the log's first record declares; None when retention has removed it."""
        first = (await self.spans(TopicName.EVENTS))[0]
        if first.begin > 0 or first.end == 0:
            return None
        async for record in self.records([Span(first.tp, 0, 1)]):
            if header(record.headers, "ce_type") == EventKind.GENESIS and record.value is not None:
                return Genesis.model_validate_json(record.value).clock
        return None

    async def last_time(self) -> int | None:
        """The largest ce_time at the ends of ``events`` (epoch ms), None when there is none."""
        spans = await self.spans(TopicName.EVENTS)
        tails = [Span(span.tp, max(span.begin, span.end - TAIL), span.end) for span in spans]
        times = [city_time(header(record.headers, "ce_time")) async for record in self.records(tails)]
        return max((time for time in times if time is not None), default=None)

    async def active_plan(self) -> str | None:
        """The plan named by the last plan event of ``events`` (partition 0)."""
        spans = await self.spans(TopicName.EVENTS)
        begin, end = spans[0].begin, spans[0].end
        while begin < end:
            chunk = Span(spans[0].tp, max(begin, end - CHUNK), end)
            named = [_plan_named(record) async for record in self.records([chunk])]
            found = [name for name in named if name is not None]
            if found:
                return found[-1]
            end = chunk.begin
        return await self._newest_plan() if begin > 0 else None

    async def plan(self, sha256: str) -> Plan | None:
        """The plan of that name, None until all its parts stand in ``plans``."""
        parts = PlanParts()
        async for record in self.records(await self.spans(TopicName.PLANS)):
            part = decode(record).body
            if isinstance(part, PlanPart) and part.plan_id == sha256:
                parts.take(part)
        return parts.plan(sha256)

    async def later_plans(self) -> AsyncIterator[str]:
        """The plans that become active from now on, as they do; never ends by itself."""
        tp = (await self.spans(TopicName.EVENTS))[0].tp
        self._consumer.assign([tp])
        await self._consumer.seek_to_end(tp)
        while True:
            for batch in (await self._consumer.getmany(tp, timeout_ms=POLL_MS)).values():
                for record in batch:
                    name = _plan_named(record)
                    if name is not None:
                        yield name

    async def _newest_plan(self) -> str | None:
        """The plan published last: retention has removed the event that made it active."""
        newest = None
        async for record in self.records(await self.spans(TopicName.PLANS)):
            note = decode(record).body
            if isinstance(note, PlanPublished):
                newest = note.plan
        return newest


def _plan_named(record: ConsumerRecord) -> str | None:
    if header(record.headers, "ce_type") != EventKind.PLAN or record.value is None:
        return None
    try:
        return PlanEvent.model_validate_json(record.value).plan
    except ValidationError:
        return None


@asynccontextmanager
async def reading(bootstrap: str, namespace: str) -> AsyncIterator[LogReader]:
    """A reader of the namespace; raises what aiokafka raises when the broker is away."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MIB,
        request_timeout_ms=10_000,
    )
    try:
        await consumer.start()
        yield LogReader(consumer, namespace)
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stop within a bound: aiokafka's fetcher can miss a cancellation that meets a new assignment.

    A second cancellation, which the timeout brings, ends it (0.14.0, ``_fetch_requests_routine``).
    """
    with suppress(TimeoutError):
        await asyncio.wait_for(consumer.stop(), STOP_TIMEOUT_S)
