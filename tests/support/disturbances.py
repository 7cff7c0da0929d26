"""What is done to a city's programs and servers, one after the other, by a seed. No others are touched."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from support.servers import server
from support.small_disk import SmallDisk
from support.supervised_city import RUNS, SupervisedCity

PAUSE_S = 8.0
"""Longer than the group's session (6 s): a monitor that is stopped loses its partitions."""
AWAY_S = (0.5, 4.0)
FULL_S = 8.0
Disturb = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Disturbances:
    """All kinds of them, over one city, its servers and the disk under its database."""

    city: SupervisedCity
    disk: SmallDisk
    chance: Random

    def kinds(self) -> dict[str, Disturb]:
        """By name; each is done once in a deck."""
        named: dict[str, Disturb] = {}
        for name in RUNS:
            named[f"kill -9 {name}"] = partial(self._kill, name)
            named[f"SIGSTOP {name} for {PAUSE_S:g} s"] = partial(self._pause, name)
        for name in ("kafka", "postgres"):
            for action in ("kill", "stop"):
                named[f"{action} {name}"] = partial(self._restart, name, action)
        return {**named, f"fill the database's disk for {FULL_S:g} s": self._fill}

    def decks(self) -> Iterator[tuple[str, Disturb]]:
        """For ever: each kind once, in an order of chance, then again."""
        while True:
            deck = list(self.kinds().items())
            self.chance.shuffle(deck)
            yield from deck

    async def _kill(self, name: str) -> None:
        self.city.signal(name, signal.SIGKILL)

    async def _pause(self, name: str) -> None:
        program = self.city.programs[name]
        self.city.signal(name, signal.SIGSTOP)
        try:
            await asyncio.sleep(PAUSE_S)
        finally:
            if program.runs:
                os.kill(program.process.pid, signal.SIGCONT)

    async def _restart(self, name: str, action: str) -> None:
        await asyncio.to_thread(server, name, action)
        await asyncio.sleep(self.chance.uniform(*AWAY_S))
        await asyncio.to_thread(server, name, "start")

    async def _fill(self) -> None:
        with saying_so("No space left on device"):
            await asyncio.to_thread(self.disk.fill)
            try:
                await asyncio.sleep(FULL_S)
            finally:
                self.disk.free()
            await asyncio.to_thread(server, "postgres", "start")  # a full disk under its log ends it


@contextmanager
def saying_so(words: str) -> Iterator[None]:
    """The database's log has these words more often than before: else the disturbance was none."""
    log = Path(json.loads(Path(os.environ["MIYUN_TEST_SERVERS"]).read_text())["postgres"]["log"])
    before = log.read_text().count(words)
    yield
    assert log.read_text().count(words) > before, f"the database did not say {words!r}"
