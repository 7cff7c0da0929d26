"""The scheduler with many more seeds than ``make test`` has time for."""

import pytest
from simulation.servers.log import MemoryLog
from simulation.worlds.city import SmallCity, make_city
from simulation.worlds.monitor_world import Outcome, Trouble, play, trouble_of
from simulation.worlds.notifier_world import Told, tell
from simulation.worlds.recorder_world import Stored, outputs_of, record

pytestmark = pytest.mark.long
FIRST, SEEDS, EACH = 25, 300, 25
"""The seeds before are those of ``tests/simulation``; so many go into one test."""
KILLED = 14
GROUPS = pytest.mark.parametrize("first", range(FIRST, SEEDS, EACH))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> SmallCity:
    """A small city and its log."""
    return make_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def outputs(city: SmallCity) -> MemoryLog:
    """What a monitor has written that was killed and started again."""
    return outputs_of(city, play(city, KILLED, trouble_of(KILLED)).log)


@pytest.fixture(scope="module")
def undisturbed(city: SmallCity, outputs: MemoryLog) -> tuple[Outcome, Stored, Told]:
    """Each world when nothing happens."""
    calm = Trouble()
    return play(city, 0, calm), record(city, outputs, 0, calm), tell(city, outputs, 0, calm)


@GROUPS
def test_nothing_changes_what_the_monitor_says(
    city: SmallCity, undisturbed: tuple[Outcome, Stored, Told], first: int
) -> None:
    """Outputs and states are those of the undisturbed run."""
    expected, *_ = undisturbed
    for seed in range(first, first + EACH):
        found = play(city, seed, trouble_of(seed))
        assert (found.told, found.states) == (expected.told, expected.states), seed


@GROUPS
def test_nothing_changes_what_is_stored(
    city: SmallCity, outputs: MemoryLog, undisturbed: tuple[Outcome, Stored, Told], first: int
) -> None:
    """All tables are those of the undisturbed run."""
    _, expected, _ = undisturbed
    for seed in range(first, first + EACH):
        assert record(city, outputs, seed, trouble_of(seed)).facts == expected.facts, seed


@GROUPS
def test_nothing_changes_what_people_are_told(
    city: SmallCity, outputs: MemoryLog, undisturbed: tuple[Outcome, Stored, Told], first: int
) -> None:
    """Messages are those of the undisturbed run."""
    *_, expected = undisturbed
    for seed in range(first, first + EACH):
        found = tell(city, outputs, seed, trouble_of(seed))
        assert (found.queued, found.deliveries) == (expected.queued, expected.deliveries), seed
        assert found.wrongs() == [], seed
