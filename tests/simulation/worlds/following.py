"""Processes that follow the output topics: they are killed and started again, while the topics grow."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError
from simulation.loop import Process, SeededLoop
from simulation.servers.database import MemoryDatabase, Statement
from simulation.servers.log import MemoryLog, MemoryPartition
from simulation.servers.standing_in import Place, clients, clocks, database, standing_in
from simulation.servers.weather import Weather
from simulation.worlds.monitor_world import CALM_AT_S, DRAINED_WITHIN_S, LIVES_STEPS, NotDrainedError, Trouble

Run = Callable[[], Awaitable[None]]
"""What a process does, until it is killed."""


@dataclass
class Follower:
    """What a world of followers needs to know of one: what it runs, when all is taken."""

    run: Run
    is_done: Callable[[MemoryDatabase, MemoryLog], bool]


@dataclass
class FollowingWorld:
    """A log that comes to be, a database, processes; and what happens to them."""

    loop: SeededLoop
    trouble: Trouble
    follower: Follower
    statements: dict[str, Statement]
    complete: MemoryLog
    """The log as it will be in the end."""
    ends: list[str] = field(default_factory=list)
    deaths_left: int = 0

    def __post_init__(self) -> None:
        """A log of the same topics, empty, and an empty database."""
        calm_at = CALM_AT_S if self.trouble != Trouble() else 0.0
        weather = partial(
            Weather,
            chance=self.loop.chance,
            calm_at=calm_at,
            slow=self.trouble.slow,
            fails=self.trouble.fails,
            peril=self.trouble.peril,
        )
        self.loop.holds = self.trouble.holds
        self.log = MemoryLog({place: MemoryPartition(place) for place in self.complete.partitions})
        self.log_weather = weather(error=partial(KafkaTimeoutError, "simulated"))
        gone = partial(asyncpg.ConnectionDoesNotExistError, "simulated")
        self.database = MemoryDatabase(self.statements, weather(error=gone))

    async def run(self, extra: Iterable[Place] = ()) -> MemoryDatabase:
        """Until everything is taken; the database as it is then."""
        places = [*clients(self.log, self.log_weather), *clocks(self.loop), *database(self.database), *extra]
        self.deaths_left = self.trouble.deaths
        with standing_in(places):
            keeping = [asyncio.create_task(self._keep(number)) for number in range(self.trouble.workers)]
            try:
                async with asyncio.timeout(DRAINED_WITHIN_S):
                    await asyncio.gather(*map(self._grow, self._places()))
                    while not self.follower.is_done(self.database, self.log):  # noqa: ASYNC110  # as above
                        await asyncio.sleep(1.0)
            except TimeoutError:
                raise NotDrainedError(f"not taken to its end; {self.ends}") from None
            finally:
                for task in keeping:
                    task.cancel()
        return self.database

    def _places(self) -> list[TopicPartition]:
        return sorted(place for place, partition in self.complete.partitions.items() if partition.slots)

    async def _grow(self, place: TopicPartition) -> None:
        """The partition's records, one after the other; some stand there from the beginning."""
        slots, chance = self.complete.at(place).slots, self.loop.chance
        begin = chance.choice((0, len(slots) // 2, len(slots)))
        for at, slot in enumerate(slots):
            if at >= begin:
                await asyncio.sleep(chance.random() * CALM_AT_S / len(slots))
            self.log.at(place).slots.append(slot)
            self.log.tell()

    async def _keep(self, number: int) -> None:
        """A process that has ended is started again."""
        loop, chance = self.loop, self.loop.chance
        while True:
            process = Process(f"follower {number}")
            if self.deaths_left and loop.now < CALM_AT_S:
                self.deaths_left -= 1
                process.dies_at = chance.randint(1, chance.choice(LIVES_STEPS))
            ended = loop.create_future()
            process.on_end.append(lambda ended=ended: ended.done() or ended.set_result(None))
            main = loop.start(process, self.follower.run())  # type: ignore[arg-type]
            main.add_done_callback(lambda _, process=process: loop.kill(process), context=Context())
            await ended
            self.ends.append(repr(main.exception()) if main.done() else "killed")
            await asyncio.sleep(chance.random() * 2)
