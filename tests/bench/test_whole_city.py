"""The shipped city as `make up` runs it: a day of history at full speed, and then what it costs live."""

import time
from pathlib import Path

import pytest
from bench.children import Child, monitor, recorder, simulator
from bench.log import namespace, say
from bench.table import ROOT, Table

from simulators.running.subprocesses import run_command

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

HOURS = 24
HISTORY_WITHIN_S = 600.0
SETTLES_S = 10.0
LIVE_S = 120.0


def test_whole_city(tmp_path: Path, table: Table) -> None:
    """726 stations; the opening scene is played while it is live."""
    with namespace(tmp_path, "log") as plain:
        settings = plain.model_copy(update={"history_hours": HOURS, "city_dir": ROOT / "deploy" / "miyun"})
        environment = {f"MIYUN_{name.upper()}": str(value) for name, value in settings}
        run_command(["rules", "publish"], environment)
        with (
            monitor(settings, tmp_path) as judge,
            recorder(settings, tmp_path) as store,
            simulator(settings, tmp_path) as city,
        ):
            children = {"simulator": city, "monitor": judge, "recorder": store}
            began = time.monotonic()
            city.until(lambda: "history judged and stored" in city.said(), HISTORY_WITHIN_S, "history")
            took = time.monotonic() - began
            of = ", ".join(f"{name} {child.cpu_s():.1f} s" for name, child in children.items())
            made = city.said().partition(" readings=")[2].partition(";")[0]
            how = f"726 stations, {int(made):,} readings; CPU with the start of the processes: {of}"
            table.add("city", f"{HOURS} h generated, judged and stored", f"{took:.0f} s", how)
            _live(children, table)
            for child in children.values():
                child.stop()


def _live(children: dict[str, Child], table: Table) -> None:
    time.sleep(SETTLES_S)
    say(f"live for {LIVE_S:g} s")
    before, began = {name: child.cpu_s() for name, child in children.items()}, time.monotonic()
    time.sleep(LIVE_S)
    passed = time.monotonic() - began
    for name, child in children.items():
        core = (child.cpu_s() - before[name]) / passed
        how = f"over {passed:.0f} s of city time, with the opening scene; {child.rss_mb():.0f} MB"
        table.add("city", f"CPU of the {name}, live", f"{core:.1%} of one core", how)
