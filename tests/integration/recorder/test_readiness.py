"""What the recorder's endpoints tell."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.programs import free_port
from support.recorder_process import recorder, until

from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")


@pytest.fixture
def listening(fresh: Settings) -> Settings:
    """The same with a port that is free."""
    return fresh.model_copy(update={"recorder_port": free_port()})


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def readyz(client: aiohttp.ClientSession, settings: Settings) -> tuple[int, dict[str, Any]]:
    """Status and body; 0 while nobody answers."""
    try:
        async with client.get(f"http://127.0.0.1:{settings.recorder_port}/readyz") as answer:
            return answer.status, await answer.json()
    except aiohttp.ClientError:
        return 0, {}


async def test_ready_while_it_stores(
    database: Connection, listening: Settings, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """200 with its namespace and lag; the metrics of the catalogue are there."""

    async def ready() -> bool:
        return (await readyz(client, listening))[0] == 200

    with recorder(listening, tmp_path / "log"):
        await until(ready, within_s=20, what="ready")
        assert await database.fetchval("SELECT count(*) FROM migrations") > 0
        _, body = await readyz(client, listening)
        assert (body["namespace"], body["reasons"]) == (listening.namespace, [])
        assert set(body["lag"]) == {"alerts", "aggregates", "outcomes", "rejects", "plans"}
        async with client.get(f"http://127.0.0.1:{listening.recorder_port}/metrics") as answer:
            assert 'miyun_recorder_lag_records{topic="alerts"} 0.0' in await answer.text()


async def test_not_ready_without_a_database(
    listening: Settings, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """503 with the reason as a word."""
    nowhere = listening.model_copy(update={"database_url": "postgresql://miyun@127.0.0.1:1/miyun"})

    async def says_why() -> bool:
        return (await readyz(client, nowhere))[1].get("reasons") == ["database_unreachable"]

    with recorder(nowhere, tmp_path / "log") as running:
        await until(says_why, within_s=20, what="says what it waits for")
        assert (await readyz(client, nowhere))[0] == 503
        assert running.runs
