"""The product's own commands as child processes: how simulators use services without importing them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MIYUN = [sys.executable, "-c", "from services.cli.main import app_main; app_main()"]
"""``miyun`` by the same interpreter."""
STOP_TIMEOUT_S = 15.0
TAIL_LINES = 15


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
            raise ChildError(f"miyun {self.name} ended with exit code {code}:\n{tail(self.log)}")

    def stop(self) -> None:
        """End it by SIGTERM, and by SIGKILL if it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def run_command(arguments: list[str], environment: Mapping[str, str], *, quiet: bool = True) -> None:
    """Run ``miyun`` to its end; what it prints is shown only when it fails or not ``quiet``.

    Raises:
        ChildError: it ended with another exit code than 0.
    """
    done = subprocess.run(
        [*MIYUN, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout or b"").decode(errors="replace").strip()
        shown = "\n".join(said.splitlines()[-TAIL_LINES:])
        command = " ".join(arguments)
        raise ChildError(f"miyun {command} ended with exit code {done.returncode}:\n{shown}".rstrip(":\n"))


@contextmanager
def running(names: list[str], environment: Mapping[str, str], logs: Path) -> Iterator[list[Child]]:
    """Start ``miyun <name> run`` for each name; end them in any case."""
    logs.mkdir(parents=True, exist_ok=True)
    children: list[Child] = []
    try:
        # A generator: when the second cannot be started, the first is in the list and is ended.
        children.extend(_start(name, environment, logs / f"{name}.log") for name in names)
        yield children
    finally:
        for child in children:
            child.stop()


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


def tail(log: Path) -> str:
    """The last lines of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-TAIL_LINES:])
