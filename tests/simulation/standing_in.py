"""Puts the log in memory and the virtual clock where our code finds aiokafka and the machine's."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from simulation.clients import MemoryConsumer, MemoryProducer
from simulation.log import MemoryLog
from simulation.loop import SeededLoop
from simulation.weather import Weather

from services.monitor import judged
from services.runtime import kafka
from services.streaming import worker


@contextmanager
def standing_in(loop: SeededLoop, log: MemoryLog, weather: Weather) -> Iterator[None]:
    """While it lasts, every client of the broker is one of this log, and time is the loop's."""
    places: list[tuple[Any, str, Any]] = [
        (kafka, "AIOKafkaProducer", partial(MemoryProducer, log, weather)),
        (kafka, "AIOKafkaConsumer", partial(MemoryConsumer, log, weather)),
        (worker, "perf_counter", loop.reading),
        (judged, "monotonic", loop.time),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, stand_in in places:
        setattr(owner, name, stand_in)
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)
