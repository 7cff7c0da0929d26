"""Kill what runs, take away what it rests on: in the end storage says what it would have said anyway."""

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.monitor_city import city_plan, history
from support.monitor_log import fill, found_city, hostile
from support.monitor_process import LOADED, Installation, children_of
from support.namespaces import new_namespace
from support.programs import environment_of, miyun
from support.recorder_process import recorder
from support.servers import server

from services.runtime.postgres import connect
from services.runtime.settings import Settings

pytestmark = [pytest.mark.timeout(400), pytest.mark.alone]
DATABASE_AWAY_S = 20.0
TABLES = {
    "alerts": "SELECT snapshot::text, state, seq, headline::text FROM alerts",
    "alert_transitions": (
        "SELECT alert_id::text, seq, at, from_state, to_state, severity, reason, actor FROM alert_transitions"
    ),
    "aggregates_1m": (
        "SELECT bucket, station_id, point, n, n_good, min, max, mean, last, revision FROM aggregates_1m"
    ),
    "rejects": 'SELECT reason, detail, source, topic, partition, "offset", original FROM rejects',
    "audit": "SELECT action, actor, target, result, reason FROM audit WHERE action <> 'new_partition'",
}
"""What is compared: everything but when it was recorded, where the outputs stood, and what a load noted."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A namespace of its own with broker and database."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace=new_namespace(),
        clock="log",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        keys_dir=tmp_path / "keys",
        state_dir=tmp_path / "state",
        checkpoint_every_s=0.5,
        session_timeout_s=6.0,
    )
    with children_of(Installation(settings, tmp_path)) as made:
        yield made


async def told(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all tables, in an order of their own."""
    connection = await connect(settings)
    try:
        return {
            name: sorted((tuple(row) for row in await connection.fetch(query)), key=repr)
            for name, query in TABLES.items()
        }
    finally:
        await connection.close()


async def drained(settings: Settings) -> None:
    """Everything is judged and stored."""
    environment = environment_of(settings)
    done = await asyncio.to_thread(miyun, "drain", "--timeout", "150", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr


async def undisturbed(installation: Installation) -> None:
    """One monitor and one recorder, from the start to the end of the log."""
    child = installation.start()
    with recorder(installation.settings, installation.folder / "recorder-0.log"):
        await drained(installation.settings)
        assert await child.stop() == 0


async def forget(installation: Installation) -> None:
    """No checkpoint and no table: the same log is judged and stored anew, over the outputs of before."""
    adopted = await asyncio.to_thread(installation.adopt, "--all", "--yes")
    assert adopted.returncode == 0, adopted.stderr
    connection = await connect(installation.settings)
    await connection.execute(f'DROP SCHEMA "{installation.settings.namespace}" CASCADE')
    await connection.close()


async def disturbed(installation: Installation, chance: random.Random) -> None:
    """Kills at random points, a broker that is restarted, a database that is away for 20 s."""
    log = installation.folder / "recorder-1.log"
    first = installation.start()
    with recorder(installation.settings, log):
        await first.until(LOADED)
        await asyncio.sleep(chance.uniform(0.2, 1.0))
        await first.kill()
    second = installation.start()
    with recorder(installation.settings, log):
        await second.until(LOADED)
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        await asyncio.to_thread(server, "kafka", "stop")
        await asyncio.sleep(1)
        await asyncio.to_thread(server, "kafka", "start")
        await asyncio.sleep(chance.uniform(0.5, 2.0))
    for _ in range(2):
        with recorder(installation.settings, log):
            await asyncio.sleep(chance.uniform(0.5, 1.5))
    with recorder(installation.settings, log) as last:
        await asyncio.sleep(chance.uniform(0.3, 1.0))
        await asyncio.to_thread(server, "postgres", "stop")
        await asyncio.sleep(DATABASE_AWAY_S)
        await asyncio.to_thread(server, "postgres", "start")
        if not second.runs:
            installation.start()
        await drained(installation.settings)
        assert last.runs, "the recorder waits for its database, it does not end"
    assert "waiting for the database" in log.read_text()


async def test_outages_change_nothing_that_is_stored(installation: Installation) -> None:
    """One log, stored twice: undisturbed, and through kills and outages. The tables are equal."""
    chance = random.Random(110118)
    records = history(400)
    strangers = [record for turn in range(3) for record, _ in hostile(turn)]
    for number, record in enumerate(strangers):
        records.insert(40 + number * 300, record)
    await found_city(installation, city_plan())
    await fill(installation, records)
    await undisturbed(installation)
    expected = await told(installation.settings)
    assert all(expected.values()), {name: len(rows) for name, rows in expected.items()}
    await forget(installation)
    await disturbed(installation, chance)
    found = await told(installation.settings)
    for name, rows in expected.items():
        assert found[name] == rows, f"{name} differs"
