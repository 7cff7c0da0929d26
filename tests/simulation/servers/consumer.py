"""A consumer of the log in memory: what our code uses of aiokafka's, with delays and errors."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, OffsetOutOfRangeError
from simulation.loop import this_process
from simulation.servers.log import MemoryLog
from simulation.servers.weather import Calm, Weather, patience


class MemoryConsumer:
    """A consumer that is told what to read; a group only keeps offsets for it."""

    def __init__(
        self,
        log: MemoryLog,
        weather: Weather | None = None,
        *,
        group_id: str | None = None,
        auto_offset_reset: str = "latest",
        isolation_level: str = "read_uncommitted",
        max_poll_records: int = 500,
        **_: Any,
    ) -> None:
        self._log, self._weather, self._group = log, weather or Calm(), group_id
        self._reset, self._committed = auto_offset_reset, isolation_level == "read_committed"
        self._most = max_poll_records
        self._positions: dict[TopicPartition, int | None] = {}

    async def start(self) -> None:
        """Connect."""
        await self._answered()

    def stop(self) -> "_Done":
        """Read no more."""
        self._positions = {}
        return _Done()

    async def topics(self) -> set[str]:
        """All that there are."""
        await self._answered()
        return self._log.topics

    def assign(self, places: Sequence[TopicPartition]) -> None:
        """What is read from now on; where, ``seek`` says, or else the reset."""
        self._positions = dict.fromkeys(places)

    def assignment(self) -> Collection[TopicPartition]:
        """What is read, in the same order in every run."""
        return self._positions.keys()

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Read on from there."""
        self._ensure_assigned(place)
        self._positions[place] = offset

    async def position(self, place: TopicPartition) -> int:
        """The next offset to be read."""
        self._ensure_assigned(place)
        return self._position(place)

    async def beginning_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offsets kept."""
        await self._answered()
        return {place: self._log.at(place).begin for place in places}

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of what this consumer may read."""
        await self._answered()
        found = {place: self._log.at(place) for place in places}
        return {place: it.stable_end if self._committed else it.end for place, it in found.items()}

    async def committed(self, place: TopicPartition) -> int | None:
        """The group's offset."""
        await self._answered()
        return self._log.committed.get((self._group or "", place))

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Set the group's offsets."""
        await self._weather.pause()
        self._weather.strike()
        self._log.committed |= {(self._group or "", place): offset for place, offset in offsets.items()}
        self._weather.written(this_process())
        await self._weather.pause()
        self._weather.strike()

    async def getmany(
        self, *, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Records of what is assigned, or nothing after the time is up."""
        until = asyncio.get_running_loop().time() + timeout_ms / 1000
        await self._weather.pause()
        while True:
            found = self._fetched(max_records or self._most)
            left = until - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found
            await patience(self._log.change(), left)

    def _fetched(self, most: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Of some partitions, in any order, as fetches come."""
        found = {}
        for place in self._weather.chance.sample(sorted(self._positions), len(self._positions)):
            room = most - sum(map(len, found.values()))
            if room > 0:
                position = self._position(place)
                records, next_ = self._read(place, position, self._weather.chance.randint(1, room))
                self._positions[place] = next_
                if records:
                    found[place] = records
        return found

    def _read(self, place: TopicPartition, position: int, most: int) -> tuple[list[ConsumerRecord], int]:
        try:
            return self._log.at(place).read(position, most=most, committed=self._committed)
        except OffsetOutOfRangeError:
            if self._reset == "none":
                raise
            self._positions[place] = None
            return self._log.at(place).read(self._position(place), most=most, committed=self._committed)

    def _position(self, place: TopicPartition) -> int:
        known = self._positions[place]
        if known is None:
            partition = self._log.at(place)
            known = partition.begin if self._reset == "earliest" else partition.end
            self._positions[place] = known
        return known

    def _ensure_assigned(self, place: TopicPartition) -> None:
        if place not in self._positions:
            raise IllegalStateError(f"{place} is not assigned")

    async def _answered(self) -> None:
        await self._weather.pause()
        self._weather.strike()


class _Done:
    """Awaited or not: a consumer whose process was killed is closed where nobody can await."""

    def __await__(self) -> Iterator[None]:
        return iter(())
