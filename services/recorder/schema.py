"""The database schema of a namespace: made by forward migrations, each applied once and never changed."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from services.runtime.following.reader import take_lock
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.words import TROUBLE, ExplainedError, sentence

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
LOCK = "migrations"
LOCK_EVERY_S = 0.2
SAY_EVERY_S = 10.0
Note = Callable[[str, str], None]
"""Takes what is waited for: a word of /readyz, and in words."""


def _nobody(_what: str, _words: str) -> None:
    """Nobody asks."""


class MigrationError(ExplainedError):
    """The schema is not what these migrations make; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A named SQL file."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """What the table of applied migrations remembers of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations, in order of their numbers."""
    return [
        Migration(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("[0-9]*.sql"))
    ]


async def migrate(
    connection: Connection, namespace: str, *, folder: Path = FOLDER, wait_for: Note = _nobody
) -> list[str]:
    """Bring the namespace's schema up to date; processes that do so at once take turns.

    Each migration is a transaction without any time limit of the session's, client or server: what is cut off
    leaves nothing, and the next start goes on with it. ``connection`` must have no limit of its own;
    ``wait_for`` hears what is waited for, the log how long it takes.

    Returns:
        Names of the migrations applied now.

    Raises:
        MigrationError: an applied migration was changed, or the schema is of a newer release.
    """
    async with _turn(connection, namespace, wait_for):
        missing = await _missing(connection, namespace, migrations(folder))
        for number, migration in enumerate(missing, start=1):
            told = {"namespace": namespace, "migration": migration.name, "number": f"{number}/{len(missing)}"}
            wait_for("migrating", f"migration {migration.name} of namespace {namespace}")
            await _watched(_apply(connection, migration), told)
    return [migration.name for migration in missing]


@asynccontextmanager
async def _turn(connection: Connection, namespace: str, wait_for: Note) -> AsyncIterator[None]:
    """Hold the lock of who migrates. It is asked for again and again: a wait is as long as a migration."""
    while not await take_lock(connection, namespace, LOCK):
        wait_for("another_migrates", f"another process to migrate namespace {namespace}")
        await asyncio.sleep(LOCK_EVERY_S)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute(queries(__package__)["migrations_unlock"], f"miyun.{namespace}.{LOCK}")


async def _missing(connection: Connection, namespace: str, shipped: list[Migration]) -> list[Migration]:
    async with _unlimited(connection):
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{namespace}"')
        await connection.execute(queries(__package__)["migrations_table"])
        rows = await connection.fetch(queries(__package__)["migrations_applied"])
    applied = {row["name"]: row["sha256"] for row in rows}
    _check(namespace, shipped, applied)
    return [migration for migration in shipped if migration.name not in applied]


async def _apply(connection: Connection, migration: Migration) -> None:
    async with _unlimited(connection):
        await connection.execute(migration.text)
        await connection.execute(
            queries(__package__)["migration_note"], migration.name, migration.sha256, datetime.now(UTC)
        )


@asynccontextmanager
async def _unlimited(connection: Connection) -> AsyncIterator[None]:
    """A transaction that the server cuts off only when its client is gone."""
    async with connection.transaction():
        await connection.fetch(queries(__package__)["migrations_unlimited"])
        yield


async def _watched(work: Coroutine[Any, Any, None], told: dict[str, str]) -> None:
    """Do it, and say in the log now and then that it goes on."""
    began, task = monotonic(), asyncio.create_task(work)
    log.info("recorder: applies a migration", extra=told)
    try:
        while not (await asyncio.wait({task}, timeout=SAY_EVERY_S))[0]:
            seconds = round(monotonic() - began)
            log.info("recorder: a migration goes on", extra=told | {"seconds": seconds})
    finally:
        task.cancel()
        await asyncio.wait({task})
    task.result()
    log.info("recorder: applied a migration", extra=told | {"seconds": round(monotonic() - began, 1)})


def _check(namespace: str, shipped: list[Migration], applied: dict[str, str]) -> None:
    ours = {migration.name: migration.sha256 for migration in shipped}
    for name, sha256 in applied.items():
        if name not in ours:
            raise MigrationError(sentence(TROUBLE, "schema_newer", namespace=namespace, names=name))
        if ours[name] != sha256:
            raise MigrationError(
                f"migration {name} was changed after schema {namespace} was made by it: put the file back"
                " as it was and write a new migration with the next number"
            )
    last = max(applied, default="")
    skipped = [name for name in ours if name not in applied and name < last]
    if skipped:
        raise MigrationError(
            f"migration {skipped[0]} comes before {last}, which schema {namespace} has already:"
            " give it the next number"
        )
