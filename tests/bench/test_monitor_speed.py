"""How fast one monitor process judges a log that is there already, and what it needs for it."""

import pytest
from bench.city import STATIONS
from bench.frames import READINGS
from bench.log import Filled
from bench.monitor_run import AGGREGATES, ALERTS, CHECKPOINT, FRAMES, REJECTS, TICKS, MonitorRun
from bench.table import Table

STATIONS_CHANGED = f"{len(STATIONS)} stations changed"

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]


def test_monitor_judges_a_filled_log(filled: Filled, monitor_run: MonitorRun, table: Table) -> None:
    """Everything is judged, nothing is refused, and alerts come of it."""
    judged, run = monitor_run.judged, monitor_run
    assert judged[FRAMES] == filled.frames
    assert judged.get(REJECTS, 0) == 0
    assert judged[ALERTS] > 0
    assert judged[AGGREGATES] > 0
    how = f"{filled.frames} frames of {READINGS} readings, {judged[TICKS]:.0f} ticks, clock=log"
    table.add("monitor", "readings judged", f"{run.frames_per_s * READINGS:,.0f} /s", how)
    cpu_s = run.cpu_s_per_frame * 1e6 / READINGS
    table.add("monitor", "CPU per million readings", f"{cpu_s:.2f} s", "judging and sending, no checkpoint")
    table.add("monitor", "CPU per frame", f"{run.cpu_s_per_frame * 1e6:.0f} us", "the same")
    effects = f"{judged[ALERTS]:.0f} transitions of alerts, {judged[AGGREGATES]:.0f} parts of minutes"
    readings = filled.frames * READINGS / judged[ALERTS]
    table.add("monitor", "readings per alert transition", f"{readings:,.0f}", effects)
    checkpoints = judged[f"{CHECKPOINT}_count"]
    mean_s = judged[f"{CHECKPOINT}_sum"] / checkpoints
    table.add("monitor", "checkpoint", f"{mean_s:.2f} s", f"mean of {checkpoints:.0f}; {STATIONS_CHANGED}")
    cpu_s = run.cpu_after_checkpoint_s - run.end.cpu_s
    table.add("monitor", "CPU of the rest", f"{cpu_s:.2f} s", "last frames, idling, last checkpoint")
    memory = f"{run.rss_mb:.0f} MB at the end, {run.peak_mb:.0f} MB at most"
    table.add("monitor", "memory with 1,000 stations", memory, "10 points each, one rule")
    share = run.state_bytes / filled.input_bytes
    sizes = f"catching up: {run.state_bytes / 1e6:.1f} MB for {filled.input_bytes / 1e6:.0f} MB of input"
    table.add("monitor", "snapshot bytes per input byte", f"{share:.3f}", sizes)
    table.add("monitor", "load after a restart", f"{run.load_s:.2f} s", f"{len(STATIONS)} stations")
