"""Whatever stands on ``alerts`` and ``outcomes`` ends no process and blanks no page: recorder and console."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from support.browser import browse, surroundings
from support.console_city import events_of, first
from support.console_client import Client, sign_in, snapshot
from support.fuzzed_outputs import fuzzed, known_ones, large_ones
from support.namespaces import new_namespace
from support.output_records import Output, Outputs
from support.programs import Programs, environment_of, free_ports
from support.recorder_process import send, until
from support.shown_alerts import alert

from schemas.alerts import PartitionJudged
from schemas.topics import EVENT_PARTITIONS
from services.recorder.schema import migrate
from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import connect
from services.runtime.settings import Settings

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
RECORDS = 3_000
GOOD_EVERY = 100
LAST = 99_999


@pytest.fixture
def settings() -> Settings:
    """Settings of a namespace that nobody else has."""
    console, recorder = free_ports(2)
    return Settings(
        namespace=new_namespace(),
        clock="wall",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        console_port=console,
        recorder_port=recorder,
    )


@pytest.fixture
async def programs(settings: Settings, tmp_path: Path) -> AsyncIterator[Programs]:
    """Recorder and console over topics in which nothing stands yet."""
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


def name_of(number: int) -> str:
    """The id of a good alert."""
    return f"{number:08d}-0000-5000-8000-000000000000"


def good(outputs: Outputs, number: int) -> Output:
    """An alert as the monitor sends it."""
    return outputs.alert(alert(name_of(number)))


def beside_good_ones(outputs: Outputs, seed: int) -> tuple[list[Output], set[str]]:
    """Hostile records, a good alert after every hundredth; the ids of these."""
    records: list[Output] = [*known_ones(outputs), *large_ones(outputs, 20, seed=seed)]
    ids = set()
    for number, record in enumerate(fuzzed(outputs, RECORDS - len(records), seed=seed)):
        records.append(record)
        if number % GOOD_EVERY == 0:
            records.append(good(outputs, number))
            ids.add(name_of(number))
    return records, ids


async def is_ready(client: Client) -> bool:
    """The console has read all."""
    async with client.get("/readyz") as answer:
        return answer.status == 200


async def stored(settings: Settings, ids: set[str]) -> set[str]:
    """Those of the alerts that stand in the table as open."""
    connection = await connect(settings)
    try:
        rows = await connection.fetch(
            "SELECT alert_id FROM alerts_now WHERE alert_id = ANY ($1) AND closed_at IS NULL", list(ids)
        )
        return {row["alert_id"] for row in rows}
    finally:
        await connection.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_hostile_records_cost_nothing_but_themselves(
    node: str, settings: Settings, programs: Programs, seed: int
) -> None:
    """Half of them there before the start, half live; the good ones beside them are stored and shown."""
    outputs = Outputs(settings.namespace)
    records, ids = beside_good_ones(outputs, seed)
    half = len(records) // 2
    await send(settings, records[:half])
    programs.start("recorder")
    await asyncio.to_thread(programs.start, "console")
    async with Client(programs.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        assert (await sign_in(client, programs))[0] == 200  # type: ignore[arg-type]
        await until(lambda: is_ready(client), within_s=30, what="the console has read all")
        async with client.get("/api/feed") as answer:
            events = events_of(answer)
            await first(events, "snapshot")
            last = good(outputs, LAST)
            await send(settings, [*records[half:], last])
            async with asyncio.timeout(60):
                while (await first(events, "alert")).data["alert_id"] != name_of(LAST):
                    pass
        shown = {one["alert_id"] for one in await snapshot(client)}
        assert ids <= shown, ids - shown

        async def all_are_stored() -> bool:
            return await stored(settings, ids) == ids

        await until(all_are_stored, within_s=60, what="the good ones are stored")
        judged = outputs.judged(1, *(PartitionJudged(n, 0, 0, 0) for n in range(EVENT_PARTITIONS)))
        await send(settings, [judged])
        async with client.get("/api/overview") as answer:
            assert answer.status == 200, await answer.text()
        await asyncio.to_thread(programs.stop, "console")
        await asyncio.to_thread(programs.start, "console")
    for name, program in programs.programs.items():
        assert program.runs, program.said()[-3_000:]
        assert "Traceback" not in program.said(), name
    async with Client(programs.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        assert (await sign_in(client, programs))[0] == 200  # type: ignore[arg-type]
        await until(lambda: is_ready(client), within_s=30, what="it has begun with the table")
        environment = surroundings(programs.url) | {"GOOD": json.dumps(sorted(ids))}
        await asyncio.to_thread(browse, node, "hostile.mjs", environment)
        again = {one["alert_id"] for one in await snapshot(client)}
        assert ids <= again, ids - again
