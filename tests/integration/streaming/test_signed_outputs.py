"""Nobody but the monitor says what is open: forged outputs change nothing, in any of the real readers."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from aiokafka import ConsumerRecord
from support.console_client import Client, sign_in, snapshot
from support.engine_log import T0
from support.forgeries import HUGE, changed, forged, forgeries
from support.monitor_city import STATIONS, city_plan, frame, tick
from support.monitor_log import fill, found_city
from support.monitor_process import LOADED, Installation, children_of, kind_of, new_installation
from support.notifier_city import process, write_people
from support.output_records import Output, Outputs
from support.programs import Programs, environment_of, free_ports, miyun
from support.recorder_process import recorder, send, until
from support.shown_alerts import alert

from schemas.topics import TopicName, partition_of
from services.monitor.last_alerts import last_alerts
from services.recorder.schema import migrate
from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import Connection, connect
from services.runtime.records.authenticity import BEGIN_FILE, MAC, Authenticity

STATION = STATIONS[0]
OLD = "0aaaaaaa-0000-5000-8000-000000000000"
pytestmark = pytest.mark.timeout(240)


@dataclass
class City:
    """A namespace with a monitor's installation and tables."""

    installation: Installation
    database: Connection
    folder: Path

    async def judged(self) -> None:
        """Run a monitor to the end of the log."""
        child = self.installation.start()
        await child.until(LOADED)
        await self.installation.caught_up()
        assert await child.stop() == 0

    async def alerts(self) -> list[ConsumerRecord]:
        """The signed snapshots on the topic."""
        written = await self.installation.written((TopicName.ALERTS,))
        return [r for r in written if kind_of(r) == "alert" and MAC in dict(r.headers)]


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    """Topics and tables of a namespace of its own, with people to be told."""
    made, (notifier, console) = new_installation(tmp_path), free_ports(2)
    others = {
        "database_url": os.environ["MIYUN_DATABASE_URL"],
        "people_dir": write_people(tmp_path / "people"),
        "notifier_port": notifier,
        "console_port": console,
    }
    made = replace(made, settings=made.settings.model_copy(update=others))
    await ensure_namespace(made.settings, timeout_s=30)
    connection = await connect(made.settings)
    await migrate(connection, made.settings.namespace)
    with children_of(made):
        yield City(made, connection, tmp_path)
    await connection.execute(f'DROP SCHEMA "{made.settings.namespace}" CASCADE')
    await connection.close()


async def forge(city: City) -> int:
    """Write forgeries of the alert, a census without it, an outcome and a minute; how many."""
    settings = city.installation.settings
    first = next(r for r in await city.alerts() if json.loads(r.value)["station_id"] == STATION)
    written = await city.installation.written()
    (census,) = [
        r
        for r in written
        if kind_of(r) == "census" and json.loads(r.value)["partition"] == partition_of(STATION)
    ][-1:]
    minute = next(r for r in written if kind_of(r) == "aggregate")
    records = [
        *forgeries(first),
        forged(census, changed(census, offset=HUGE, open_alerts=[])),
        forged(census, changed(census, offset=HUGE, open_alerts=[]), headers=_bare(census)),
        forged(minute, changed(minute, bucket=1_768_302_000_000), headers=_bare(minute)),
    ]
    await send(settings, records)
    return len(records)


def _bare(record: ConsumerRecord) -> list[tuple[str, bytes]]:
    return [(name, text) for name, text in record.headers if name != MAC]


async def test_forged_outputs_change_nothing_anywhere(city: City) -> None:
    """Table, messages, page, terminal and monitor are as they were; what is older is taken unsigned."""
    settings, database = city.installation.settings, city.database
    old: Output = Outputs(settings.namespace).alert(alert(OLD))
    await send(settings, [old])
    await found_city(city.installation, city_plan())
    with ExitStack() as running:
        running.enter_context(recorder(settings, city.folder / "recorder.log"))
        running.enter_context(process(settings, city.folder / "notifier.log", "notifier", "run"))

        async def is_old_stored() -> bool:
            return await database.fetchval("SELECT count(*) FROM alerts") == 1

        await until(is_old_stored, within_s=30, what="what is older is stored")
        closing = tick(partition_of(STATION), T0 + 100_000)
        await fill(city.installation, [frame(STATION, 0, 60.0), closing])
        await city.judged()
        sent = await forge(city)
        await fill(city.installation, [frame(STATION, 2, 70.0), frame(STATIONS[1], 2, 70.0)])
        await city.judged()

        async def all_stored() -> bool:
            refused = await database.fetchval("SELECT count(*) FROM rejects WHERE reason = 'bad_signature'")
            return refused == sent and await database.fetchval("SELECT count(*) FROM alerts") == 3

        await until(all_stored, within_s=30, what="all stored or refused")
        rows = await database.fetch(
            "SELECT seq, closed_at, orphaned_at FROM alerts WHERE alert_id <> $1", OLD
        )
        assert [dict(row) for row in rows if row["seq"] >= HUGE or row["closed_at"] is not None] == []
        assert all(row["orphaned_at"] is None for row in rows)
        kinds = await database.fetch("SELECT DISTINCT kind FROM outbox WHERE alert_id <> $1", OLD)
        assert [row["kind"] for row in kinds] == ["raised"]
    await page_and_terminal(city)
    found = await last_alerts(
        settings,
        await ensure_namespace(settings),
        Authenticity(settings),
        [STATION],
        json.loads((await city.alerts())[0].value)["district_code"],
        partition_of(STATION),
    )
    assert [one.seq < HUGE and one.closed_at is None for one in found] == [True]


