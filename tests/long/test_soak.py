"""The monitor must not slow down as it runs: small chunks over all partitions, and nothing grows.

``MIYUN_BENCH_GAP_TREE=1`` gives Faust's list of gaps back, which makes both fail.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from bench.children import Child, monitor
from bench.city import POINTS, STATIONS, found
from bench.frames import READINGS, SCANS, START_MS, Frames, history
from bench.log import ends_of, namespace
from bench.monitor_run import FRAMES
from long.pieces import Growths, Piece, Sample, growths, piece_of
from support.monitor_process import GAP_TREE

from schemas.topics import TopicName
from services.rules.scans import REMEMBERED
from services.runtime.kafka import make_producer
from services.runtime.outgoing import Outgoing
from services.runtime.settings import Settings
from services.streaming.batches import Batches

PIECES = 10
BURST, BURSTS_PER_S = 32, 10
"""Two records for each partition on average: most chunks hold several, and their message jumps over some."""
RECORDS_PER_S = BURST * BURSTS_PER_S
WARM_RECORDS = len(STATIONS) * REMEMBERED * 13 // 8 // SCANS
"""A fifth are ticks, the rest frames: each station has come to the most that it remembers, five quarters."""
AT_ONCE, WARM_BEHIND_S = 1_000, 5.0
"""While stations are warmed there is never a backlog, whose memory would hide what comes later."""
RUN_IN_S = 10.0
SAMPLE_EVERY_S = 1.0
CHECKPOINT_EVERY_S = 10.0
"""Often enough that each piece has about as many."""
COLLECT_NOTHING = {"fetch_min_bytes": 1, "fetch_max_wait_ms": 500}
JUDGED = "miyun_monitor_events_total{"
CPU, MEMORY, ENTRIES = 0.10, 0.05, 0.05
"""What each may grow by, from the first piece to the last."""
BEHIND_S = 1.0
Tell = Callable[[str], None]


def hot(place: int, seq: int) -> str:
    """Every 25th station's first point is too high in every other frame: its alert comes and goes for ever.

    No further alerts arise, so that states stay as large as the warming has left them.
    """
    return POINTS[0] if place % 25 == 0 and seq % 2 else ""


@dataclass(slots=True)
class Load:
    """Writes the city's log, and looks at the monitor that judges it."""

    child: Child
    batches: Batches
    written: int
    """Records that the log holds."""
    records: Iterator[Outgoing] = field(
        default_factory=lambda: history(Frames(hot_share=0.0), sys.maxsize, hot)
    )

    async def write(self, count: int) -> None:
        """The log's next records, taken by the broker."""
        await self.batches.put(islice(self.records, count))
        await self.batches.settle()
        self.written += count

    async def warm(self) -> None:
        """As fast as the monitor judges."""
        while self.written < WARM_RECORDS:
            if self.look().behind_s > WARM_BEHIND_S:
                await asyncio.sleep(0.02)
            else:
                await self.write(AT_ONCE)

    async def pace(self, seconds: float) -> list[Sample]:
        """Small bursts, each on time; the monitor as it was every second."""
        samples, began = [self.look()], time.monotonic()
        for burst in range(round(seconds * BURSTS_PER_S)):
            await asyncio.sleep(max(0.0, began + burst / BURSTS_PER_S - time.monotonic()))
            await self.write(BURST)
            if time.monotonic() - began > len(samples) * SAMPLE_EVERY_S:
                samples.append(self.look())
        return [*samples, self.look()]

    def look(self) -> Sample:
        """How the monitor is now."""
        told = self.child.metrics()
        judged = sum(count for name, count in told.items() if name.startswith(JUDGED))
        return Sample(
            cpu_s=self.child.cpu_s(),
            readings=told.get(FRAMES, 0.0) * READINGS,
            load_cpu_s=time.process_time(),
            written=self.written,
            rss_mb=self.child.rss_mb(),
            entries=told["miyun_monitor_faust_entries"],
            behind_s=(self.written - judged) / RECORDS_PER_S,
        )


async def soak(settings: Settings, child: Child, piece_s: float, tell: Tell) -> list[Piece]:
    """Warm every station, then ten pieces of small chunks."""
    written = await ends_of(settings, (TopicName.EVENTS,))
    async with make_producer(settings, linger_ms=0) as producer:
        load = Load(child, Batches(producer, settings.namespace), written)
        began = time.monotonic()
        await load.warm()
        tell(f"{len(STATIONS)} stations are warm after {time.monotonic() - began:.0f} s")
        await load.pace(RUN_IN_S)
        pieces = []
        for number in range(1, PIECES + 1):
            pieces.append(piece_of(await load.pace(piece_s)))
            tell(f"piece {number} of {PIECES}: {pieces[-1]}")
    return pieces


def run(folder: Path, piece_s: float, tell: Tell) -> tuple[Growths, Piece]:
    """How much the figures have grown, and the last piece."""
    prelude = GAP_TREE if os.environ.get("MIYUN_BENCH_GAP_TREE") else ""
    with namespace(folder, "log") as plain:
        settings = plain.model_copy(update=COLLECT_NOTHING | {"checkpoint_every_s": CHECKPOINT_EVERY_S})
        asyncio.run(found(settings, START_MS - 1_000))
        with monitor(settings, folder, prelude) as child:
            child.load_s()
            pieces = asyncio.run(soak(settings, child, piece_s, tell))
            child.stop()
    grown = growths(pieces)
    tell(str(grown))
    return grown, pieces[-1]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Shows progress at once, whether or not output is captured."""

    def one(words: str) -> None:
        with capsys.disabled():
            print(f"  {words}", flush=True)

    return one


@pytest.mark.soak
@pytest.mark.timeout(3_000)
def test_nothing_grows_in_half_an_hour(tmp_path: Path, tell: Tell) -> None:
    """Ten pieces of three minutes; at their end the monitor is still less than a second behind."""
    grown, last = run(tmp_path, 180.0, tell)
    assert_flat(grown)
    assert last.behind_s < BEHIND_S


@pytest.mark.long
@pytest.mark.timeout(900)
def test_nothing_grows_in_eight_minutes(tmp_path: Path, tell: Tell) -> None:
    """The same in ten pieces of 36 s, and about two minutes to warm the stations; only growth is judged."""
    grown, _ = run(tmp_path, 36.0, tell)
    assert_flat(grown)


def assert_flat(grown: Growths) -> None:
    """Within what each may grow by."""
    assert grown.entries <= ENTRIES, str(grown)
    assert grown.cpu <= CPU, str(grown)
    assert grown.rss <= MEMORY, str(grown)
