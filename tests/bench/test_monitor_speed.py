"""How fast one monitor process judges a log that is there already, and what it needs for it."""

import pytest
from bench.city import STATIONS
from bench.frames import READINGS
from bench.log import Filled
from bench.monitor_run import AGGREGATES, ALERTS, CHECKPOINT, FRAMES, REJECTS, TICKS, MonitorRun
from bench.table import Table

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
    table.add("monitor", "CPU, without checkpoints", f"{run.cpu_s_per_frame * 1e6 / READINGS:.3f} s per million readings")
    table.add("monitor", "CPU per frame", f"{run.cpu_s_per_frame * 1e6:.0f} us")
    effects = f"{judged[ALERTS]:.0f} alert transitions, {judged[AGGREGATES]:.0f} minutes of stations"
    table.add("monitor", "readings per alert transition", f"{filled.frames * READINGS / judged[ALERTS]:,.0f}", effects)
    mean_s = judged[f"{CHECKPOINT}_sum"] / judged[f"{CHECKPOINT}_count"]
    table.add("monitor", "one checkpoint", f"{mean_s:.3f} s", f"{len(STATIONS)} stations changed")
    memory = f"{run.rss_mb:.0f} MB at the end, {run.peak_mb:.0f} MB at most"
    table.add("monitor", "memory with 1,000 stations", memory, "10 points each, one rule")
    share = run.state_bytes / filled.input_bytes
    sizes = f"{run.state_bytes / 1e6:.1f} MB of snapshots, {filled.input_bytes / 1e6:.0f} MB of input, catching up"
    table.add("monitor", "snapshot bytes per input byte", f"{share:.3f}", sizes)
    table.add("monitor", "load after a restart", f"{run.load_s:.3f} s", f"{len(STATIONS)} stations")
