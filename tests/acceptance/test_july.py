"""The demo city lives in its January also where it is July: nothing asks the machine what time it is.

Our processes and PostgreSQL have a clock of July 2027, noon; Kafka, which does not work so, keeps its own.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import asyncpg
import pytest
from support.programs import miyun_process
from support.servers import server
from support.simulations import Simulated, simulate

pytestmark = pytest.mark.alone

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
def both(july: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Simulated, Simulated]:
    """The opening scene, simulated in July and, at the same time, by processes of today."""
    options = ("--scene", "opening", "--hours", "0.75")
    with ThreadPoolExecutor(2) as two:
        then = two.submit(simulate, tmp_path_factory.mktemp("july"), *options, **july)
        now = two.submit(simulate, tmp_path_factory.mktemp("today"), *options)
    return then.result(), now.result()


@pytest.fixture(scope="module")
def simulated(both: tuple[Simulated, Simulated]) -> Simulated:
    """That of July."""
    return both[0]


def _miyun(simulated: Simulated, july: dict[str, str], *arguments: str) -> str:
    environment = {**os.environ, **july, "MIYUN_CLOCK": "log"}
    return miyun_process(*arguments, "--namespace", simulated.namespace, environment=environment).stdout


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


def test_what_is_raised_and_stored_is_what_january_has(both: tuple[Simulated, Simulated]) -> None:
    """Every transition and aggregate of the run in July is there in a run of today."""
    simulated, today = both
    assert simulated.missed() == []
    assert simulated.transitions == today.transitions
    assert simulated.of_stations() == today.of_stations()


def test_screens_show_the_citys_time(simulated: Simulated, july: dict[str, str]) -> None:
    """Status, coverage and the list of alerts say January."""
    assert "2026-01-13 19:45:00 Asia/Shanghai" in _miyun(simulated, july, "status")
    assert "2026-01-13 19:45:00 Asia/Shanghai" in _miyun(simulated, july, "coverage", "--lang", "en")
    listed = _miyun(simulated, july, "alerts", "list", "--all", "--lang", "en")
    assert "2026-01-13" in listed
    assert "2027" not in listed
