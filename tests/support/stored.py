"""A schema as the recorder makes it, for as long as a test needs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.recorder.schema import migrate
from services.recorder.store import prepare
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings


@asynccontextmanager
async def schema_of(settings: Settings) -> AsyncIterator[Connection]:
    """A connection on the migrated schema of a namespace, ready to store; the schema goes afterwards."""
    connection = await connect(settings)
    try:
        await migrate(connection, settings.namespace)
        await prepare(connection)
        yield connection
        await connection.execute(f'DROP SCHEMA "{settings.namespace}" CASCADE')
    finally:
        await connection.close()