async def page_and_terminal(city: City) -> None:
    """The console's feed and ``miyun alerts tail`` show three open alerts."""
    settings = city.installation.settings
    environment = environment_of(settings)
    url = f"http://127.0.0.1:{settings.console_port}"
    console = Programs(environment=environment, folder=city.folder, url=url)
    await asyncio.to_thread(console.accounts, op="operator")
    try:
        await asyncio.to_thread(console.start, "console")
        async with Client(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:

            async def is_ready() -> bool:
                try:
                    async with client.get("/readyz") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await until(is_ready, within_s=30, what="all is read")
            assert (await sign_in(client, console))[0] == 200  # type: ignore[arg-type]
            shown = await snapshot(client)
            assert {STATION, STATIONS[1]} <= {one["station_id"] for one in shown}
            assert all(one["seq"] < HUGE for one in shown)
    finally:
        console.end()
    tail = ("alerts", "tail", "--since-start", "--json", "--timeout", "5")
    done = await asyncio.to_thread(miyun, *tail, environment=environment)
    seqs = [json.loads(line)["seq"] for line in done.stdout.splitlines()]
    assert len(seqs) >= 3
    assert max(seqs) < HUGE
    assert "bad_signature" in done.stderr or "signature" in done.stderr


async def test_a_reader_without_the_key_waits_and_says_what_to_do(city: City) -> None:
    """Nothing is taken unseen; once the key is there, all is stored, without a restart."""
    settings, database = city.installation.settings, city.database
    await found_city(city.installation, city_plan())
    await fill(city.installation, [frame(STATION, 0, 60.0)])
    await city.judged()
    elsewhere = settings.model_copy(update={"keys_dir": city.folder / "elsewhere"})
    with recorder(elsewhere, city.folder / "log") as program:
        await until(
            lambda: "outputs.key" in (city.folder / "log").read_text(),
            within_s=30,
            what="it says what is missing",
        )
        assert await database.fetchval("SELECT count(*) FROM alerts") == 0
        elsewhere.keys_dir.mkdir()
        for file in settings.keys_dir.glob("outputs*"):
            os.link(file, elsewhere.keys_dir / file.name)

        async def is_stored() -> bool:
            return await database.fetchval("SELECT count(*) FROM alerts") == 1

        await until(is_stored, within_s=30, what="the alert is stored")
        assert program.runs
    assert await database.fetchval("SELECT count(*) FROM rejects") == 0


async def test_keys_are_changed_without_a_loss(city: City) -> None:
    """The old one verifies on, the new one is found by readers that run; a second start of the monitor keeps
    where signed records begin.
    """
    settings, database = city.installation.settings, city.database
    await found_city(city.installation, city_plan())
    await fill(city.installation, [frame(STATION, 0, 60.0)])
    await city.judged()
    begins = (settings.keys_dir / BEGIN_FILE).read_bytes()
    with recorder(settings, city.folder / "log"):

        def stored(count: int):  # type: ignore[no-untyped-def]
            async def are_stored() -> bool:
                return await database.fetchval("SELECT count(*) FROM alerts") == count

            return are_stored

        await until(stored(1), within_s=30, what="the first alert")
        key = settings.keys_dir / "outputs.key"
        key.rename(key.with_name("outputs-2026.key"))
        await fill(city.installation, [frame(STATIONS[1], 1, 60.0)])
        await city.judged()
        await until(stored(2), within_s=30, what="the second alert")
    macs = {dict(record.headers)[MAC][:8] for record in await city.alerts()}
    assert len(macs) == 2
    assert (settings.keys_dir / BEGIN_FILE).read_bytes() == begins
    assert await database.fetchval("SELECT count(*) FROM rejects") == 0
