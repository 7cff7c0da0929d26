"""Migrations may take as long as they take: no limit of a statement ends one, a kill costs only the last."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from support.programs import environment_of, running
from support.recorder_process import until

from services.recorder.schema import FOLDER, migrate, migrations
from services.runtime.postgres import connect, missing_migrations
from services.runtime.settings import Settings

SHORT = "statement_timeout=1000&lock_timeout=1000&idle_in_transaction_session_timeout=1000"
SLOW = "9998_slow"
PRELUDE = """
import pathlib, services.recorder.recorder, services.recorder.schema
services.recorder.recorder.ANSWER_WITHIN_S = 1.0
services.recorder.schema.SAY_EVERY_S = 1.0
services.recorder.schema.migrate.__kwdefaults__["folder"] = pathlib.Path({folder!r})
"""


def with_slow(folder: Path, seconds: float) -> Path:
    """The release's migrations, and one that takes so long."""
    folder.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.sql"):
        (folder / path.name).write_text(path.read_text())
    (folder / f"{SLOW}.sql").write_text(f"CREATE TABLE slow (n integer);\nSELECT pg_sleep({seconds});\n")
    return folder


def limited(settings: Settings) -> Settings:
    """The server ends each statement, wait for a lock and idle transaction of ours after a second."""
    joint = "&" if "?" in settings.database_url else "?"
    return settings.model_copy(update={"database_url": f"{settings.database_url}{joint}{SHORT}"})


@pytest.fixture
async def dropped(fresh: Settings):
    """The schema goes afterwards."""
    yield
    connection = await connect(fresh)
    await connection.execute(f'DROP SCHEMA IF EXISTS "{fresh.namespace}" CASCADE')
    await connection.close()


@pytest.mark.usefixtures("dropped")
async def test_migration_outlasts_the_limits_that_all_else_has(fresh: Settings, tmp_path: Path) -> None:
    """Three seconds under a limit of one; before and after it a statement of two is ended."""
    connection = await connect(limited(fresh))
    try:
        with pytest.raises(asyncpg.QueryCanceledError):
            await connection.execute("SELECT pg_sleep(2)")
        await migrate(connection, fresh.namespace, folder=with_slow(tmp_path / "m", 3))
        with pytest.raises(asyncpg.QueryCanceledError):
            await connection.execute("SELECT pg_sleep(2)")
    finally:
        await connection.close()


@pytest.mark.usefixtures("dropped")
async def test_recorder_migrates_without_its_own_limit_and_says_so(fresh: Settings, tmp_path: Path) -> None:
    """Its log names the migration as it goes on; whoever else needs the tables can see what is missing."""
    prelude = PRELUDE.format(folder=str(with_slow(tmp_path / "m", 4)))
    environment = environment_of(limited(fresh))
    with running("recorder", "run", environment=environment, log=tmp_path / "log", prelude=prelude) as it:
        await it.until("recorder: a migration goes on")
        reader = await connect(fresh)
        assert await missing_migrations(reader) == [], "of this release, each is applied by itself"
        await it.until("recorder: storing")
        await reader.close()
        said = it.said()
    assert f"waiting for migration {SLOW} of namespace {fresh.namespace}" in said
    assert f"recorder: applied a migration namespace={fresh.namespace} migration={SLOW}" in said
    assert "waiting for the database" not in said


@pytest.mark.usefixtures("dropped")
async def test_killed_migration_leaves_nothing_and_the_next_start_goes_on(
    fresh: Settings, tmp_path: Path
) -> None:
    """The server gives up what a dead process began; what was applied before it stays applied."""
    prelude = PRELUDE.format(folder=str(with_slow(tmp_path / "m", 600)))
    environment = environment_of(fresh)
    with running("recorder", "run", environment=environment, log=tmp_path / "log", prelude=prelude) as it:
        await it.until("recorder: a migration goes on")
        await it.kill()
    connection = await connect(fresh)
    waited: list[str] = []
    try:
        applied = await migrate(
            connection,
            fresh.namespace,
            folder=with_slow(tmp_path / "m", 0),
            wait_for=lambda what, _: waited.append(what),
        )
        assert applied == [SLOW]
        assert await connection.fetchval("SELECT count(*) FROM migrations") == len(migrations()) + 1
    finally:
        await connection.close()


@pytest.mark.usefixtures("dropped")
async def test_second_process_waits_for_its_turn_and_says_so(fresh: Settings, tmp_path: Path) -> None:
    """Longer than any limit; then it finds everything done."""
    first, second = await connect(fresh), await connect(limited(fresh))
    folder, waited = with_slow(tmp_path / "m", 3), []
    begun = asyncio.create_task(migrate(first, fresh.namespace, folder=folder))
    await until(lambda: _is_made(second, fresh.namespace), within_s=20, what="the first has begun")
    applied = await migrate(
        second, fresh.namespace, folder=folder, wait_for=lambda what, _: waited.append(what)
    )
    assert (applied, set(waited)) == ([], {"another_migrates"})
    assert await begun == [migration.name for migration in migrations(folder)]
    for connection in (first, second):
        await connection.close()


async def _is_made(connection: asyncpg.Connection, namespace: str) -> bool:  # type: ignore[type-arg]
    return await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{namespace}.migrations")
