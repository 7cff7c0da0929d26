"""What the monitor needs, and how soon it tells, while 50,000 readings a second come in, or fewer."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from bench.children import Child, monitor
from bench.city import STATIONS, found
from bench.frames import HOT_SHARE, READINGS, SCANS, Frames, telemetry
from bench.log import latencies_ms, namespace, say, size_of
from bench.monitor_run import FRAMES, REJECTS
from bench.table import Table, share

from schemas.topics import TopicName
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings
from services.streaming.batches import Batches

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

SECONDS = float(os.environ.get("MIYUN_BENCH_PACED_S", "60"))
FRAMES_PER_S = int(os.environ.get("MIYUN_BENCH_PACED_FRAMES_PER_S", "1000"))
WAITS_MS = os.environ.get("MIYUN_BENCH_FETCH_MS", "").split(",")
"""How long fetches are collected, one run each; 0: not at all; empty: as the settings have it."""
FAUST_WAIT_MS = 1_500
BURST_EVERY_S = 0.02
BURST = max(1, round(FRAMES_PER_S * BURST_EVERY_S))
SHARE = min(0.5, HOT_SHARE * 1_000 / FRAMES_PER_S)
"""Frames that raise an alert: with few frames a larger share of them, so that there is something to time."""
SCAN_EVERY_MS = 1_000 // SCANS
RUN_IN_S = 5.0
"""Not measured: first frames make states, and the consumer finds its pace."""
CAUGHT_UP_WITHIN_S = 30.0


@dataclass(slots=True)
class Offered:
    """What was written, and how it went."""

    frames: int = 0
    input_bytes: int = 0
    took_s: float = 0.0
    measured_from_ms: int = 0
    measured_frames: int = 0
    measured_s: float = 0.0
    cpu_s: float = 0.0
    """The monitor's, while it was measured."""

    @property
    def per_s(self) -> float:
        """Frames written per second."""
        return self.frames / self.took_s


async def offer(settings: Settings, child: Child) -> Offered:
    """Write bursts of frames on time; a burst that is late is not made up for by leaving any out.

    Each comes at a random instant of its own turn, so that no wait keeps step with them.
    """
    frames, offered, chance = Frames(hot_share=SHARE), Offered(), Random(1)
    async with make_producer(settings, linger_ms=0) as producer:
        batches = Batches(producer, settings.namespace)
        began = time.monotonic()
        cpu_s = measured_at = 0.0
        for burst in range(round(SECONDS * FRAMES_PER_S / BURST)):
            due = began + (burst + chance.random()) * BURST / FRAMES_PER_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not measured_at and time.monotonic() - began > RUN_IN_S:
                cpu_s, measured_at = child.cpu_s(), time.monotonic()
                offered.measured_from_ms = time.time_ns() // 1_000_000
            await _burst(batches, frames, offered)
            offered.measured_frames += BURST if measured_at else 0
            if offered.frames % (10 * FRAMES_PER_S) == 0:
                say(f"{offered.frames} frames offered")
        await batches.settle()
        await asyncio.sleep(max(0.0, began + SECONDS - time.monotonic()))
        offered.took_s = time.monotonic() - began
        offered.measured_s, offered.cpu_s = time.monotonic() - measured_at, child.cpu_s() - cpu_s
    return offered


async def _burst(batches: Batches, frames: Frames, offered: Offered) -> None:
    now_ms = time.time_ns() // 1_000_000
    records = []
    for number in range(offered.frames, offered.frames + BURST):
        seq, place = divmod(number, len(STATIONS))
        value = frames.value(STATIONS[place], seq, now_ms, SCAN_EVERY_MS)
        records.append(telemetry(STATIONS[place], seq, value, None))
        offered.input_bytes += len(value)
    await batches.put(records)
    await batches.flush()
    offered.frames += BURST


def fetching(wait_ms: str) -> dict[str, int]:
    """The settings that collect fetches for so long."""
    if wait_ms == "":
        return {}
    if wait_ms == "0":
        return {"fetch_min_bytes": 1, "fetch_max_wait_ms": FAUST_WAIT_MS}
    return {"fetch_max_wait_ms": int(wait_ms)}


@pytest.mark.parametrize("wait_ms", WAITS_MS)
def test_paced(wait_ms: str, tmp_path: Path, table: Table) -> None:
    """1,000 stations send their frames in turn: all are judged, and alerts come at once."""
    with namespace(tmp_path, "wall") as found_settings:
        settings = found_settings.model_copy(update=fetching(wait_ms))
        asyncio.run(found(settings, time.time_ns() // 1_000_000))
        with monitor(settings, tmp_path) as child:
            child.load_s()
            offered = asyncio.run(offer(settings, child))
            said_at = time.monotonic()
            child.until(lambda: child.metrics()[FRAMES] >= offered.frames, CAUGHT_UP_WITHIN_S, "caught up")
            behind_s, judged, rss_mb = time.monotonic() - said_at, child.metrics(), child.rss_mb()
            child.stop()
        latencies = asyncio.run(latencies_ms(settings, offered.measured_from_ms))
        state_bytes = asyncio.run(size_of(settings, TopicName.MONITOR_STATE))
    assert judged[FRAMES] == offered.frames
    assert judged.get(REJECTS, 0) == 0
    assert latencies, "no alerts"
    part = f"paced, fetches collected for {wait_ms} ms" if wait_ms else "paced"
    _keep(table, part, offered, f"the last was judged {behind_s:.1f} s later")
    median, late = share(latencies, 50), share(latencies, 99)
    of = f"append to append; {len(latencies)} transitions, without the first {RUN_IN_S:g} s"
    table.add(part, "event to alert", f"p50 {median} ms, p99 {late} ms, at most {latencies[-1]} ms", of)
    table.add(part, "memory", f"{rss_mb:.0f} MB at the end", f"{len(STATIONS)} stations")
    sizes = f"{state_bytes / 1e6:.1f} MB for {offered.input_bytes / 1e6:.0f} MB of values"
    table.add(part, "snapshot bytes per input byte", f"{state_bytes / offered.input_bytes:.3f}", sizes)


def _keep(table: Table, part: str, offered: Offered, end: str) -> None:
    reached = "reached" if offered.per_s > 0.99 * FRAMES_PER_S else "NOT reached"
    wanted = f"wanted {FRAMES_PER_S * READINGS:,} for {SECONDS:g} s: {reached}; {end}"
    table.add(part, "readings offered", f"{offered.per_s * READINGS:,.0f} /s", wanted)
    core = offered.cpu_s / offered.measured_s
    readings = offered.measured_frames * READINGS
    per_million = f"{offered.cpu_s * 1e6 / readings:.2f} s per million readings"
    table.add(
        part,
        "CPU of the monitor",
        f"{core:.1%} of one core, {per_million}",
        f"over {offered.measured_s:.0f} s",
    )
