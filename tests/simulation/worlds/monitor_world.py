"""A monitor's world: a log that is written while one or two workers judge it, and what happens to them."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError
from simulation.loop import Process, SeededLoop, simulate
from simulation.servers.log import Fate, MemoryLog
from simulation.servers.standing_in import clients, clocks, standing_in
from simulation.servers.weather import Weather
from simulation.worlds.city import EPOCH, PARTITIONS, SmallCity, jumps
from simulation.worlds.group import Group
from simulation.worlds.monitor import MakeWorker, RunningWorker, Surroundings
from simulation.worlds.trouble import (
    CALM_AT_S,
    DRAINED_WITHIN_S,
    Lives,
    NotDrainedError,
    Trouble,
    TwoContentsError,
)
from support.monitor_process import OUTPUTS, distinct, kind_of
from support.stream_contract import OF_LOADS

from schemas.topics import TOPICS, TopicName
from services.judging import snapshots
from services.monitor.logic import STREAM
from services.runtime.unreadable import Unreadable
from services.streaming.loader import examine
from services.streaming.worker import Worker

WRITTEN_WITHIN_S = 12.0
FROZEN_S = 15.0
COMPACTED_EVERY_S = 5.0
WRITER = "writer"


@dataclass
class Outcome:
    """What a run leaves behind: outputs about the log, once each; states; and what it went through."""

    told: dict[tuple[str, str], tuple[object, ...]]
    states: dict[int, Any]
    ends: list[str] = field(default_factory=list)
    """How the processes ended."""
    log: MemoryLog = field(default_factory=MemoryLog)
    steps: int = 0
    records: int = 0
    """Written, with what came again."""


def play(city: SmallCity, seed: int, trouble: Trouble, make: MakeWorker = Worker) -> Outcome:
    """Run the seed's world until its log is judged."""
    return simulate(f"monitor {seed}", partial(_play, city, seed, trouble, make))


async def _play(city: SmallCity, seed: int, trouble: Trouble, make: MakeWorker, loop: SeededLoop) -> Outcome:
    log = log_of(city)
    calm_at = CALM_AT_S if trouble != Trouble() else 0.0
    weather = Weather(
        chance=loop.chance,
        error=partial(KafkaTimeoutError, "simulated"),
        calm_at=calm_at,
        slow=trouble.slow,
        fails=trouble.fails,
        peril=trouble.peril,
    )
    loop.holds = trouble.holds
    around = Surroundings(city, loop, log, weather, loop.chance, make)
    with standing_in([*clients(log, weather), *clocks(loop)]):
        group = Group(loop, PARTITIONS, city.settings.session_timeout_s)
        world = World(around, trouble, group, Lives(loop, trouble.deaths))
        await world.run()
        outcome = await _outcome(around, world)
    outcome.steps = loop.steps
    return outcome


def log_of(city: SmallCity) -> MemoryLog:
    """All topics of the namespace, and the plan."""
    log = MemoryLog()
    for topic in TOPICS.values():
        log.create(topic.name.within(city.settings.namespace), topic.partitions)
    log.append(TopicPartition(TopicName.PLANS.within(city.settings.namespace), 0), city.plan_parts)
    return log


