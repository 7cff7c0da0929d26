"""A namespace of its own for each module, and the command line as a person runs it."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from support.command_line import MIYUN, Miyun
from support.stored import schema_of

from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A new namespace with clock=log on the tests' servers: topics and genesis, nothing else."""
    folder = tmp_path_factory.mktemp("installation")
    made = Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace=f"t_{uuid4().hex[:12]}",
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
    return settings.model_copy(update={"namespace": f"t_{uuid4().hex[:12]}"})


@pytest.fixture
async def database(fresh: Settings) -> AsyncIterator[Connection]:
    """A connection on the migrated schema of ``fresh``, ready to store."""
    async with schema_of(fresh) as connection:
        yield connection


@pytest.fixture(scope="module")
def environment(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a child process."""
    ours = {f"MIYUN_{name.upper()}": str(value) for name, value in settings}
    return dict(os.environ) | ours | {"USER": "tester"}


@pytest.fixture
def miyun(environment: dict[str, str]) -> Miyun:
    """Runs the installed command and waits for its end."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MIYUN, *arguments],
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return run
