"""The recorder as a process of its own, and topics filled as the monitor fills them."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from support.command_line import MIYUN
from support.output_records import Output

from services.recorder.store import OFFSETS
from services.runtime.kafka import make_producer
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """What tells a process of ours these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIYUN_")}
    given = {
        f"MIYUN_{name.upper()}": str(getattr(settings, name))
        for name in ("namespace", "clock", "kafka_bootstrap", "database_url", "recorder_port")
    }
    return kept | given


@contextmanager
def recorder(settings: Settings, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """``miyun recorder run``; killed at the end, if it still runs."""
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            [MIYUN, "recorder", "run"], env=environment(settings), stdout=stderr, stderr=stderr
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


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
    ends = monotonic() + within_s
    while True:
        answer = reached()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return
        assert monotonic() < ends, f"not within {within_s:g} s: {what}"
        await asyncio.sleep(0.02)
