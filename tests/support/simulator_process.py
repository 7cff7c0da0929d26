"""``miyun simulate run`` as a child process, and what it answers on /readyz."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from schemas.codec import Decoded

MIYUN = ["-c", "from services.cli.main import app_main; app_main()"]
"""Arguments of Python."""


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
def simulator(environment: Mapping[str, str], port: int, run: Run) -> Iterator[None]:
    """It runs meanwhile, answers on ``port`` and is ended by SIGTERM."""
    process = subprocess.Popen(
        [sys.executable, *MIYUN, "simulate", "run"],
        env={**os.environ, **environment, "MIYUN_SIMULATOR_PORT": str(port)},
        stderr=subprocess.PIPE,
    )
    try:
        yield
    finally:
        began = monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        run.stopped_in_s = monotonic() - began
        run.exit_code = process.returncode
        run.said = said.decode()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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
    deadline = monotonic() + within_s
    while monotonic() < deadline:
        status, body = await asyncio.to_thread(readyz, port)
        if status == wanted:
            return body
        await asyncio.sleep(0.2)
    raise AssertionError(f"/readyz never said {wanted}")
