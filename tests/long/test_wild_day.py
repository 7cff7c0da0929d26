"""A day of the shipped city with wild instruments, each kind once: as `tests/field/test_wild_city.py`.

Two of ten seeds are drawn; others by MIYUN_WILD_SEEDS="3 9" (half a minute each).
"""

import pytest
from support.drawn_seeds import seeds
from support.wild_city import WildCity, wild_scene
from support.wild_dangers import Comparison

pytestmark = [pytest.mark.long, pytest.mark.timeout(3_000)]


def test_a_wild_day_hides_no_danger_and_invents_none() -> None:
    """Of each seed; what is wrong is told with the seed and the faults of its station."""
    wrong = []
    for seed in seeds():
        one = Comparison(WildCity(wild_scene(seed, hours=24.0), seed, 24.0))
        wrong += [one.explained(danger) for danger in (*one.missed(), *one.unfounded())]
    assert wrong == []
