"""Running one command: what it needs from the stack, and what is said when that is not there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
from aiokafka.errors import KafkaConnectionError, KafkaError

from services.cli.failure import CommandError
from services.runtime.clock import NoCityTimeError
from services.runtime.postgres import Connection, connect, place
from services.runtime.settings import Settings, load_settings

T = TypeVar("T")
ANSWER_WITHIN_S = 4.0
BROKER_REMEDY = "start the stack (make up) or set MIYUN_KAFKA_BOOTSTRAP"
DATABASE_REMEDY = "start the stack (make up) or set MIYUN_DATABASE_URL"


def settings_for(namespace: str | None, clock: str | None) -> Settings:
    """The settings, with what the command line overrides.

    Raises:
        SettingsError: one of them is wrong.
    """
    return load_settings(namespace=namespace, clock=clock)


def run(settings: Settings, main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine. What the stack refuses becomes a ``CommandError``."""
    for name in ("aiokafka", "asyncio", "asyncpg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they report, the command says
    try:
        return asyncio.run(main)
    except NoCityTimeError as error:
        raise CommandError(str(error)) from None
    except TimeoutError:
        raise CommandError("the stack did not answer in time: miyun doctor says which part") from None
    except asyncpg.PostgresError as error:
        raise CommandError(f"the database refused ({reason(error)}): miyun doctor") from None
    except KafkaError as error:
        raise CommandError(
            f"the broker {settings.kafka_bootstrap} cannot be used ({reason(error)}): {BROKER_REMEDY}"
        ) from None


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """A connection on the namespace's schema.

    Raises:
        CommandError: the database does not let us in.
    """
    try:
        connection = await connect(settings, command_timeout_s=ANSWER_WITHIN_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandError(
            f"the database {place(settings)} does not answer ({reason(error)}): {DATABASE_REMEDY}"
        ) from None
    try:
        yield connection
    finally:
        await connection.close(timeout=ANSWER_WITHIN_S)


def reason(error: BaseException) -> str:
    """An exception in one short line."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, KafkaConnectionError):
        return "no broker answers"
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.InvalidSchemaNameError):
        return "nothing is recorded in this namespace yet"
    text = str(error).strip().splitlines()
    return text[0][:200] if text and text[0] else type(error).__name__
