"""A namespace on the tests' broker, and one log that several tests read again and again."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from support.monitor_city import city_plan, history
from support.monitor_log import Filled, Install, fill, found_city, hostile
from support.monitor_process import Installation, children_of
from support.namespaces import new_namespace

from services.runtime.settings import Settings

MINUTES = 250


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Install]:
    """Makes installations with a namespace each; no process of them outlives the module."""
    made: list[Installation] = []

    def one() -> Installation:
        folder = tmp_path_factory.mktemp("monitor")
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            namespace=new_namespace(),
            clock="log",
            kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
            keys_dir=folder / "keys",
            state_dir=folder / "state",
            checkpoint_every_s=0.4,
            session_timeout_s=6.0,  # the least that a broker takes by default
        )
        made.append(Installation(settings, folder))
        return made[-1]

    yield one
    for installation in made:
        with children_of(installation):
            pass


@pytest.fixture(scope="module")
def filled(install: Install) -> Filled:
    """A log of some hours, with hostile records all through it."""
    made = Filled(install())
    records = history(MINUTES)
    strangers = [pair for turn in range(5) for pair in hostile(turn)]
    for number, (record, reason) in enumerate(strangers):
        records.insert(40 + number * 200, record)
        made.hostile[reason] = made.hostile.get(reason, 0) + 1

    async def fill_it() -> None:
        await found_city(made.installation, city_plan())
        await fill(made.installation, records)

    asyncio.run(fill_it())
    return made
