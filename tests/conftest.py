"""What all tests share: which go together, in which order, and that servers are left as they were found."""

import asyncio
import os
from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("support")

# ruff: noqa: E402  # the asserts of what is imported from here on show their values
from support import namespaces
from support.browser import node_program
from support.order import Groups, longest_first

os.environ["MIYUN_ENV_FILE"] = os.devnull  # the demo city's settings are not the tests'
SERVERS = "MIYUN_KAFKA_BOOTSTRAP" in os.environ


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Groups:
    """Workers get groups of tests as a whole."""
    return Groups(config, log)  # type: ignore[arg-type]  # a type of the plugin's own


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups that take long come first; a test that must be alone does as it likes with the servers."""
    items[:] = longest_first(items)
    if "MIYUN_TEST_SERVERS" not in os.environ:
        reason = "stops or administers Kafka or PostgreSQL: only on servers that `make test` starts itself"
        for item in items:
            if item.get_closest_marker("alone"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def servers_as_they_were() -> Iterator[None]:
    """What this process has made goes with it."""
    yield
    if SERVERS:
        asyncio.run(namespaces.remove(namespaces.PREFIX))


@pytest.fixture(scope="session")
def node() -> str:
    """The program that runs scripts with a browser; the page is built."""
    return node_program()


@pytest.fixture(scope="module", autouse=True)
def namespaces_of_the_module(servers_as_they_were: None) -> Iterator[None]:
    """Topics and schemas that a module has made go with it: a broker with thousands is slow."""
    yield
    namespaces.remove_modules()
