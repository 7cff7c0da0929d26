"""The recorder as a process of its own, and topics filled as the monitor fills them."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic

from support.output_records import Output
from support.programs import Program, deadline_in, environment_of, running

from services.recorder.store import OFFSETS
from services.runtime.kafka import make_producer
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


def recorder(settings: Settings, log: Path) -> AbstractContextManager[Program]:
    """``miyun recorder run``; killed at the end, if it still runs."""
    return running("recorder", "run", environment=environment_of(settings), log=log)


async def send(settings: Settings, records: Iterable[Output]) -> None:
    """Write records to their topics, in order; their offsets are what the broker gives them."""
    async with make_producer(settings) as producer:
        futures = [
            await producer.send(
                record.topic,
                record.value,
                key=record.key,
                partition=record.partition,
                headers=record.headers,
            )
            for record in records
        ]
        await asyncio.gather(*futures)


async def until_stored(connection: Connection, records: int, *, within_s: float = 30.0) -> None:
    """Wait until this many records are stored, of all topics together."""

    async def enough() -> bool:
        return await stored_records(connection) >= records

    await until(enough, within_s=within_s, what=f"{records} records stored")


async def stored_records(connection: Connection) -> int:
    """How many records are stored, of all topics together."""
    return sum(position.next for position in (await OFFSETS.stored(connection)).values())


async def until(reached: Callable[[], object], *, within_s: float, what: str) -> None:
    """Wait until ``reached`` (awaited, if it is awaitable) is true."""
    ends = deadline_in(within_s)
    while True:
        answer = reached()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return
        assert monotonic() < ends, f"not within {within_s:g} s: {what}"
        await asyncio.sleep(0.02)
