"""The notifier under the scheduler: whatever happens to it, people are told the same."""

import pytest
from simulation.servers.log import MemoryLog
from simulation.worlds.city import SmallCity
from simulation.worlds.faulty_offsets import OffsetsOutside
from simulation.worlds.monitor_world import NotDrainedError, Trouble, trouble_of
from simulation.worlds.notifier_world import Told, tell

from services.notifier.intake import OFFSETS

SEEDS = 25
"""Of each world; `make test-long` takes more."""
SEEDS_FOR_A_FAULT = 100


@pytest.fixture(scope="session")
def told(city: SmallCity, outputs: MemoryLog) -> Told:
    """The outbox, and what receivers have, when nothing happens."""
    return tell(city, outputs, 0, Trouble())


def test_an_undisturbed_run_tells_of_beginnings_and_ends(told: Told) -> None:
    """There is something to compare with."""
    assert told.ends == []
    assert told.repeats == 0
    assert {it["kind"] for it in told.outbox.values()} >= {"raised", "escalated", "cleared"}
    assert len(told.deliveries) > 30
    assert told.wrongs() == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_trouble_changes_what_people_are_told(
    city: SmallCity, outputs: MemoryLog, told: Told, seed: int
) -> None:
    """Notifiers that are killed at any await or take over; a broker, database, receivers that are slow, away
    or do not say that they took something: the messages queued, and those that arrived of alerts that are not
    over, are those of the undisturbed run. Of what is over, who heard of it hears of its end.
    """
    found = tell(city, outputs, seed, trouble_of(seed))
    assert found.queued == told.queued
    assert found.deliveries == told.deliveries
    assert found.wrongs() == []


def test_a_planted_fault_is_found(city: SmallCity, outputs: MemoryLog, told: Told) -> None:
    """Offsets stored outside the transaction of the messages."""
    fault = OffsetsOutside(OFFSETS.name, OFFSETS.topic)

    def is_found(seed: int) -> bool:
        try:
            return tell(city, outputs, seed, trouble_of(seed), fault).queued != told.queued
        except NotDrainedError:
            return True

    assert any(map(is_found, range(SEEDS_FOR_A_FAULT)))
