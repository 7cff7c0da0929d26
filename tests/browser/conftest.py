"""What all browser tests need."""

import pytest
from support.browser import node_program


@pytest.fixture(scope="session")
def node() -> str:
    """The program that runs the scripts, with the page built."""
    return node_program()
