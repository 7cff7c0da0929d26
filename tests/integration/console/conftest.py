"""One city with its console for all tests of this folder, which a worker does together."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from support.console_city import ConsoleCity, console_city
from support.console_client import Client


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleCity]:
    """After the opening scene; what a test stops, it starts again."""
    with console_city(tmp_path_factory.mktemp("console"), lasting=True) as made:
        yield made


@pytest.fixture
async def client(city: ConsoleCity) -> AsyncIterator[Client]:
    """A browser that nobody has signed in with."""
    # Addresses without a name keep their cookies only if they are asked to.
    async with Client(city.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as made:
        yield made
