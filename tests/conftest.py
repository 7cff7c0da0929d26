"""What all tests share: servers are left as they were found."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from support.leftovers import Leftovers, delete, present

os.environ["MIYUN_ENV_FILE"] = os.devnull  # the demo city's settings are not the tests'


@pytest.fixture(scope="module", autouse=True)
def servers_as_they_were(request: pytest.FixtureRequest) -> Iterator[None]:
    """Topics and schemas that a module has made go with it: a broker with thousands is slow to restart."""
    if "MIYUN_KAFKA_BOOTSTRAP" not in os.environ or "unit" in request.path.parts:
        yield
        return
    before: Leftovers = asyncio.run(present())
    yield
    asyncio.run(delete(asyncio.run(present()) - before))
