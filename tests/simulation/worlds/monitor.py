"""A worker of the monitor as a process of a simulation: our coroutines, wired as by ``streaming.shell``."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from aiokafka import TopicPartition
from faust.types import TP, ConsumerMessage
from simulation.loop import Process, SeededLoop
from simulation.servers.consumer import MemoryConsumer
from simulation.servers.log import MemoryLog
from simulation.servers.weather import Weather
from simulation.worlds.city import EPOCH, SmallCity
from simulation.worlds.group import Group, GroupConsumer, Host

from schemas.topics import TopicName
from services.judging.partitions import Partition
from services.judging.processor import Processor
from services.monitor.catalogue import Catalogue
from services.monitor.judged import tell_judged
from services.monitor.last_alerts import last_alerts
from services.monitor.logic import STREAM, MonitorLogic
from services.monitor.lookups import trust_anchor
from services.plans.publish.store import last_good_plan, load_plan
from services.runtime.kafka import make_producer
from services.runtime.records.authenticity import Authenticity
from services.runtime.unreadable import Unreadable
from services.streaming.batches import Batches
from services.streaming.chunked import ReadChunk
from services.streaming.fence import Fence
from services.streaming.worker import Worker

MonitorWorker = Worker[Any, Any, Partition]
MakeWorker = Callable[..., MonitorWorker]
"""``Worker``, or one with a fault that is planted."""
BUFFER = 8
MOST_RECORDS = 12
POLL_MS = 300
PAUSE_S = 0.3
AGAIN = 0.05
"""How often a chunk comes twice."""


@dataclass(frozen=True)
class Surroundings:
    """What a run's processes share."""

    city: SmallCity
    loop: SeededLoop
    log: MemoryLog
    weather: Weather
    chance: Random
    make: MakeWorker = Worker


def worker_of(around: Surroundings, host: Host) -> MonitorWorker:
    """The parts that ``services.monitor.app`` puts together."""
    settings = around.city.settings
    producer = make_producer(settings)
    where = settings.kafka_bootstrap, settings.namespace
    catalogue = Catalogue(partial(load_plan, *where), partial(last_good_plan, *where))
    logic = MonitorLogic(
        EPOCH,
        Processor(settings.clock),
        catalogue,
        anchor=partial(trust_anchor, settings.keys_dir),
        last_alerts=partial(last_alerts, settings, EPOCH, Authenticity(settings)),
    )
    return around.make(
        settings=settings,
        epoch=EPOCH,
        stream=STREAM,
        logic=logic,
        app=host,
        producer=producer,
        batches=Batches(producer, settings.namespace, around.city.signer),
        fence=Fence(settings, STREAM.group),
        unreadable=Unreadable(STREAM.group),
    )


@dataclass
class RunningWorker:
    """A worker with what Faust does for it: membership, fetches, one stream of chunks, timers."""

    around: Surroundings
    group: Group
    process: Process

    def __post_init__(self) -> None:
        """It enters the group."""
        around, settings = self.around, self.around.city.settings
        self.member = self.group.enter(self.process)
        topic = TopicName.EVENTS.within(settings.namespace)
        name = STREAM.group.within(settings.namespace)
        consumer = GroupConsumer(self.group, self.member, around.log, around.weather, topic, name)
        self.host = Host(self.process, consumer, around.chance, around.loop)
        self.worker = worker_of(around, self.host)
        self.flow = asyncio.Event()
        self.chunks: asyncio.Queue[ConsumerMessage] = asyncio.Queue(BUFFER)

    async def run(self) -> None:
        """Run until one of its tasks fails."""
        await self.worker.producer.start()
        works = (self._belong, self._fetch, self._judge, self._tick, partial(tell_judged, self.worker))
        await asyncio.gather(*(work() for work in works))

    async def _belong(self) -> None:
        """Give back, join, load: at each rebalance."""
        while True:
            self.flow.clear()
            await self.worker.release()
            await self.group.join(self.member)
            self.host.consumer_generation_id = self.member.generation
            await self.worker.load()
            self.flow.set()
            await self.member.rebalance.wait()
            await asyncio.sleep(self.around.chance.random())  # it hears of it with its next heartbeat

    async def _fetch(self) -> None:
        """Chunks go into a buffer, as Faust's: those of an earlier generation stay in it."""
        options: dict[str, str] = {"isolation_level": "read_committed", "auto_offset_reset": "none"}
        consumer = MemoryConsumer(self.around.log, self.around.weather, **options)  # type: ignore[arg-type]
        chance, sought = self.around.chance, 0
        while True:
            await self.flow.wait()
            generation = self.host.consumer_generation_id
            if sought != generation:
                sought = generation
                places = {TopicPartition(*tp): at for tp, at in self.host.consumer.positions.items()}
                consumer.assign(list(places))
                for place, offset in places.items():
                    consumer.seek(place, offset)
            begins = {place: await consumer.position(place) for place in consumer.assignment()}
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=chance.randint(1, MOST_RECORDS))
            if not self.flow.is_set() or generation != self.host.consumer_generation_id:
                sought = 0
                continue
            for place, begin in sorted(begins.items()):
                chunk = ReadChunk(begin, found.get(place, ()), await consumer.position(place))
                for _ in range(1 + (chance.random() < AGAIN)):
                    if chunk.next > begin:
                        await self.chunks.put(_message(place, chunk, generation))
            await asyncio.sleep(chance.random() * PAUSE_S)

    async def _judge(self) -> None:
        while True:
            await self.worker.take(await self.chunks.get())

    async def _tick(self) -> None:
        while not self.host.should_stop:
            await self.host.sleep(0.5)
            await self.worker.checkpoint_if_due()


def _message(place: TopicPartition, chunk: ReadChunk, generation: int) -> ConsumerMessage:
    tp = TP(*place)
    last = chunk.next - 1
    return ConsumerMessage(*place, last, 0.0, 1, [], None, chunk, None, 0, 0, tp, generation_id=generation)
