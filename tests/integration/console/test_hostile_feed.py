"""What nobody can read on ``alerts`` blanks no page: the console's process over a hostile topic."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from support.console_city import events_of, first
from support.console_client import Client, sign_in, snapshot
from support.hostile_outputs import hostile_alerts
from support.namespaces import new_namespace
from support.output_records import Outputs
from support.programs import Programs, environment_of, free_port
from support.recorder_process import send, until
from support.shown_alerts import alert

from services.recorder.schema import migrate
from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import connect
from services.runtime.settings import Settings

FIRST, LAST, LATER = (f"{n}aaaaaaa-0000-5000-8000-000000000000" for n in "123")


@pytest.fixture
def settings() -> Settings:
    """Settings of a namespace that nobody else has."""
    return Settings(
        namespace=new_namespace(),
        clock="wall",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        console_port=free_port(),
    )


@pytest.fixture
async def console(settings: Settings, tmp_path: Path) -> AsyncIterator[Programs]:
    """The console alone, over topics and tables that are nearly empty."""
    await ensure_namespace(settings, timeout_s=30)
    connection = await connect(settings)
    await migrate(connection, settings.namespace)
    await connection.close()
    url = f"http://127.0.0.1:{settings.console_port}"
    made = Programs(environment=environment_of(settings), folder=tmp_path, url=url)
    await asyncio.to_thread(made.accounts, op="operator")
    try:
        yield made
    finally:
        made.end()


async def test_hostile_alerts_blank_no_page(settings: Settings, console: Programs) -> None:
    """What stands before and behind them is shown, at the start and live; each is counted and named."""
    outputs = Outputs(settings.namespace)
    hostile = [record for _, record in hostile_alerts(outputs)]
    await send(settings, [outputs.alert(alert(FIRST)), *hostile, outputs.alert(alert(LAST))])
    await asyncio.to_thread(console.start, "console")
    async with Client(console.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        assert (await sign_in(client, console))[0] == 200  # type: ignore[arg-type]

        async def ready() -> bool:
            async with client.get("/readyz") as answer:
                return answer.status == 200

        await until(ready, within_s=20, what="all is read")
        shown = {one["alert_id"]: one["seq"] for one in await snapshot(client)}
        assert shown == {FIRST: 1, LAST: 1}
        async with client.get("/api/feed") as answer:
            events = events_of(answer)
            await first(events, "snapshot")
            again = [record for _, record in hostile_alerts(outputs)]
            await send(settings, [*again, outputs.alert(alert(LATER))])
            async with asyncio.timeout(10):
                told = await first(events, "alert")
        assert told.data["alert_id"] == LATER
        async with client.get("/readyz") as answer:
            body = await answer.json()
    assert (body["ready"], body["unreadable"]) == (True, {"alerts": 2 * len(hostile)})
    said = console.programs["console"].log.read_text()
    assert "console: cannot read a record topic=alerts partition=" in said
    assert "Traceback" not in said
