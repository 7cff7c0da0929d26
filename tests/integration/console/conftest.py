"""One city with its console for all tests of this folder, after those in a browser."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from support.console_city import ConsoleCity
from support.console_client import Client


@pytest.fixture
def city(console: ConsoleCity) -> ConsoleCity:
    """After the opening scene, and what browsers did to it."""
    return console


@pytest.fixture
async def client(city: ConsoleCity) -> AsyncIterator[Client]:
    """A browser that nobody has signed in with."""
    # Addresses without a name keep their cookies only if they are asked to.
    async with Client(city.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as made:
        yield made
