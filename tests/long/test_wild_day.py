"""A day of the shipped city with wild instruments, each kind three times: as `tests/field/test_wild_city.py`.

Two seeds are drawn; ten, say, by MIYUN_WILD_SEEDS="1 2 3 4 5 6 7 8 9 10" (about a minute and a half each).
"""

import pytest
from support.drawn_seeds import seeds
from support.wild_city import WildCity, wild_scene
from support.wild_dangers import Comparison
from support.wild_not_yet import missed, unfounded

pytestmark = [pytest.mark.long, pytest.mark.timeout(3_000)]


def test_a_wild_day_hides_no_danger_and_invents_none() -> None:
    """Of each seed; what is wrong is told with the seed and the faults of its station."""
    wrong = []
    for seed in seeds():
        one = Comparison(WildCity(wild_scene(seed, hours=24.0, each=3), seed, 24.0))
        wrong += [one.explained(danger) for danger in (*missed(one), *unfounded(one))]
    assert wrong == []
