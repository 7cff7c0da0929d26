"""One command on the database or the broker, and what is said when one of them is not there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import typer
from aiokafka.errors import KafkaError

from services.runtime.kafka import KafkaUnavailableError, NamespaceError
from services.runtime.postgres import Connection, connect, place
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

ANSWER_WITHIN_S = 30.0


def answer(settings: Settings, main: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; whatever it is refused becomes one line and exit code 1."""
    for name in ("aiokafka", "asyncio", "asyncpg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they report, the command says
    try:
        asyncio.run(main)
    except (StopProcessError, NamespaceError) as error:
        _refuse(str(error))
    except (KafkaError, KafkaUnavailableError):
        _refuse(
            f"the broker {settings.kafka_bootstrap} does not answer: start the stack (make up) or set"
            " MIYUN_KAFKA_BOOTSTRAP"
        )


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """A connection on the namespace's schema.

    Raises:
        StopProcessError: the database does not let us in, or nothing is stored in the namespace.
    """
    try:
        connection = await connect(settings, command_timeout_s=ANSWER_WITHIN_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StopProcessError(
            f"the database {place(settings)} does not let us in ({reason(error)}): start the stack (make up)"
            " or set MIYUN_DATABASE_URL"
        ) from None
    try:
        yield connection
    except asyncpg.UndefinedTableError:
        raise StopProcessError(
            f"nothing is stored in namespace {settings.namespace} yet: start its recorder (make up, or miyun"
            " recorder run), or set MIYUN_NAMESPACE"
        ) from None
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise StopProcessError(
            f"the database {place(settings)} went away ({reason(error)}): repeat the command"
        ) from None
    finally:
        await connection.close(timeout=ANSWER_WITHIN_S)


def reason(error: BaseException) -> str:
    """An exception in one short line."""
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__


def _refuse(message: str) -> None:
    typer.echo(f"miyun: {message}", err=True)
    raise typer.Exit(1)
