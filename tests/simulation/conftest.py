"""A small city, and what its monitor says of it: made once for all that simulate."""

import pytest
from simulation.servers.log import MemoryLog
from simulation.worlds.city import SmallCity, make_city
from simulation.worlds.monitor_world import Outcome, Trouble, play, trouble_of
from simulation.worlds.recorder_world import outputs_of

KILLED = 14
"""The seed of a run in which much is said again."""


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> SmallCity:
    """A small city and its log."""
    return make_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="session")
def undisturbed(city: SmallCity) -> Outcome:
    """What comes of the log when nothing happens."""
    return play(city, 0, Trouble())


@pytest.fixture(scope="session")
def outputs(city: SmallCity) -> MemoryLog:
    """What a monitor has written that was killed and started again: much of it twice."""
    outcome = play(city, KILLED, trouble_of(KILLED))
    assert outcome.records > 1.2 * len(outcome.told)
    return outputs_of(city, outcome.log)
