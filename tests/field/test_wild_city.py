"""Hours of the shipped city with wild instruments: what arrived shows each danger, in whatever order it came.

Stations: those that a fault of the scene touches, since at any other nothing is out of the way. Two of
ten seeds are drawn at each run (`MIYUN_WILD_SEEDS="3 14"` gives others); a failure names its seed.
"""

import pytest
from support.drawn_seeds import seeds
from support.wild_city import WILD, WildCity, wild_scene
from support.wild_dangers import Comparison

HOURS = 4.0


@pytest.fixture(scope="module")
def seen() -> list[Comparison]:
    """Some hours with each kind of fault once, of two seeds or those that are given."""
    return [Comparison(WildCity(wild_scene(seed, hours=HOURS), seed, HOURS)) for seed in seeds()]


def test_each_kind_of_fault_has_its_place(seen: list[Comparison]) -> None:
    """And the oracle finds dangers at the stations that have one."""
    for one in seen:
        assert {fault.template for fault in one.city.faults} >= set(WILD)
        assert len([danger for danger in one.there if not danger.rule.startswith("any.")]) >= len(WILD) / 2


def test_every_danger_that_arrived_is_found(seen: list[Comparison]) -> None:
    """In its channel, at its time, as severe as the readings in true order and under true clocks show it."""
    assert [one.explained(danger) for one in seen for danger in one.missed()] == []


def test_nothing_else_is_raised(seen: list[Comparison]) -> None:
    """But what was contradicted since, and what names a clock or a silence that the truth lists."""
    assert [one.explained(danger) for one in seen for danger in one.unfounded()] == []
