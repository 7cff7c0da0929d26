"""Reading from the log: the clock it declares, and the plan that is active there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.base import ClockMode
from schemas.codec import Decoded, decode
from schemas.events import Event, EventKind, Genesis, PlanEvent
from schemas.headers import header
from schemas.outputs import PlanPart, PlanParts, PlanPublished
from schemas.plan import Plan
from schemas.topics import TopicName
from services.runtime.kafka import read_all, read_range, reader
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable

CHUNK = 5_000
"""Records read at once on the way back through the log."""
POLL_MS = 500


@dataclass(slots=True)
class CityLog:
    """Reads plans and the control records of partition 0 of a namespace, and commits nothing."""

    consumer: AIOKafkaConsumer
    namespace: str
    end: int = 0
    """Up to where plan events were looked for."""

    async def exists(self) -> bool:
        """Returns whether the topics ``events`` and ``plans`` have been created."""
        topics = await self.consumer.topics()
        return all(name.within(self.namespace) in topics for name in (TopicName.EVENTS, TopicName.PLANS))

    async def declared_clock(self) -> ClockMode | None:
        """The clock that the log's first record declares; None when retention has removed it."""
        begin, end = await self._span()
        if begin == 0 < end:
            async for record in self._events(0, 1):
                event = _event(record, EventKind.GENESIS)
                return event.clock if isinstance(event, Genesis) else None
        return None

    async def active_plan(self) -> str | None:
        """The plan of the last plan event, or the one published last where retention removed the event."""
        begin, self.end = await self._span()
        end = self.end
        while begin < end:
            start = max(begin, end - CHUNK)
            named = [name async for record in self._events(start, end) if (name := _plan_named(record))]
            if named:
                return named[-1]
            end = start
        return await self._published_last() if begin > 0 else None

    async def active(self) -> tuple[Plan, str] | None:
        """The active plan and its name; None until all of it stands in the log."""
        name = await self.active_plan()
        plan = None if name is None else await self.plan(name)
        return None if name is None or plan is None else (plan, name)

    async def later_plans(self) -> AsyncIterator[str]:
        """The plans that become active after ``active_plan`` looked, as they do; never ends by itself."""
        self.consumer.assign([self._first])
        self.consumer.seek(self._first, self.end)
        while True:
            for batch in (await self.consumer.getmany(self._first, timeout_ms=POLL_MS)).values():
                for name in filter(None, map(_plan_named, batch)):
                    yield name

    async def plan(self, sha256: str) -> Plan | None:
        """The plan of that name; None until all its parts stand in ``plans``."""
        parts = PlanParts()
        async for note in self._plans():
            if isinstance(note, PlanPart) and note.plan_id == sha256:
                parts.take(note)
        return parts.plan(sha256)

    async def _published_last(self) -> str | None:
        found = [note.plan async for note in self._plans() if isinstance(note, PlanPublished)]
        return found[-1] if found else None

    async def _plans(self) -> AsyncIterator[object]:
        place, unreadable = TopicPartition(TopicName.PLANS.within(self.namespace), 0), Unreadable("simulator")
        async for records in read_all(self.consumer, [place]):
            for record in records:
                yield unreadable.read(record)

    async def _events(self, start: int, end: int) -> AsyncIterator[ConsumerRecord]:
        async for records in read_range(self.consumer, {self._first: end}, starts={self._first: start}):
            for record in records:
                yield record

    async def _span(self) -> tuple[int, int]:
        begins = await self.consumer.beginning_offsets([self._first])
        ends = await self.consumer.end_offsets([self._first])
        return begins[self._first], ends[self._first]

    @property
    def _first(self) -> TopicPartition:
        return TopicPartition(TopicName.EVENTS.within(self.namespace), 0)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[CityLog]:
    """The namespace's log; raises what aiokafka raises when the broker is away."""
    async with reader(
        settings.kafka_bootstrap, request_timeout_ms=10_000, fetch_max_wait_ms=POLL_MS
    ) as consumer:
        yield CityLog(consumer, settings.namespace)


def _plan_named(record: ConsumerRecord) -> str | None:
    event = _event(record, EventKind.PLAN)
    return event.plan if isinstance(event, PlanEvent) else None


def _event(record: ConsumerRecord, kind: EventKind) -> Event | None:
    """The event of a record, if it is of that kind: others are not even decoded."""
    if header(record.headers, "ce_type") != kind:
        return None
    found = decode(record, "wall")  # by that clock any record has an arrival
    return found.event if isinstance(found, Decoded) else None
