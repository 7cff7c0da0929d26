"""The recorder waits for a database that is not there, and goes on where it was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from support.output_records import Outputs
from support.recorder_process import recorder, send, until, until_stored
from support.shown_alerts import alert

from services.recorder.schema import migrate
from services.runtime.postgres import connect
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")


@dataclass
class Door:
    """A port in front of the database, that can be shut: as if it were stopped, for one client only."""

    host: str
    port: int
    own_port: int = 0
    server: asyncio.Server | None = None
    through: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def open(self) -> None:
        """Let connections through."""
        self.server = await asyncio.start_server(self._client, "127.0.0.1", self.own_port)
        self.own_port = self.server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cut all connections and refuse new ones."""
        assert self.server is not None
        self.server.close()
        for writer in list(self.through):
            writer.transport.abort()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.port)
        self.through |= {writer, back}
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(_pass_on(source, sink))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    sink.transport.abort()


@asynccontextmanager
async def door_of(settings: Settings) -> AsyncIterator[tuple[Door, Settings]]:
    """A shut door, and settings that go through it."""
    parts = urlsplit(settings.database_url)
    door = Door(parts.hostname or "127.0.0.1", parts.port or 5432)
    await door.open()
    await door.shut()
    user = parts.netloc.rpartition("@")[0]
    url = urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{door.own_port}"))
    yield door, settings.model_copy(update={"database_url": url})
    await door.shut()


async def test_recorder_waits_for_the_database(fresh: Settings, tmp_path: Path) -> None:
    """Started before the database is there, and cut off from it later: nothing is lost, each is said once."""
    outputs, log = Outputs(fresh.namespace), tmp_path / "log"
    connection = await connect(fresh)
    await migrate(connection, fresh.namespace)
    async with door_of(fresh) as (door, through):
        with recorder(through, log) as running:
            said = f"waiting for the database at 127.0.0.1:{door.own_port}"
            await until(lambda: said in log.read_text(), within_s=15, what="it says what it waits for")
            await send(fresh, [outputs.alert(alert(seq=n), offset=n) for n in range(1, 4)])
            await asyncio.sleep(1.5)
            assert log.read_text().count(said) == 1, "said once, not at every attempt"
            await door.open()
            await until_stored(connection, 3)
            await door.shut()
            await send(fresh, [outputs.alert(alert(seq=n), offset=n) for n in range(4, 8)])
            await until(lambda: log.read_text().count(said) == 2, within_s=15, what="it is said again")
            await door.open()
            await until_stored(connection, 7)
            assert running.runs
    assert await connection.fetchval("SELECT count(*) FROM alert_transitions") == 7
    await connection.execute(f'DROP SCHEMA "{fresh.namespace}" CASCADE')
    await connection.close()
