"""A namespace of its own for each module, and the command line as a person runs it."""

import asyncio
import os
import warnings
from collections.abc import AsyncIterator

import pytest
from support import programs
from support.namespaces import new_namespace
from support.programs import Done, Miyun, environment_of
from support.stored import schema_of

from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

with warnings.catch_warnings():  # Apprise looks for a module that Python 3.11 calls deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    import apprise.plugins.email  # noqa: F401


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A new namespace with clock=log on the tests' servers: topics and genesis, nothing else."""
    folder = tmp_path_factory.mktemp("installation")
    made = Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace=new_namespace(),
        clock="log",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        keys_dir=folder / "keys",
        state_dir=folder / "state",
    )
    asyncio.run(ensure_namespace(made, timeout_s=20))
    return made


@pytest.fixture
def fresh(settings: Settings) -> Settings:
    """The same servers, and a namespace for this one test."""
    return settings.model_copy(update={"namespace": new_namespace()})


@pytest.fixture
async def database(fresh: Settings) -> AsyncIterator[Connection]:
    """A connection on the migrated schema of ``fresh``, ready to store."""
    async with schema_of(fresh) as connection:
        yield connection


@pytest.fixture(scope="module")
def environment(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a child process."""
    return environment_of(settings, USER="tester")


@pytest.fixture
def miyun(environment: dict[str, str]) -> Miyun:
    """Runs a command to its end."""

    def run(*arguments: str, **variables: str) -> Done:
        return programs.miyun(*arguments, environment=environment | variables)

    return run


@pytest.fixture
def installed_miyun(environment: dict[str, str]) -> Miyun:
    """The same as a process of the installed command: slower, and all that a person starts."""

    def run(*arguments: str, **variables: str) -> Done:
        return programs.miyun_process(*arguments, environment=environment | variables)

    return run
