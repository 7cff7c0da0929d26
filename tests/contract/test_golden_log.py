"""The same log gives the same effects as at commit 615371e: ids, ``seq``, words and figures."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from support.golden_city import changed_in_city
from support.golden_differences import compare
from support.golden_log import FOLDER, Golden, Json, effects, read

from schemas.alerts import TransitionReason
from schemas.base import ReportMode
from schemas.outcomes import OutcomeKind
from schemas.plan import Ratio, Share
from schemas.rejects import RejectReason

RESTART_EVERY = 997
FROM_THE_DATABASE = {RejectReason.DATA_ERROR}
"""Reasons that the monitor itself never gives."""


@pytest.fixture(scope="module", autouse=True)
def calm() -> Iterator[None]:
    """At one record of the log the engine fails, which the monitor would tell."""
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


def test_the_golden_log_covers_every_rule_and_reason(golden: Golden, was: list[Json]) -> None:
    """Every rule of the plan raises an alert; every reason of a transition and of a rejection, and every kind
    of outcome that the monitor knows comes up. Whoever adds one adds a record (``golden_events``).
    """
    plan = golden.plan(golden.plan_names()[0])
    assert plan is not None
    alerts = [one["body"] for one in was if one["kind"] == "alert"]
    assert {alert["rule_id"] for alert in alerts} == {rule.rule_id for rule in plan.rules}
    assert {alert["timeline"][-1]["reason"] for alert in alerts} == set(TransitionReason)
    rejects = {one["headers"]["reason"] for one in was if one["kind"] == "reject"}
    assert rejects == set(RejectReason) - FROM_THE_DATABASE
    assert {one["kind"] for one in was} == {*OutcomeKind, "alert", "aggregate", "census", "reject"}


def test_the_golden_plan_has_all_that_a_plan_can_have(golden: Golden) -> None:
    """Systems, ways to report, computed points, schedules, limits of a point's own with and without an end,
    variants, inspected points, and a virtual station.
    """
    first, second = (golden.plan(name) for name in golden.plan_names())
    assert first is not None
    assert second is not None
    stations = (*first.stations, *second.stations)
    points = [point for station in stations for point in station.points]
    assert {station.system for station in first.stations} == {system.system for system in first.systems}
    assert {point.report_mode for point in points} == set(get_args(ReportMode))
    assert {type(point.computed) for point in points} == {type(None), Ratio, Share}
    assert {own.expires is None for point in points for own in point.overrides} == {True, False}
    assert any(point.schedule for point in points)
    assert any(point.variants for point in points)
    assert {station.virtual for station in stations} == {True, False}
    assert {rule.rule_id for rule in first.rules} > {rule.rule_id for rule in second.rules}
    assert len(first.stations) == 40


def test_the_golden_log_is_small(golden: Golden) -> None:
    """About 20,000 records, together under 3 MB."""
    assert 15_000 < len(golden.events) < 25_000
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000
