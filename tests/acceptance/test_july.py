"""The demo city lives in its January also where it is July: nothing asks the machine what time it is.

Our processes and PostgreSQL have a clock of July 2027, noon; Kafka, which does not work so, keeps its own.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from support.command_line import MIYUN
from support.servers import needs_own_servers, server
from support.simulations import Simulated, simulate

pytestmark = [pytest.mark.timeout(300), needs_own_servers]

JULY = datetime(2027, 7, 1, 4, tzinfo=UTC)
"""Noon in Miyun."""


@pytest.fixture(scope="module")
def july() -> Iterator[dict[str, str]]:
    """The environment of a process in July; PostgreSQL is one meanwhile."""
    faketime = shutil.which("faketime")
    assert faketime is not None, "make test installs it"
    told = subprocess.run(
        [faketime, "tomorrow", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True
    )
    environment = {
        "LD_PRELOAD": told.stdout.strip().replace("libfaketime.so", "libfaketimeMT.so"),
        "FAKETIME": f"+{(JULY - datetime.now(UTC)).total_seconds():.0f}s",
    }
    server("postgres", "stop")
    server("postgres", "start", **environment)
    yield environment
    server("postgres", "stop")
    server("postgres", "start")


@pytest.fixture(scope="module")
def simulated(july: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The opening scene, simulated in July."""
    return simulate(tmp_path_factory.mktemp("july"), "--scene", "opening", "--hours", "0.75", **july)


def _miyun(simulated: Simulated, july: dict[str, str], *arguments: str) -> str:
    command = [str(MIYUN), *arguments, "--namespace", simulated.namespace]
    environment = {**os.environ, **july, "MIYUN_CLOCK": "log"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout


def test_it_is_july_here(simulated: Simulated, july: dict[str, str]) -> None:
    """The fake works: the database and our own logs say 2027."""

    async def now() -> datetime:
        connection = await asyncpg.connect(os.environ["MIYUN_DATABASE_URL"])
        try:
            return await connection.fetchval("SELECT now()")
        finally:
            await connection.close()

    assert (asyncio.run(now()).year, asyncio.run(now()).month) == (2027, 7)
    logs = [path.read_text("utf-8") for path in simulated.folder.glob("simulate-*/*.log")]
    assert len(logs) == 2
    assert all(log.startswith("2027-07-01T") for log in logs)


def test_what_is_raised_and_stored_is_what_january_has(
    simulated: Simulated, july: dict[str, str], tmp_path: Path
) -> None:
    """Every transition and aggregate of the run in July is there in a run of today."""
    assert simulated.missed() == []
    today = simulate(tmp_path, "--scene", "opening", "--hours", "0.75")
    assert simulated.transitions == today.transitions
    assert simulated.of_stations() == today.of_stations()


def test_screens_show_the_citys_time(simulated: Simulated, july: dict[str, str]) -> None:
    """Status, coverage and the list of alerts say January."""
    assert "2026-01-13 19:45:00 Asia/Shanghai" in _miyun(simulated, july, "status")
    assert "2026-01-13 19:45:00 Asia/Shanghai" in _miyun(simulated, july, "coverage", "--lang", "en")
    listed = _miyun(simulated, july, "alerts", "list", "--all", "--lang", "en")
    assert "2026-01-13" in listed
    assert "2027" not in listed
