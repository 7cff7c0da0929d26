"""The monitor under the scheduler: whatever happens to its workers, what comes of the log is the same.

A seed that fails here fails again: ``pytest tests/simulation/test_monitor.py -k "[17]"``.
"""

from collections import Counter

import pytest
from simulation.worlds.city import SmallCity
from simulation.worlds.faulty_workers import CommitsFirst, SendsOutsideTheLock, Unfenced
from simulation.worlds.monitor import MakeWorker
from simulation.worlds.monitor_world import NotDrainedError, Outcome, Trouble, play, trouble_of

SEEDS = 25
"""Of each world; `make test-long` takes more."""
SEEDS_FOR_A_FAULT = 100
HANDOVERS = Trouble(workers=2, stands=8, holds=0.05)


def test_an_undisturbed_run_says_everything_once(undisturbed: Outcome) -> None:
    """Alerts, minutes, outcomes and rejects: there is something to compare with."""
    assert undisturbed.ends == []
    assert undisturbed.records == len(undisturbed.told)
    topics = Counter(topic.partition(".")[2] for topic, _ in undisturbed.told)
    assert set(topics) == {"alerts", "aggregates", "outcomes", "rejects"}
    assert min(topics.values()) > 50


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_trouble_changes_what_is_told(city: SmallCity, undisturbed: Outcome, seed: int) -> None:
    """Workers that are killed at any await, stand still, hand over; a broker that is slow or fails; chunks
    that come twice: outputs byte for byte, states and headers are those of the undisturbed run.
    """
    outcome = play(city, seed, trouble_of(seed))
    assert outcome.told == undisturbed.told
    assert outcome.states == undisturbed.states


def test_a_seed_tells_a_run(city: SmallCity) -> None:
    """Played twice, the same happens in the same number of steps."""
    first, second = (play(city, 26, trouble_of(26)) for _ in range(2))
    assert (first.steps, first.ends, first.records) == (second.steps, second.ends, second.records)


@pytest.mark.parametrize("fault", [CommitsFirst, SendsOutsideTheLock])
def test_a_planted_fault_is_found(city: SmallCity, undisturbed: Outcome, fault: MakeWorker) -> None:
    """Offsets committed before the checkpoint; effects sent outside the lock."""
    assert any(
        _is_found(city, undisturbed, seed, trouble_of(seed), fault) for seed in range(SEEDS_FOR_A_FAULT)
    )


def test_a_worker_without_a_fence_is_found(city: SmallCity, undisturbed: Outcome) -> None:
    """It stood still while another took its partitions over; its older checkpoint stands behind newer ones."""
    assert any(_is_found(city, undisturbed, seed, HANDOVERS, Unfenced) for seed in range(SEEDS_FOR_A_FAULT))


def _is_found(city: SmallCity, undisturbed: Outcome, seed: int, trouble: Trouble, fault: MakeWorker) -> bool:
    try:
        outcome = play(city, seed, trouble, fault)
    except NotDrainedError:
        return True
    return (outcome.told, outcome.states) != (undisturbed.told, undisturbed.states)
