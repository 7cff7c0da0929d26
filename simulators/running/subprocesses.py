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


class CommandFailedError(ExplainedError):
    """A command failed; the message names it and the end of its output."""

    def __init__(self, command: str, code: int, output: list[str]) -> None:
        super().__init__("\n".join([f"miyun {command} ended with exit code {code}", *output]))


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service of ours that runs, and where it logs to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def ensure_running(self) -> None:
        """Raise ``CommandFailedError`` if it has ended by itself."""
        code = self.process.poll()
        if code is not None:
            output = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            raise CommandFailedError(self.name, code, output[-TAIL_LINES:])

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
    arguments: list[str], environment: Mapping[str, str], on_line: Callable[[str], None] = lambda _: None
) -> None:
    """``run_aside`` without anything else going on."""
    asyncio.run(run_aside(arguments, environment, on_line))


async def run_aside(
    arguments: list[str], environment: Mapping[str, str], on_line: Callable[[str], None]
) -> None:
    """Run ``miyun`` to its end while the event loop goes on; ``on_line`` gets every line that it prints.

    An error of ``on_line`` ends it.

    Raises:
        CommandFailedError: it ended with another exit code than 0.
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
            on_line(last[-1])
        code = await process.wait()
    finally:
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        raise CommandFailedError(" ".join(arguments), code, list(last))


@contextmanager
def running(names: list[str], environment: Mapping[str, str], logs: Path) -> Iterator[list[RunningService]]:
    """Start ``miyun <name> run`` for each name; end them in any case, also when SIGTERM ends us."""
    signal.signal(signal.SIGTERM, _leave)
    logs.mkdir(parents=True, exist_ok=True)
    services: list[RunningService] = []
    try:
        for name in names:
            with _undisturbed():
                services.append(_start(name, environment, logs / f"{name}.log"))
        yield services
    finally:
        for service in services:
            service.stop()


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


def _start(name: str, environment: Mapping[str, str], log: Path) -> RunningService:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*MIYUN, name, "run"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return RunningService(f"{name} run", process, log)
