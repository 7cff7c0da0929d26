"""The same log gives the same effects as at commit 615371e: ids, ``seq``, words and figures."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.golden_city import changed_in_city
from support.golden_differences import compare
from support.golden_log import FOLDER, Golden, Json, effects, read

from schemas.alerts import TransitionReason
from schemas.outcomes import OutcomeKind
from schemas.rejects import RejectReason

RESTART_EVERY = 997
FROM_THE_DATABASE = {RejectReason.DATA_ERROR}
"""Reasons that the monitor itself never gives."""


@pytest.fixture(scope="module", autouse=True)
def calm() -> Iterator[None]:
    """The log is given a record that has failed twice, which the monitor would tell."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def golden() -> Golden:
    """The stored plans and records."""
    return Golden.stored()


@pytest.fixture(scope="module")
def was() -> list[Json]:
    """The stored effects."""
    return list(read("effects"))


def test_the_golden_log_has_the_effects_that_it_had(golden: Golden, was: list[Json], tmp_path: Path) -> None:
    """Every record that goes to ``alerts``, ``aggregates``, ``outcomes`` and ``rejects``."""
    differences = compare(was, effects(golden, tmp_path))
    assert not differences, differences.report()


def test_checkpoints_between_change_nothing(golden: Golden, was: list[Json], tmp_path: Path) -> None:
    """All states written as bytes and read again, at many places of the log."""
    differences = compare(was, effects(golden, tmp_path, restart_every=RESTART_EVERY))
    assert not differences, differences.report()


def test_the_shipped_city_still_compiles_to_the_golden_plan(golden: Golden) -> None:
    """Cut to the same stations; but for what ``golden_city.MAY_DIFFER`` names."""
    plan = golden.plan(golden.plan_names()[0])
    assert plan is not None
    changed = changed_in_city(plan)
    assert not changed, "\n".join(["the plan of deploy/miyun is not the golden one:", *changed[:40]])


def test_the_golden_log_is_worth_its_place(golden: Golden, was: list[Json]) -> None:
    """Every rule raises an alert; every reason of a transition and of a rejection, and every kind of outcome
    that the monitor knows comes up.
    """
    plan = golden.plan(golden.plan_names()[0])
    assert plan is not None
    alerts = [one["body"] for one in was if one["kind"] == "alert"]
    assert {alert["rule_id"] for alert in alerts} == {rule.rule_id for rule in plan.rules}
    assert {alert["timeline"][-1]["reason"] for alert in alerts} == set(TransitionReason)
    rejects = {one["headers"]["reason"] for one in was if one["kind"] == "reject"}
    assert rejects == set(RejectReason) - FROM_THE_DATABASE
    assert {one["kind"] for one in was} == {*OutcomeKind, "alert", "aggregate", "census", "reject"}
    assert 15_000 < len(golden.events) < 25_000
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000
