"""``miyun simulate run`` as a child process, and what it answers on /readyz."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from support.programs import Environment, deadline_in, running

from schemas.codec import Decoded


@dataclass
class Run:
    """One run of the simulator, and what the log held after it."""

    stopped_in_s: float = 0.0
    exit_code: int = -1
    said: str = ""
    ready: dict[str, Any] = field(default_factory=dict)
    metrics: str = ""
    log: list[Decoded] = field(default_factory=list)


@contextmanager
def simulator(environment: Environment, log: Path, run: Run) -> Iterator[None]:
    """It runs meanwhile, answers on ``MIYUN_SIMULATOR_PORT`` and is ended by SIGTERM."""
    with running("simulate", "run", environment=environment, log=log) as program:
        yield
        began = monotonic()
        run.exit_code = program.end()
        run.stopped_in_s = monotonic() - began
        run.said = program.said()


def readyz(port: int) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer; 0 and nothing when nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return answer.status, json.load(answer)
    except URLError as error:
        body = getattr(error, "read", lambda: b"{}")()
        return getattr(error, "code", 0), json.loads(body or b"{}")


def metrics(port: int) -> str:
    """What Prometheus gets."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
        return str(answer.read().decode())


async def until_ready(port: int, wanted: int, within_s: float = 15.0) -> dict[str, Any]:
    """The first answer of this status."""
    deadline = deadline_in(within_s)
    while monotonic() < deadline:
        status, body = await asyncio.to_thread(readyz, port)
        if status == wanted:
            return body
        await asyncio.sleep(0.2)
    raise AssertionError(f"/readyz never said {wanted}")
