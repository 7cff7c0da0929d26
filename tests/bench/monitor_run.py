"""One monitor process works off a filled log, watched through its metrics."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench.children import Child, monitor
from bench.log import Filled, say, size_of

from schemas.topics import TopicName

FRAMES = 'miyun_monitor_events_total{kind="telemetry"}'
TICKS = 'miyun_monitor_events_total{kind="tick"}'
ALERTS = 'miyun_monitor_effects_total{kind="alert"}'
AGGREGATES = 'miyun_monitor_effects_total{kind="aggregate"}'
REJECTS = 'miyun_monitor_effects_total{kind="reject"}'
CHECKPOINT = "miyun_monitor_checkpoint_seconds"
LOOK_EVERY_S = 0.2
JUDGED_WITHIN_S = 400.0
CHECKPOINT_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Frames judged and CPU used, at a moment."""

    at_s: float
    frames: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class MonitorRun:
    """What a run over a filled log used and wrote."""

    begin: Sample
    end: Sample
    judged: dict[str, float]
    """Its metrics once all was judged and in a checkpoint."""
    cpu_after_checkpoint_s: float
    rss_mb: float
    peak_mb: float
    state_bytes: int
    load_s: float
    """Of the process that was started afterwards."""

    @property
    def frames_per_s(self) -> float:
        """Between two moments in the midst of it: start and load do not count."""
        return (self.end.frames - self.begin.frames) / (self.end.at_s - self.begin.at_s)

    @property
    def cpu_s_per_frame(self) -> float:
        """Judging and sending."""
        return (self.end.cpu_s - self.begin.cpu_s) / (self.end.frames - self.begin.frames)


def work_off(filled: Filled, folder: Path) -> MonitorRun:
    """Run a monitor over the log, stop it after a checkpoint, and start it once more."""
    settings = filled.settings
    with monitor(settings, folder) as child:
        begin, end = _watch(child, filled.frames)
        written = child.metrics()
        say("all judged; waiting for a checkpoint")
        child.until(
            lambda: _checkpoints(child) > written[f"{CHECKPOINT}_count"], CHECKPOINT_WITHIN_S, "checkpoint"
        )
        judged, cpu_s = child.metrics(), child.cpu_s()
        rss_mb, peak_mb = child.rss_mb(), child.peak_mb()
        child.stop()
    with monitor(settings, folder) as child:
        load_s = child.load_s()
        child.stop()
    state_bytes = asyncio.run(size_of(settings, TopicName.MONITOR_STATE))
    return MonitorRun(begin, end, judged, cpu_s, rss_mb, peak_mb, state_bytes, load_s)


def _checkpoints(child: Child) -> float:
    return child.metrics()[f"{CHECKPOINT}_count"]


def _watch(child: Child, frames: int) -> tuple[Sample, Sample]:
    """The first sample with a frame judged, and the last one before all were (or the very end)."""
    samples: list[Sample] = []

    def all_judged() -> bool:
        time.sleep(LOOK_EVERY_S)
        sample = Sample(time.monotonic(), child.metrics().get(FRAMES, 0.0), child.cpu_s())
        if sample.frames > 0:
            samples.append(sample)
            if len(samples) % 10 == 0:
                say(f"{sample.frames:.0f} of {frames} frames judged")
        return sample.frames >= frames

    child.until(all_judged, JUDGED_WITHIN_S, f"{frames} frames judged")
    assert len(samples) > 1, "too few frames to measure by: raise MIYUN_BENCH_FRAMES"
    return samples[0], samples[-2] if len(samples) > 2 else samples[-1]
