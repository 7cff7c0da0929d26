"""What all commands of ``miyun`` share: options, running, the database, one wording for what can be wrong.

Imported by every ``commands.py``, so what only a running command needs is imported when it runs.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from services.runtime.postgres import Connection
    from services.runtime.settings import Settings
    from services.runtime.words import ByLanguage, Language

T = TypeVar("T")
ANSWER_WITHIN_S = 30.0
PREFIX = "miyun: "

Namespace = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Instead of MIYUN_NAMESPACE.")
]
Clock = Annotated[str | None, typer.Option("--clock", metavar="wall|log", help="Instead of MIYUN_CLOCK.")]
Lang = Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language of words and headlines.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")]
CityFolder = Annotated[
    Path | None, typer.Option("--city", help="Folder of the city (default: MIYUN_CITY_DIR, deploy/miyun).")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, it is only shown.")]


def group(root: typer.Typer, name: str, help: str) -> typer.Typer:
    """The sub-command ``name`` of ``root``; made, with ``help``, by the first package that asks."""
    for existing in root.registered_groups:
        if existing.name == name and existing.typer_instance is not None:
            return existing.typer_instance
    added = typer.Typer(no_args_is_help=True)
    root.add_typer(added, name=name, help=help)
    return added


def run(
    work: "Callable[[Settings], Coroutine[Any, Any, T]]",
    language: "Language" = "en",
    *,
    namespace: str | None = None,
    clock: str | None = None,
) -> T:
    """Do a command's work. What stands in its way becomes one line on stderr and its exit code.

    Raises:
        services.runtime.settings.SettingsError: a setting is wrong.
    """
    import asyncio
    import logging

    from services.runtime.settings import load_settings

    settings = load_settings(namespace=namespace, clock=clock)
    for name in ("aiokafka", "asyncio", "asyncpg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they report, the command says
    with refusing(settings.kafka_bootstrap, language):
        return asyncio.run(work(settings))


@contextmanager
def refusing(
    bootstrap: str, language: "Language" = "en", *, also: Mapping[type[Exception], int] | None = None
) -> Iterator[None]:
    """Turn an error that stands in the way of a command into one line on stderr and its exit code.

    ``bootstrap``: the broker in use; ``also``: further errors that say what to do, and their exit codes.
    """
    try:
        yield
    except Exception as error:
        text, code = explained(error, bootstrap), getattr(error, "exit_code", 1)
        if text is None:
            code = next((code for kind, code in (also or {}).items() if isinstance(error, kind)), 0)
            text = {"zh": str(error), "en": str(error)}
        if not code:
            raise
        refuse(text, language, code=code, prefix=getattr(error, "prefix", PREFIX))


def refuse(text: "ByLanguage", language: "Language", *, code: int = 1, prefix: str = PREFIX) -> NoReturn:
    """End the command with one line on stderr."""
    from services.runtime.words import one_line

    typer.echo(f"{prefix}{one_line(text, language)}", err=True)
    raise typer.Exit(code)


def saying(language: "Language") -> "Callable[[ByLanguage], None]":
    """Prints texts in a language."""
    return lambda text: typer.echo(text[language])


def explained(error: BaseException, bootstrap: str) -> "ByLanguage | None":
    """Return an error's words for people: what is the matter, and what to do. None: it is a mistake of ours.

    ``bootstrap``: the broker in use.
    """
    from aiokafka.errors import KafkaError

    from services.runtime.words import TROUBLE, ExplainedError, sentence

    if isinstance(error, ExplainedError):
        return error.text
    if isinstance(error, KafkaError):
        return sentence(TROUBLE, "broker_away", at=bootstrap, why=reason(error))
    return sentence(TROUBLE, "no_answer") if isinstance(error, TimeoutError) else None


def reason(error: BaseException) -> "str | ByLanguage":
    """An exception in a few words."""
    from aiokafka.errors import KafkaConnectionError

    from services.runtime.words import WHY

    if isinstance(error, ConnectionRefusedError):
        return WHY["refused"]
    if isinstance(error, KafkaConnectionError):
        return WHY["no_broker"]
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__


@asynccontextmanager
async def database(settings: "Settings") -> "AsyncIterator[Connection]":
    """A connection on the namespace's schema.

    Raises:
        StopProcessError: the database is away or refuses, or its schema is not one of this release.
    """
    import asyncpg

    from services.runtime.postgres import AWAY, connect, place
    from services.runtime.processes import StopProcessError
    from services.runtime.words import TROUBLE, sentence

    def away(error: Exception) -> StopProcessError:
        return StopProcessError(sentence(TROUBLE, "database_away", at=place(settings), why=reason(error)))

    try:
        connection = await connect(settings, command_timeout_s=ANSWER_WITHIN_S)
    except (asyncpg.PostgresError, *AWAY) as error:
        raise away(error) from None
    try:
        yield connection
    except (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError) as error:
        raise away(error) from None
    except (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise away(error) from None
    except asyncpg.PostgresError as error:
        raise StopProcessError(await _refusal(connection, settings, error)) from None
    finally:
        await connection.close(timeout=ANSWER_WITHIN_S)


async def _refusal(connection: "Connection", settings: "Settings", error: Exception) -> "ByLanguage":
    """Why a statement failed: nothing is stored, the schema is of another release, or the server's words."""
    from services.runtime.postgres import release_migrations
    from services.runtime.words import TROUBLE, sentence

    names = set(release_migrations())
    if await connection.fetchval("SELECT to_regclass('migrations')") is None:
        return sentence(TROUBLE, "nothing_stored", namespace=settings.namespace)
    applied = {row["name"] for row in await connection.fetch("SELECT name FROM migrations")}
    for key, others in (("schema_newer", applied - names), ("schema_older", names - applied)):
        if others:
            listed = ", ".join(sorted(others))
            return sentence(TROUBLE, key, namespace=settings.namespace, names=listed)
    return sentence(TROUBLE, "database_refused", why=reason(error))
