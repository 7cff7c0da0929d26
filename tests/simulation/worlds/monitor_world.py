"""A monitor's world: a log that is written while one or two workers judge it, and what happens to them."""

import asyncio
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError
from simulation.loop import Process, SeededLoop, simulate
from simulation.servers.log import Fate, MemoryLog
from simulation.servers.standing_in import clients, clocks, standing_in
from simulation.servers.weather import Weather
from simulation.worlds.city import EPOCH, PARTITIONS, SmallCity, jumps
from simulation.worlds.group import Group
from simulation.worlds.monitor import MakeWorker, RunningWorker, Surroundings
from support.monitor_process import OUTPUTS, distinct, kind_of
from support.stream_contract import OF_LOADS

from schemas.topics import TOPICS, TopicName
from services.judging import snapshots
from services.monitor.logic import STREAM
from services.runtime.unreadable import Unreadable
from services.streaming.loader import examine
from services.streaming.worker import Worker

WRITTEN_WITHIN_S = 12.0
CALM_AT_S = 30.0
DRAINED_WITHIN_S = 300.0
LIVES_STEPS = (150, 600, 2_000)
"""How many steps a worker that will be killed lives at most: some die in their load, some late."""
FROZEN_S = 15.0
COMPACTED_EVERY_S = 5.0
WRITER = "writer"


@dataclass(frozen=True)
class Trouble:
    """What a run may meet. The default: nothing."""

    deaths: int = 0
    """Kills of a worker, at most."""
    workers: int = 1
    stands: int = 0
    """How often a worker stands still for a while, as one that is stopped."""
    holds: float = 0.0
    slow: float = 0.0
    fails: float = 0.0
    peril: float = 0.0


def trouble_of(seed: int) -> Trouble:
    """What happens in the run of a seed."""
    chance = Random(f"trouble {seed}")
    return Trouble(
        deaths=chance.randint(1, 8),
        workers=chance.choice((1, 1, 2)),
        stands=chance.choice((0, 0, 1, 3)),
        holds=chance.choice((0.0, 0.01, 0.05)),
        slow=chance.choice((0.0, 0.02, 0.1)),
        fails=chance.choice((0.0, 0.0, 0.003, 0.01)),
        peril=chance.choice((0.0, 0.02, 0.1)),
    )


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


class NotDrainedError(AssertionError):
    """The log is not judged to its end, although all has been well for long."""


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
        world = World(around, trouble, Group(loop, PARTITIONS, city.settings.session_timeout_s))
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
    ends: list[str] = field(default_factory=list)
    deaths_left: int = 0

    @property
    def _is_rough(self) -> bool:
        return self.around.loop.now < CALM_AT_S

    async def run(self) -> None:
        """Until the log is written, and judged to its end by workers that live."""
        self.deaths_left = self.trouble.deaths
        writing = [asyncio.create_task(self._write(number)) for number in PARTITIONS]
        keeping = [asyncio.create_task(self._keep(number)) for number in range(self.trouble.workers)]
        others = [asyncio.create_task(work()) for work in (self._freeze, self._compact)]
        try:
            async with asyncio.timeout(DRAINED_WITHIN_S):
                await asyncio.gather(*writing)
                while self._waiting():  # noqa: ASYNC110  # nobody in this world could tell
                    await asyncio.sleep(1.0)
        except TimeoutError:
            raise NotDrainedError(f"{self._waiting()} of the log; {self.ends}") from None
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
        """What supervisord does: a worker that has ended is started again."""
        chance, loop = self.around.chance, self.around.loop
        while True:
            process = Process(f"worker {number}")
            if self.deaths_left and self._is_rough:
                self.deaths_left -= 1
                process.dies_at = chance.randint(1, chance.choice(LIVES_STEPS))
            ended = loop.create_future()
            process.on_end.append(lambda ended=ended: ended.done() or ended.set_result(None))
            running = RunningWorker(self.around, self.group, process)
            main = loop.start(process, running.run())
            main.add_done_callback(lambda _, process=process: loop.kill(process), context=Context())
            await ended
            self.ends.append(_end_of(running, main))
            await asyncio.sleep(chance.random() * 2)

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
            if alive and self._is_rough:
                member, lasts = chance.choice(alive), chance.random() * FROZEN_S
                loop.stop_for(member.process, lasts)
                if lasts > self.group.session_s:
                    self.group.lose(member, self.group.session_s)


def _end_of(running: RunningWorker, main: "asyncio.Task[None]") -> str:
    if not main.done():
        reason = running.host.crash_reason
        return "killed" if reason is None else repr(reason)
    return repr(main.exception())


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
    return Outcome(distinct(about), states, world.ends, log, records=len(about))
