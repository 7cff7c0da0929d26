"""What Faust and the broker's coordinator are to a worker: who holds which partitions, since when."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from random import Random

from aiokafka import TopicPartition
from faust.types import TP
from simulation.loop import Process, SeededLoop
from simulation.servers.log import MemoryLog
from simulation.servers.weather import Weather

SOON_S = 1.0


@dataclass(eq=False)
class Member:
    """A worker as the coordinator knows it."""

    process: Process
    generation: int = 0
    numbers: list[int] = field(default_factory=list)
    is_expired: bool = False
    rebalance: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has to give back what it holds, and to join again."""
    joined: "asyncio.Future[None] | None" = None


@dataclass
class Group:
    """A consumer group. Who is not heard for ``session_s`` loses its partitions, dead or standing still."""

    loop: SeededLoop
    numbers: tuple[int, ...]
    session_s: float
    generation: int = 0
    members: list[Member] = field(default_factory=list)

    def enter(self, process: Process) -> Member:
        """A new worker: the others have to give back what they hold."""
        member = Member(process)
        self.members.append(member)
        self._stir()
        process.on_end.append(lambda: self.lose(member, self.session_s))
        return member

    async def join(self, member: Member) -> None:
        """Return once all members have joined, and the partitions are dealt out."""
        if member.is_expired:
            self.members.append(member)
            member.is_expired = False
            self._stir()
        member.joined = self.loop.create_future()
        self._deal()
        await member.joined
        member.joined = None

    def lose(self, member: Member, after_s: float) -> None:
        """The coordinator does not hear the member: after a while others get its partitions."""
        self.loop.call_later(after_s, self._expire, member, context=Context())

    def _expire(self, member: Member) -> None:
        is_silent = not member.process.is_alive or member.process.stands
        if member in self.members and is_silent:
            self.members.remove(member)
            member.is_expired = True
            member.rebalance.set()
            self._stir()
            self._deal()

    def _stir(self) -> None:
        for member in self.members:
            member.rebalance.set()

    def _deal(self) -> None:
        """Deal the partitions out, if everybody is there."""
        waiting = [it for it in self.members if it.joined is not None and not it.joined.done()]
        if not waiting or len(waiting) < len(self.members):
            return
        self.generation += 1
        for place, member in enumerate(waiting):
            member.generation = self.generation
            member.numbers = list(self.numbers[place :: len(waiting)])
            member.rebalance.clear()
            assert member.joined is not None
            member.joined.set_result(None)


@dataclass
class GroupConsumer:
    """What the worker asks of Faust's consumer."""

    group: Group
    member: Member
    log: MemoryLog
    weather: Weather
    topic: str
    name: str
    positions: Mapping[TP, int] = field(default_factory=dict)

    def assignment(self) -> Collection[TP]:
        """The partitions dealt out, in the same order in every run."""
        return dict.fromkeys(TP(self.topic, number) for number in self.member.numbers)

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        """The group's offsets."""
        await self.weather.pause()
        self.weather.strike()
        return {tp: self.log.committed.get((self.name, TopicPartition(*tp))) for tp in tps}

    async def commit_positions(self, positions: Mapping[TP, int]) -> bool:
        """Commit offsets; false: the member is of an earlier generation."""
        await self.weather.pause()
        self.weather.strike()
        if self.member.is_expired or self.member.generation != self.group.generation:
            return False
        self.log.committed |= {(self.name, TopicPartition(*tp)): at for tp, at in positions.items()}
        self.weather.written(self.member.process)
        await self.weather.pause()
        self.weather.strike()
        return True

    def highwater(self, tp: TP) -> int | None:
        """The end of what can be read."""
        return self.log.at(TopicPartition(*tp)).stable_end

    def entries(self) -> int:
        """Nothing is kept."""
        return 0


@dataclass
class Host:
    """What the worker asks of the Faust app."""

    process: Process
    consumer: GroupConsumer
    chance: Random
    loop: SeededLoop
    consumer_generation_id: int = 0
    should_stop: bool = False
    crash_reason: BaseException | None = None

    async def crash(self, error: BaseException) -> None:
        """The process ends soon; until then its other tasks go on."""
        if self.crash_reason is None:
            self.crash_reason, self.should_stop = error, True
            self.loop.call_later(
                self.chance.random() * SOON_S, self.loop.kill, self.process, context=Context()
            )

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)
