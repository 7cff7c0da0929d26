"""Processes that outlive the command which started them, known by pid *and* start time.

A pid alone is not enough to stop something by: it may have been given to a stranger since.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layout import StackError

POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its pid and when it was started, in clock ticks since boot (0: it has none any more)."""

    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        return self.started != 0 and _start_ticks(self.pid) == self.started


def of_pid(pid: int) -> Process:
    """The process that has this pid now."""
    return Process(pid, _start_ticks(pid))


def run_checked(command: list[str], failure: str, **options: Any) -> None:
    """Run a command to its end, with further options of ``subprocess.run``.

    Raises:
        StackError: it failed; ``failure`` says what, and its output follows.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise StackError(f"{failure}:\n{done.stdout}{done.stderr}")


def start_detached(
    command: list[str], *, log: Path, user: str | None, environment: dict[str, str]
) -> Process:
    """Start a command in a session of its own, with its output appended to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    return of_pid(child.pid)


def stop(process: Process, number: signal.Signals, *, within_s: float) -> None:
    """Ask a process to end and wait for it; kill it and its children when it does not."""
    if not process.is_alive:
        return
    os.kill(process.pid, number)
    with contextlib.suppress(StackError):
        wait_until(lambda: not process.is_alive, within_s=within_s, what="the process to end")
    kill(process)


def kill(process: Process) -> None:
    """SIGKILL a process and its children, as a crash of the machine would, and wait until all are gone."""
    if not process.is_alive:
        return
    family = [process, *_children(process.pid)]
    for member in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGKILL)
    wait_until(lambda: not any(one.is_alive for one in family), within_s=10, what="killed processes to go")


def wait_until(condition: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Poll until the condition holds.

    Raises:
        StackError: it did not within the time.
    """
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            raise StackError(f"waited {within_s:.0f} s in vain for {what}")
        time.sleep(POLL_S)


def _children(pid: int) -> list[Process]:
    """The direct children; PostgreSQL's have no children of their own."""
    with contextlib.suppress(OSError):
        lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [of_pid(int(number)) for numbers in lists for number in numbers]
    return []


def _start_ticks(pid: int) -> int:
    """Field 22 of /proc/<pid>/stat; 0 for no such process and for one that is dead but not yet reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])
