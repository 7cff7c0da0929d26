"""``miyun recorder adopt | reset``: other logs are taken over, schemas dropped, both only when it is safe."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.output_records import Outputs
from support.recorder_process import recorder, send, until_stored
from support.shown_alerts import alert

from schemas.topics import TopicName
from services.recorder.adoption import adopt, reset
from services.recorder.store import OFFSETS
from services.runtime.following.reader import take_lock
from services.runtime.postgres import Connection, connect
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage


@pytest.fixture
async def other(fresh: Settings) -> AsyncIterator[Connection]:
    """A second connection to the database, as of another process."""
    connection = await connect(fresh)
    yield connection
    await connection.close()


@pytest.mark.usefixtures("topics")
async def test_topics_of_another_log_are_read_from_their_start(
    database: Connection, fresh: Settings, tmp_path: Path
) -> None:
    """Only shown without --yes; with it the recorder starts again, and what is the same log is left alone."""
    said: list[ByLanguage] = []
    outputs = Outputs(fresh.namespace)
    await send(fresh, [outputs.alert(alert(seq=1)), outputs.reject(b"{")])
    with recorder(fresh, tmp_path / "log"):
        await until_stored(database, 2)
    await adopt(fresh, every=False, yes=True, say=said.append)
    assert "nothing to adopt" in said[-1]["en"]
    await database.execute("UPDATE consumer_offsets SET last_ce_id = 'else' WHERE topic = 'alerts'")
    await adopt(fresh, every=False, yes=False, say=said.append)
    assert "not 'else'" in said[-2]["en"]
    assert "--yes" in said[-1]["en"]
    await adopt(fresh, every=False, yes=True, say=said.append)
    assert {topic for topic, _ in await OFFSETS.stored(database)} == {TopicName.REJECTS}
    with recorder(fresh, tmp_path / "log"):
        await until_stored(database, 2)
    assert await database.fetchval("SELECT count(*) FROM alerts") == 1
    await adopt(fresh, every=True, yes=True, say=said.append)
    assert await OFFSETS.stored(database) == {}


async def test_nothing_is_done_while_a_recorder_runs(
    database: Connection, other: Connection, fresh: Settings
) -> None:
    """Whoever stores the namespace would undo it, or be undone."""
    assert await database.fetchval("SELECT to_regclass('alerts')"), "there is something to drop"
    assert await take_lock(other, fresh.namespace, "recorder")
    for call in (adopt(fresh, every=True, yes=True, say=print), reset(fresh, yes=True, say=print)):
        with pytest.raises(StopProcessError, match="stop it first"):
            await call


async def test_reset_drops_the_schema(database: Connection, fresh: Settings) -> None:
    """Not without --yes; afterwards there is nothing, and another reset finds nothing to do."""
    said: list[ByLanguage] = []
    with pytest.raises(StopProcessError, match="add --yes"):
        await reset(fresh, yes=False, say=said.append)
    assert await database.fetchval("SELECT to_regclass('alerts')")
    await reset(fresh, yes=True, say=said.append)
    assert await database.fetchval("SELECT to_regclass('alerts')") is None
    await reset(fresh, yes=True, say=said.append)
    assert "nothing to drop" in said[-1]["en"]
    await database.execute(f'CREATE SCHEMA "{fresh.namespace}"')


@pytest.mark.parametrize("namespace", ["live", "public", "information_schema"])
async def test_reset_never_drops_what_it_must_not(namespace: str, fresh: Settings, other: Connection) -> None:
    """The real installation, and schemas that no recorder made."""
    settings = fresh.model_copy(update={"namespace": namespace})
    with pytest.raises(StopProcessError, match=r"never dropped|not made by a recorder"):
        await reset(settings, yes=True, say=print)
    assert await other.fetchval("SELECT to_regnamespace('public')")
