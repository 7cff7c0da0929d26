"""One command on the database, and what is said when it is not there."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import typer

from services.runtime.postgres import AWAY, Connection, connect, place
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

ANSWER_WITHIN_S = 30.0


def answer(main: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; whatever it is refused becomes one line and its exit code."""
    try:
        asyncio.run(main)
    except StopProcessError as error:
        typer.echo(f"miyun: {error}", err=True)
        raise typer.Exit(error.exit_code) from None


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """A connection on the namespace's schema.

    Raises:
        StopProcessError: the database is away, or the namespace has no outbox yet.
    """
    try:
        connection = await connect(settings, command_timeout_s=ANSWER_WITHIN_S)
    except (asyncpg.PostgresError, *AWAY) as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        raise StopProcessError(
            f"the database {place(settings)} does not let us in ({why}): start the stack (make up) or set"
            " MIYUN_DATABASE_URL"
        ) from None
    try:
        yield connection
    except asyncpg.UndefinedTableError:
        raise StopProcessError(
            f"namespace {settings.namespace} has no outbox yet: start its recorder (make up, or"
            " miyun recorder run), or set MIYUN_NAMESPACE"
        ) from None
    finally:
        await connection.close(timeout=ANSWER_WITHIN_S)
