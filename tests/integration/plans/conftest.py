"""Installations with a namespace each on the tests' broker."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.namespaces import new_namespace
from support.small_city import write_city

from services.runtime.settings import Settings

Install = Callable[[], Settings]
"""Makes the settings of a new installation: keys, namespace, clock=log."""


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Each call is another installation; nothing is made on the broker yet."""

    def one() -> Settings:
        name = new_namespace()
        return Settings(
            _env_file=None,  # type: ignore[call-arg]
            namespace=name,
            clock="log",
            kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
            keys_dir=tmp_path / name / "keys",
            state_dir=tmp_path / name / "state",
        )

    return one


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The folder of the small city."""
    return write_city(tmp_path / "city")
