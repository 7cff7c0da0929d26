"""``miyun simulate run`` with history: made at full speed, judged and stored, and then life in real time."""

import asyncio
import os
from dataclasses import dataclass

import asyncpg
import pytest
from support.lamp_city import write_lamp_city
from support.namespaces import new_namespace
from support.programs import PATIENCE, Programs, bare_environment, free_port
from support.simulator_process import Run, readyz, simulator

from schemas.headers import time_ms

CITY_START = time_ms("2026-01-13T19:00:00+08:00")
HOURS = 6
LIVES_S = 7.0
"""Longer than a tick: the log ends after the city began to live."""
MINUTE = 60_000


@dataclass(frozen=True)
class Story:
    """Two runs over one log; ``seen``: the answers of /readyz until the first was ready."""

    first: Run
    second: Run
    seen: list[dict[str, object]]
    stored: tuple[int, int, int]
    """First and last minute (epoch ms) in the table of aggregates when it was ready, and how many rows."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The second run finds the history done."""
    folder = tmp_path_factory.mktemp("history")
    namespace = new_namespace()
    port = free_port()
    environment = bare_environment() | {
        "MIYUN_NAMESPACE": namespace,
        "MIYUN_CLOCK": "log",
        "MIYUN_STATE_DIR": str(folder / "state"),
        "MIYUN_KEYS_DIR": str(folder / "keys"),
        "MIYUN_CHECKPOINT_EVERY_S": "1",
        "MIYUN_HISTORY_HOURS": str(HOURS),
        "MIYUN_KAFKA_BOOTSTRAP": os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        "MIYUN_DATABASE_URL": os.environ["MIYUN_DATABASE_URL"],
        "MIYUN_SIMULATOR_PORT": str(port),
    }
    city = Programs(environment=environment, folder=folder)
    city.miyun("rules", "publish", "--city", str(write_lamp_city(folder / "city")))
    try:
        city.start("monitor")
        city.start("recorder")
        return asyncio.run(_story(namespace, city, port))
    finally:
        city.end()


async def _story(namespace: str, city: Programs, port: int) -> Story:
    first, second = Run(), Run()
    with simulator(city.environment, city.folder / "first.log", first):
        seen = await _until_ready(port)
        stored = await _stored(namespace)
        await asyncio.sleep(LIVES_S)
    with simulator(city.environment, city.folder / "second.log", second):
        second.ready = (await _until_ready(port))[-1]
    return Story(first, second, seen, stored)


async def _until_ready(port: int) -> list[dict[str, object]]:
    """Every answer up to the one that says ready."""
    seen: list[dict[str, object]] = []
    async with asyncio.timeout(PATIENCE * 60):
        while True:
            status, body = await asyncio.to_thread(readyz, port)
            if body:
                seen.append(body)
            if status == 200:
                return seen
            await asyncio.sleep(0.05)


async def _stored(namespace: str) -> tuple[int, int, int]:
    connection = await asyncpg.connect(
        os.environ["MIYUN_DATABASE_URL"], server_settings={"search_path": f"{namespace},public"}
    )
    try:
        row = await connection.fetchrow(
            "SELECT min(bucket), max(bucket), count(*) FROM aggregates_1m WHERE station_id !~ '^_'"
        )
    finally:
        await connection.close()
    return int(row[0].timestamp() * 1000), int(row[1].timestamp() * 1000), row[2]


def test_history_is_stored_before_the_city_is_ready(story: Story) -> None:
    """From its first minute to the last that is complete, at the intervals of the points."""
    first, last, rows = story.stored
    assert first == CITY_START - HOURS * 60 * MINUTE
    assert CITY_START - 3 * MINUTE <= last <= CITY_START
    assert rows > HOURS * 60 * 2


def test_progress_is_told_meanwhile(story: Story) -> None:
    """/readyz says that it waits for the history and how far it is, and then that it is ready."""
    assert any(body["reasons"] == ["waiting for history"] for body in story.seen)
    shares = [body["history"]["share"] for body in story.seen if body["history"] is not None]  # type: ignore[index]
    assert shares == sorted(shares)
    assert story.seen[-1]["ready"]
    assert time_ms(str(story.seen[-1]["city_time"])) >= CITY_START
    assert "history judged and stored" in story.first.said


def test_history_is_made_once(story: Story) -> None:
    """A second start goes on from where the log ends."""
    assert "history" not in story.second.said
    assert time_ms(str(story.second.ready["city_time"])) > CITY_START
