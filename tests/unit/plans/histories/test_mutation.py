"""A changed number is noticed: each limit, way back, delay and window of each rule, moved a little."""

from collections import defaultdict
from itertools import zip_longest
from pathlib import Path

import pytest
from support.rule_mutants import Levels, Mutant, levels_of, mutants

from services.plans.compile.comparators import comparators, own_levels
from services.plans.histories.play import ObservedTransition
from services.plans.histories.prepared import Prepared, load_histories
from services.plans.histories.small_city import load_small_cities

CITY = Path(__file__).parents[4] / "deploy" / "miyun"
RULES = {placed.item.id: placed.item for placed in load_small_cities(CITY).city.rules}
HISTORIES: dict[str, list[Prepared]] = defaultdict(list)
for one in load_histories(CITY):
    HISTORIES[one.history.rule].append(one)
SAME = {
    ("any.clock_fault", "warn above 60: limit down"),
    ("any.clock_fault", "warn above 60: clear later"),
}
"""No change at all: the engine takes no error of a clock of up to 60 s for one (``device_clock``)."""


def scenes(rule_id: str) -> dict[Levels, Prepared]:
    """A history for each set of limits that the rule has at some station."""
    return {levels_of(prepared.plans[0]): prepared for prepared in HISTORIES[rule_id]}


def is_noticed(mutant: Mutant, unchanged: list[tuple[Prepared, list[ObservedTransition]]]) -> bool:
    """Some history comes out otherwise than by the rule as it is; it is played up to the first difference."""
    return any(
        came != usual
        for prepared, told in unchanged
        for came, usual in zip_longest(
            prepared.transitions([mutant.change(plan) for plan in prepared.plans]), told
        )
    )


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_every_changed_number_is_noticed(rule_id: str) -> None:
    """Those that are not are named."""
    unchanged = [(prepared, list(prepared.transitions())) for prepared in HISTORIES[rule_id]]
    survivors = [
        mutant.name
        for prepared in scenes(rule_id).values()
        for mutant in mutants(prepared.plans[0])
        if (rule_id, mutant.name) not in SAME and not is_noticed(mutant, unchanged)
    ]
    assert survivors == []


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_all_limits_of_a_rule_are_among_those_that_are_changed(rule_id: str) -> None:
    """Its own, and those of each of its variants."""
    rule = RULES[rule_id]
    special = [own_levels(rule.levels, variant.levels) for variant in rule.variants]
    assert set(scenes(rule_id)) == {comparators(rule, levels) for levels in (rule.levels, *special)}


def test_what_is_no_change_is_still_there() -> None:
    """The list of exceptions names mutants that exist."""
    found = {
        (rule_id, mutant.name)
        for rule_id in {rule_id for rule_id, _ in SAME}
        for prepared in scenes(rule_id).values()
        for mutant in mutants(prepared.plans[0])
    }
    assert found >= SAME
