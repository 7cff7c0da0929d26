"""Puts the log in memory and the virtual clock where our code finds aiokafka and the machine's."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import asyncpg
from simulation.loop import SeededLoop
from simulation.servers.consumer import MemoryConsumer
from simulation.servers.database import MemoryDatabase
from simulation.servers.log import MemoryLog
from simulation.servers.producer import MemoryProducer
from simulation.servers.weather import Weather

from services.monitor import judged
from services.recorder import recorder
from services.runtime import kafka
from services.runtime.following import reader as following
from services.streaming import worker

Place = tuple[Any, str, Any]
"""A module, a name in it, and what stands there instead."""


def clients(log: MemoryLog, weather: Weather | None = None) -> list[Place]:
    """Every client of the broker is one of this log."""
    return [
        (kafka, "AIOKafkaProducer", partial(MemoryProducer, log, weather)),
        (kafka, "AIOKafkaConsumer", partial(MemoryConsumer, log, weather)),
    ]


def database(memory: MemoryDatabase) -> list[Place]:
    """Every connection is one to this database; a namespace has its topics and its tables."""
    return [
        (asyncpg, "connect", memory.connect),
        (asyncpg, "create_pool", memory.create_pool),
        (kafka, "ensure_namespace", _nothing),
        (recorder, "_migrate", _nothing),
    ]


async def _nothing(*_: Any) -> None:
    """There is nothing to be made."""


def clocks(loop: SeededLoop) -> list[Place]:
    """Whoever measures time does so by the loop's."""
    time = SimpleNamespace(monotonic=loop.time)
    return [
        (worker, "perf_counter", loop.reading),
        (judged, "monotonic", loop.time),
        (following, "time", time),
        (recorder, "time", time),
    ]


@contextmanager
def standing_in(places: Iterable[Place]) -> Iterator[None]:
    """While it lasts, the stand-ins are found."""
    before = [(owner, name, getattr(owner, name), stand_in) for owner, name, stand_in in places]
    for owner, name, _, stand_in in before:
        setattr(owner, name, stand_in)
    try:
        yield
    finally:
        for owner, name, original, _ in before:
            setattr(owner, name, original)
