"""The database schema of a namespace: made by forward migrations, each applied once and never changed."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.words import TROUBLE, ExplainedError, sentence

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"


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


async def migrate(connection: Connection, namespace: str, *, folder: Path = FOLDER) -> list[str]:
    """Bring the namespace's schema up to date; processes that do so at once take turns.

    Returns:
        Names of the migrations applied now.

    Raises:
        MigrationError: an applied migration was changed, or the schema is of a newer release.
    """
    shipped = migrations(folder)
    async with connection.transaction():
        await connection.execute(queries(__package__)["migrations_lock"], f"miyun.{namespace}.migrations")
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{namespace}"')
        await connection.execute(queries(__package__)["migrations_table"])
        rows = await connection.fetch(queries(__package__)["migrations_applied"])
        applied = {row["name"]: row["sha256"] for row in rows}
        _check(namespace, shipped, applied)
        missing = [migration for migration in shipped if migration.name not in applied]
        for migration in missing:
            await connection.execute(migration.text)
            await connection.execute(
                queries(__package__)["migration_note"], migration.name, migration.sha256, datetime.now(UTC)
            )
            log.info(
                "recorder: applied a migration", extra={"namespace": namespace, "migration": migration.name}
            )
    return [migration.name for migration in missing]


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
