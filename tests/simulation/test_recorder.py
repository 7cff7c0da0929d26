"""The recorder under the scheduler: whatever happens to it, every row is stored once."""

import pytest
from simulation.servers.log import MemoryLog
from simulation.worlds.city import SmallCity
from simulation.worlds.faulty_offsets import OffsetsOutside
from simulation.worlds.monitor_world import NotDrainedError, Trouble, trouble_of
from simulation.worlds.recorder_world import Stored, record

from services.recorder.store import OFFSETS

SEEDS = 25
"""Of each world; `make test-long` takes more."""
SEEDS_FOR_A_FAULT = 100
TABLES = {
    *("alerts", "alert_transitions", "aggregates_1m", "aggregate_parts", "audit", "station_states"),
    *("rejects", "plan_activations", "judged", "consumer_offsets"),
}


@pytest.fixture(scope="session")
def stored(city: SmallCity, outputs: MemoryLog) -> Stored:
    """The tables when nothing happens."""
    return record(city, outputs, 0, Trouble())


def test_an_undisturbed_run_stores_every_kind(stored: Stored) -> None:
    """There is something to compare with."""
    assert stored.ends == []
    assert {name for name, rows in stored.tables.items() if rows} >= TABLES


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_trouble_changes_what_is_stored(
    city: SmallCity, outputs: MemoryLog, stored: Stored, seed: int
) -> None:
    """Recorders that are killed at any await or take over; a broker and a database that are slow, fail, or do
    not say that they committed: all tables are those of the undisturbed run.
    """
    assert record(city, outputs, seed, trouble_of(seed)).facts == stored.facts


def test_a_planted_fault_is_found(city: SmallCity, outputs: MemoryLog, stored: Stored) -> None:
    """Offsets stored outside the transaction of their rows."""
    fault = OffsetsOutside(OFFSETS.name)

    def is_found(seed: int) -> bool:
        try:
            return record(city, outputs, seed, trouble_of(seed), fault).facts != stored.facts
        except NotDrainedError:
            return True

    assert any(map(is_found, range(SEEDS_FOR_A_FAULT)))
