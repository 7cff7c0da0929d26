"""What a frame costs in instructions: the one figure that is the same on a busy machine and on an idle one.

Compared with ``cost_base.json``, the counts of an earlier commit. They depend on the counter and on the
build of Python: two builds of one release differ by a tenth and more. Where either is another one than the
base's, count the base anew: check its commit out, and there ``MIYUN_BENCH_COST_BASE=write make cost``.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bench.instructions import Counted, count, counter
from bench.pure_path import GC_THRESHOLD
from bench.table import ROOT, Table

from services.streaming import shell

pytestmark = [pytest.mark.cost, pytest.mark.timeout(900)]

BASE = Path(__file__).with_name("cost_base.json")
REPEATABLE = 0.002
"""The figures of a stage differ by less than this share, whichever run and round they are of."""
MOST = 1.01
"""A stage costs at most so much of the base; a part that makes it cheaper lowers this."""


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counted]:
    """Every stage, counted by two processes at once, one on each core."""
    by = counter()
    with ThreadPoolExecutor() as both:
        runs = both.map(lambda name: count(by, tmp_path_factory.mktemp(name)), ("first", "second"))
        first, second = runs
    return {one.name: one.with_figures_of(other) for one, other in zip(first, second, strict=True)}


def test_counts_are_repeatable(counted: dict[str, Counted]) -> None:
    """Two runs, and the rounds of one, count the same within 0.2 %: nothing of the start-up is in it."""
    spreads = {name: max(one.figures) / min(one.figures) - 1 for name, one in counted.items()}
    print("  cost: figures of a stage differ by at most", f"{max(spreads.values()):.3%}")
    assert {name: spread for name, spread in spreads.items() if spread >= REPEATABLE} == {}


def test_no_stage_is_dearer_than_the_base(counted: dict[str, Counted], table: Table) -> None:
    """Each costs at most 1 % more than at the commit that the base was counted at."""
    conditions = {"counter": counter(), "python": sys.version}
    if os.environ.get("MIYUN_BENCH_COST_BASE") == "write":
        write_base(counted, conditions)
    base = json.loads(BASE.read_text(encoding="utf-8"))
    comparable = all(base[name] == value for name, value in conditions.items())
    for name, one in counted.items():
        before = base["counts"][name]
        ratio = f"{one.mean / before:.4f} of" if comparable else f"another {' and '.join(conditions)} than"
        how = f"{ratio} {before:,} at {base['commit']}; {one.how}"
        table.add("cost", f"{name}, a {one.unit}", f"{one.mean:,} instructions", how)
    if not comparable:
        pytest.skip(
            f"the base was counted by {base['counter']} in Python {base['python']}: compared with nothing"
        )
    assert [name for name, one in counted.items() if one.mean > base["counts"][name] * MOST] == []


def test_garbage_is_collected_as_in_the_monitor() -> None:
    """The program that is counted repeats the monitor's threshold, whose module takes long to import."""
    assert GC_THRESHOLD == shell.GC_THRESHOLD


def write_base(counted: dict[str, Counted], conditions: dict[str, Any]) -> None:
    """Make the counts of this commit the base."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    told = {"commit": commit, **conditions, "counts": {name: one.mean for name, one in counted.items()}}
    BASE.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
