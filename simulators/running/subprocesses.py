"""The product's own commands as child processes: how simulators use services without importing them."""

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
from time import sleep

MIYUN = [sys.executable, "-c", "from services.cli.main import app_main; app_main()"]
"""``miyun`` by the same interpreter."""
STOP_TIMEOUT_S = 15.0
TAIL_LINES = 15
POLL_S = 0.2


class ChildError(Exception):
    """A command failed; the message names it and what it said last."""


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
            raise ChildError(_failure(self.name, code, tail(self.log)))

    def stop(self) -> None:
        """End it by SIGTERM, and by SIGKILL if it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def run_command(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run ``miyun`` to its end; what it prints is shown only when it fails.

    Raises:
        ChildError: it ended with another exit code than 0.
    """
    done = subprocess.run(
        [*MIYUN, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").strip().splitlines()
        raise ChildError(_failure(" ".join(arguments), done.returncode, said[-TAIL_LINES:]))


def run_beside(children: list[Child], arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run ``miyun`` to its end as long as the children run; it prints to our own output.

    Raises:
        ChildError: it failed, or a child ended before it.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with _undisturbed():
            process = subprocess.Popen([*MIYUN, *arguments], env={**os.environ, **environment})
        while (code := process.poll()) is None:
            for child in children:
                child.ensure_running()
            sleep(POLL_S)
    finally:
        if process is not None:
            process.kill()
            process.wait()
    if code != 0:
        raise ChildError(_failure(" ".join(arguments), code, []))


async def run_aside(
    arguments: list[str], environment: Mapping[str, str], heard: Callable[[str], None]
) -> None:
    """Run ``miyun`` to its end while the event loop goes on; every line that it prints is given to ``heard``.

    Raises:
        ChildError: it ended with another exit code than 0.
    """
    process = await asyncio.create_subprocess_exec(
        *MIYUN,
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    last: deque[str] = deque(maxlen=TAIL_LINES)
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            last.append(line.decode(errors="replace").rstrip())
            heard(last[-1])
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        raise ChildError(_failure(" ".join(arguments), code, list(last)))


def _failure(command: str, code: int, said: list[str]) -> str:
    return "\n".join([f"miyun {command} ended with exit code {code}", *said])


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
        _leave(waiting[0], None)


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


def tail(log: Path) -> list[str]:
    """The last lines of a log."""
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
