"""What a monitor holds in memory when a large backlog waits and its engine is slow."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from bench.children import monitor
from bench.frames import Frames, history
from bench.log import fill, namespace, say
from bench.monitor_run import FRAMES
from bench.slow_monitor import prelude
from bench.table import Table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

MEGABYTES = "MIYUN_BENCH_BACKLOG_MB"
WATCHED_S = 60.0
PAUSE_MS = 5
AIM_MB = 250


def frames_of(megabytes: int) -> int:
    """How many frames make so much of a log (values only)."""
    sample = [len(record.value or b"") for record in history(Frames(), 1_000)]
    return megabytes * 1_000_000 // (sum(sample) // 1_000)


def test_memory_stays_small(tmp_path: Path, table: Table) -> None:
    """Reading stops while the engine is busy: the backlog waits on the broker, not in the process."""
    frames = frames_of(int(os.environ.get(MEGABYTES, "1024")))
    with namespace(tmp_path, "log") as settings:
        say(f"filling {settings.namespace} with {frames} frames")
        filled = asyncio.run(fill(settings, frames))
        with monitor(settings, tmp_path, prelude(PAUSE_MS / 1000)) as child:
            child.load_s()
            begin_mb, deadline = child.rss_mb(), time.monotonic() + WATCHED_S
            while time.monotonic() < deadline:
                time.sleep(5)
                assert child.process.poll() is None, child.said()[-3000:]
                say(f"{child.rss_mb():.0f} MB")
            judged, peak_mb = child.metrics()[FRAMES], child.peak_mb()
        assert 0 < judged < frames, "there was no backlog all the time"
        how = (
            f"backlog {filled.input_bytes / 1e6:.0f} MB, engine {PAUSE_MS} ms slower a frame, "
            f"{WATCHED_S:.0f} s, {judged:.0f} frames judged; "
            f"{begin_mb:.0f} MB after the load; aim: under {AIM_MB} MB"
        )
        table.add("backlog", "memory at most", f"{peak_mb:.0f} MB", how)
