"""One filled log and one monitor's run over it, shared by the measurements of a session."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from bench.log import Filled, fill, namespace, say
from bench.monitor_run import MonitorRun, work_off
from bench.table import Table

FRAMES = "MIYUN_BENCH_FRAMES"


@pytest.fixture(scope="session", autouse=True)
def table() -> Table:
    """Where figures go. Made first, so that it tells how busy the machine was before we began."""
    made = Table()
    say(made.above)
    return made


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A log of 60,000 frames (``MIYUN_BENCH_FRAMES``) of 50 readings, in log time."""
    frames = int(os.environ.get(FRAMES, "60000"))
    with namespace(tmp_path_factory.mktemp("filled"), "log") as settings:
        say(f"filling {settings.namespace} with {frames} frames")
        yield asyncio.run(fill(settings, frames))


@pytest.fixture(scope="session")
def monitor_run(filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> MonitorRun:
    """A monitor has judged the filled log."""
    say("a monitor judges it")
    return work_off(filled, tmp_path_factory.mktemp("monitor"))
