"""The product's own commands as processes: how a city gets its plan, its monitor and its recorder."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from services.runtime.words import ExplainedError

MIYUN = [sys.executable, str(Path(get_path("scripts")) / "miyun")]
"""The installed command, by the same interpreter."""
STOP_TIMEOUT_S = 15.0
TAIL_LINES = 15


class ChildError(ExplainedError):
    """A command failed; the message names it and what it said last."""

    def __init__(self, command: str, code: int, said: list[str]) -> None:
        super().__init__("\n".join([f"miyun {command} ended with exit code {code}", *said]))


@dataclass(frozen=True, slots=True)
class Child:
    """A long-running command of ours and where it logs to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def ensure_running(self) -> None:
        """Raise ``ChildError`` if it has ended by itself."""
        code = self.process.poll()
        if code is not None:
            said = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            raise ChildError(self.name, code, said[-TAIL_LINES:])

    def stop(self) -> None:
        """End it by SIGTERM, and by SIGKILL if it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def run_command(
    arguments: list[str], environment: Mapping[str, str], heard: Callable[[str], None] = lambda _: None
) -> None:
    """``run_aside`` without anything else going on."""
    asyncio.run(run_aside(arguments, environment, heard))


async def run_aside(
    arguments: list[str], environment: Mapping[str, str], heard: Callable[[str], None]
) -> None:
    """Run ``miyun`` to its end while the event loop goes on; every line that it prints is given to ``heard``.

    An error of ``heard`` ends it.

    Raises:
        ChildError: it ended with another exit code than 0.
    """
    last: deque[str] = deque(maxlen=TAIL_LINES)
    process: asyncio.subprocess.Process | None = None
    try:
        with _undisturbed():
            process = await asyncio.create_subprocess_exec(
                *MIYUN,
                *arguments,
                env={**os.environ, **environment},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        assert process.stdout is not None
        async for line in process.stdout:
            last.append(line.decode(errors="replace").rstrip())
            heard(last[-1])
        code = await process.wait()
    finally:
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        raise ChildError(" ".join(arguments), code, list(last))


@contextmanager
def running(names: list[str], environment: Mapping[str, str], logs: Path) -> Iterator[list[Child]]:
    """Start ``miyun <name> run`` for each name; end them in any case, also when SIGTERM ends us."""
    signal.signal(signal.SIGTERM, _leave)
    logs.mkdir(parents=True, exist_ok=True)
    children: list[Child] = []
    try:
        for name in names:
            with _undisturbed():
                children.append(_start(name, environment, logs / f"{name}.log"))
        yield children
    finally:
        for child in children:
            child.stop()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """SIGTERM waits until a child that is being started is known: before that nobody could end it."""
    waiting: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
    if waiting:
        signal.raise_signal(waiting[0])


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


def _start(name: str, environment: Mapping[str, str], log: Path) -> Child:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*MIYUN, name, "run"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return Child(f"{name} run", process, log)
