"""A namespace on the tests' broker, and one log that several tests read again and again."""

import asyncio
from collections.abc import Iterator

import pytest
from support.monitor_city import city_plan, history
from support.monitor_log import Filled, Install, fill, found_city, hostile
from support.monitor_process import Installation, children_of, new_installation

MINUTES = 250


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Install]:
    """Makes installations with a namespace each; no process of them outlives the module."""
    made: list[Installation] = []

    def one() -> Installation:
        made.append(new_installation(tmp_path_factory.mktemp("monitor")))
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
