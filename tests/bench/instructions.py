"""Counts the instructions of ``pure_path.py`` in user space: by perf where it can, or else by callgrind.

Both run the same program with the same seed of hashes, and leave its start-up out. perf tells a process's
total: taken is the difference between one round and many. callgrind, some 50 times slower, writes what it
has counted, and begins at zero, at each mark: a call of a function of libc that nothing else calls.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from bench.pure_path import PREPARED_ROUNDS, STAGES

CounterName = Literal["perf", "callgrind"]
TESTS = Path(__file__).parents[1]
EVENT = "instructions:u"
MARK = "getppid"
"""What ``pure_path.mark`` calls."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A stage, and the instructions of one of its units: a figure for each round that was counted alone."""

    name: str
    unit: str
    how: str
    figures: tuple[float, ...]

    @property
    def mean(self) -> int:
        """The count."""
        return round(sum(self.figures) / len(self.figures))

    def with_figures_of(self, other: Self) -> Self:
        """The same of two runs."""
        return replace(self, figures=self.figures + other.figures)


def counter() -> CounterName:
    """``MIYUN_BENCH_COUNTER``, or else perf if it can count here, or else callgrind."""
    match os.environ.get("MIYUN_BENCH_COUNTER"):
        case "perf" | "callgrind" as wanted:
            return wanted
        case _:
            return "perf" if _perf(["true"])[1] is not None else "callgrind"


def count(by: CounterName, folder: Path) -> list[Counted]:
    """All stages, in one run of the counter; ``folder`` is for what it writes."""
    return _by_perf() if by == "perf" else _by_callgrind(folder)


def _by_perf() -> list[Counted]:
    found = []
    for name in STAGES:
        (told,), once = _perf(_program("rounds", name, "1"))
        _, often = _perf(_program("rounds", name, str(PREPARED_ROUNDS)))
        assert once is not None
        assert often is not None
        found.append(_counted(told, [(often - once) / (PREPARED_ROUNDS - 1)]))
    return found


def _perf(command: list[str]) -> tuple[list[dict[str, Any]], int | None]:
    """What a program printed, and its total; None: the kernel does not count for us, or there is no perf."""
    line = ["perf", "stat", "--field-separator=,", f"--event={EVENT}", *command]
    try:
        done = subprocess.run(line, env=_environment(), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return [], None
    total = re.search(rf"^(\d+),[^,]*,{EVENT},", done.stderr, re.MULTILINE)
    return json.loads(done.stdout or "[]"), None if total is None else int(total[1])


def _by_callgrind(folder: Path) -> list[Counted]:
    out = folder / "callgrind"
    tool = ["valgrind", "--quiet", "--tool=callgrind", f"--dump-before={MARK}", f"--callgrind-out-file={out}"]
    line = [*tool, *_program("marks")]
    done = subprocess.run(line, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts = [_part(folder / f"callgrind.{number}") for number in range(1, 3 * len(STAGES) + 1)]
    return [_counted(told, parts[3 * n + 1 : 3 * n + 3]) for n, told in enumerate(json.loads(done.stdout))]


def _part(path: Path) -> int:
    """What was counted from the mark before to the one at which this file was written."""
    text = path.read_text()
    assert f"--dump-before={MARK}" in text
    total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
    assert total is not None
    return int(total[1])


def _counted(told: dict[str, Any], rounds: list[float]) -> Counted:
    figures = tuple(total / told["units"] for total in rounds)
    return Counted(told["name"], told["unit"], told["how"], figures)


def _program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bench.pure_path", *arguments]


def _environment() -> dict[str, str]:
    """Nothing of ours: where it lies in memory depends on its size, and with it how often hashes collide."""
    return {"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "PYTHONPATH": str(TESTS)}
