"""The shipped city on a normal winter day: every station speaks, and nothing alarms."""

from collections import defaultdict
from pathlib import Path

import pytest

from schemas.headers import time_ms
from schemas.plan import Comparator, Measure, Plan, Point, Rule, Side
from services.plans.compiler import compile_city
from services.plans.folder import load_city
from simulators.scenefile import cast, load_scene, scene_names
from simulators.world import World, build_world

CITY = Path(__file__).parents[3] / "deploy" / "miyun"
START = time_ms("2026-01-13T19:00:00+08:00")
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
SEED = 110118


@pytest.fixture(scope="module")
def shipped() -> Plan:
    """The plan of deploy/miyun."""
    return compile_city(load_city(CITY, at_ms=START), keys=())


@pytest.fixture(scope="module")
def world(shipped: Plan) -> World:
    """Its city without faults, by the seed of the demo."""
    return build_world(shipped, seed=SEED)


def _limits(point: Point, rules: dict[str, Rule]) -> list[tuple[str, Comparator]]:
    own = {override.rule_id: override.comparators for override in point.overrides}
    return [
        (rule_id, comparator)
        for rule_id in point.rules
        for comparator in own.get(rule_id, rules[rule_id].comparators)
    ]


def _measured(value: float, point: Point, rule: Rule) -> float:
    if rule.measure is Measure.VALUE:
        return value
    assert point.reference
    percent = 100 * value / point.reference
    return percent - 100 if rule.measure is Measure.PERCENT_FROM_REFERENCE else percent


def test_every_point_has_a_model(world: World, shipped: Plan) -> None:
    """Nothing of the shipped city stays silent."""
    assert world.unmodelled == ()
    points = sum(len(station.points) for station in shipped.stations)
    assert sum(len(station.points) for station in world.stations) == points > 0


def test_a_normal_day_crosses_no_limit(world: World, shipped: Plan) -> None:
    """Without faults no reading of a day would raise an alert, at any station; all are in range."""
    rules = {rule.rule_id: rule for rule in shipped.rules}
    crossed: dict[str, list[float]] = defaultdict(list)
    checked = 0
    for simulated in world.stations:
        limits = {model.point.code: _limits(model.point, rules) for model in simulated.points}
        points = {model.point.code: model.point for model in simulated.points}
        # Some hundred instants are enough: chance is bounded, the curves are slow.
        for at in range(START, START + DAY, 607_000):
            for code, value in simulated.everything(at).values.items():
                assert points[code].low <= value <= points[code].high
                for rule_id, comparator in limits[code]:
                    measured = _measured(value, points[code], rules[rule_id])
                    above = comparator.side is Side.ABOVE
                    checked += 1
                    if measured >= comparator.limit if above else measured < comparator.limit:
                        crossed[f"{rule_id} {simulated.station.kind}.{code}"].append(value)
    assert not crossed
    assert checked > 100 * len(world.stations)


def test_the_city_stays_below_its_rate(world: World) -> None:
    """At most 150 readings a second (DESIGN 10)."""
    scans = world.between(START, START + 15 * MINUTE)
    readings = sum(len(scanned.values) for _, scanned in scans)
    assert 0 < readings / (15 * 60) <= 150


def test_the_opening_scene_finds_its_places(shipped: Plan) -> None:
    """One fault in each of the five networks; every fault of every scene has a station."""
    for name in scene_names():
        assert cast(load_scene(name), shipped, start_ms=START).without == ()
    played = cast(load_scene("opening"), shipped, start_ms=START)
    assert played.without == ()
    systems = {station.station_id: station.system for station in shipped.stations}
    assert {systems[fault.station] for fault in played.faults} == {
        "gas",
        "heating",
        "water",
        "sewer",
        "lighting",
    }


def test_scenes_expect_only_what_the_catalogue_has(shipped: Plan) -> None:
    """Each expected alert names a rule that watches that point, with that level."""
    levels = {rule.rule_id: {c.severity for c in rule.comparators} for rule in shipped.rules}
    watched = {(s.station_id, p.code): p.rules for s in shipped.stations for p in s.points}
    expected = [
        alert
        for name in scene_names()
        for fault in cast(load_scene(name), shipped, start_ms=START).faults
        for alert in fault.expected
    ]
    assert expected
    for alert in expected:
        assert alert.rule in watched[alert.station, alert.point], alert
        assert alert.severity in levels[alert.rule], alert