@dataclass
class World:
    """The processes of a run, and what happens to them."""

    around: Surroundings
    trouble: Trouble
    group: Group
    lives: Lives

    async def run(self) -> None:
        """Until the log is written, and judged to its end by workers that live."""
        writing = [asyncio.create_task(self._write(number)) for number in PARTITIONS]
        keeping = [asyncio.create_task(self._keep(number)) for number in range(self.trouble.workers)]
        others = [asyncio.create_task(work()) for work in (self._freeze, self._compact)]
        try:
            async with asyncio.timeout(DRAINED_WITHIN_S):
                await asyncio.gather(*writing)
                while self._waiting():  # noqa: ASYNC110  # nobody in this world could tell
                    await asyncio.sleep(1.0)
        except TimeoutError:
            raise NotDrainedError(f"{self._waiting()} of the log; {self.lives.ends}") from None
        finally:
            for task in (*keeping, *others):
                task.cancel()
            for member in list(self.group.members):
                self.around.loop.kill(member.process)

    def _waiting(self) -> dict[int, int]:
        """Partitions that are not committed to their ends, and how far they are."""
        namespace = self.around.city.settings.namespace
        group = STREAM.group.within(namespace)
        topic = TopicName.EVENTS.within(namespace)
        places = [TopicPartition(topic, number) for number in PARTITIONS]
        found = {place: self.around.log.committed.get((group, place), -1) for place in places}
        return {it.partition: at for it, at in found.items() if at != self.around.log.at(it).end}

    async def _write(self, number: int) -> None:
        """The log of a partition: the same offsets in every run, some of them taken by transactions."""
        log, chance = self.around.log, self.around.chance
        place = TopicPartition(TopicName.EVENTS.within(self.around.city.settings.namespace), number)
        content = self.around.city.records[number]
        begin = chance.choice((0, len(content) // 2, len(content)))
        for at, (record, way) in enumerate(jumps(content, Random(number))):
            if at >= begin:
                await asyncio.sleep(2 * chance.random() * WRITTEN_WITHIN_S / len(content))
            if way == "alone":
                log.append(place, [record])
                continue
            epoch = log.take(f"{WRITER}-{number}")
            log.append_under(f"{WRITER}-{number}", epoch, place, [record])
            log.end(f"{WRITER}-{number}", epoch, Fate[way.upper()])

    async def _keep(self, number: int) -> None:
        def begin(process: Process) -> Coroutine[Any, Any, None]:
            return RunningWorker(self.around, self.group, process).run()

        await self.lives.keep(f"worker {number}", begin)

    async def _compact(self) -> None:
        """The state topic is compacted now and then, as by the broker: what stands last is all that stays."""
        topic = TopicName.MONITOR_STATE.within(self.around.city.settings.namespace)
        while True:
            await asyncio.sleep(self.around.chance.random() * COMPACTED_EVERY_S)
            for number in PARTITIONS:
                self.around.log.at(TopicPartition(topic, number)).compact()

    async def _freeze(self) -> None:
        chance, loop = self.around.chance, self.around.loop
        for _ in range(self.trouble.stands):
            await asyncio.sleep(chance.random() * CALM_AT_S / self.trouble.stands)
            alive = [it for it in self.group.members if it.process.is_alive]
            if alive and loop.now < CALM_AT_S:
                member, lasts = chance.choice(alive), chance.random() * FROZEN_S
                loop.stop_for(member.process, lasts)
                if lasts > self.group.session_s:
                    self.group.lose(member, self.group.session_s)


def _once_each(records: list[ConsumerRecord]) -> dict[tuple[str, str], tuple[object, ...]]:
    try:
        return distinct(records)
    except AssertionError as error:
        raise TwoContentsError(str(error)) from None


async def _outcome(around: Surroundings, world: World) -> Outcome:
    """The outputs once each, and the states as the next load would find them."""
    log, settings = around.log, around.city.settings
    for place, partition in log.partitions.items():
        if place.topic == TopicName.MONITOR_STATE.within(settings.namespace):
            partition.compact()
    records = [
        slot.record
        for place, partition in log.partitions.items()
        if place.topic in {topic.within(settings.namespace) for topic in OUTPUTS}
        for slot in partition.slots
        if slot.record is not None
    ]
    about = [record for record in records if kind_of(record) not in OF_LOADS]
    committed = dict.fromkeys(PARTITIONS, None)
    found = await examine(settings, STREAM, committed, epoch=EPOCH, unreadable=Unreadable("test"))
    states = {it.number: (it.header, it.lost, snapshots.merged(it.snapshots)) for it in found}
    return Outcome(_once_each(about), states, world.lives.ends, log, records=len(about))
