"""The shipped city on a normal winter day: every station speaks, and its scenes find their places."""

from collections.abc import Iterable

import pytest
from support.shipped_city import AT_MS as START
from support.shipped_city import shipped_plan

from schemas.plan import Comparator, Plan
from services.rules.arranged import Channel, StationPlan
from services.rules.builtin import STATION_POINT
from services.rules.index import PlanIndex
from simulators.faults.fault import ExpectedAlert
from simulators.networks.world import World, build_world, reported
from simulators.scenes.scene_file import cast, load_scene, scene_names

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
SEED = 110118


@pytest.fixture(scope="module")
def shipped() -> Plan:
    """The plan of deploy/miyun."""
    return shipped_plan()


@pytest.fixture(scope="module")
def world(shipped: Plan) -> World:
    """Its city without faults, by the seed of the demo."""
    return build_world(shipped, seed=SEED)


def test_every_point_has_a_model(world: World, shipped: Plan) -> None:
    """Nothing of the shipped city stays silent: all that devices report is simulated."""
    assert world.unmodelled == ()
    points = sum(reported(point) for station in shipped.stations for point in station.points)
    assert sum(len(station.points) for station in world.stations) == points > 7_000


def test_a_normal_day_stays_inside_the_ranges(world: World) -> None:
    """Whatever the hour; that nothing alarms is seen when the quiet scene goes through the product."""
    for simulated in world.stations:
        points = {model.point.code: model.point for model in simulated.points}
        # Some hundred instants are enough: chance is bounded, the curves are slow.
        for at in range(START, START + DAY, 607_000):
            for code, value in simulated.scan_all(at).values.items():
                assert points[code].low <= value <= points[code].high, (simulated.station.station_id, code)


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
    """Each expected alert names a rule that watches that point there, with that level."""
    stations = PlanIndex.of(shipped, "0" * 64).stations
    expected = [
        alert
        for name in scene_names()
        for fault in cast(load_scene(name), shipped, start_ms=START).faults
        for alert in fault.expected
    ]
    assert expected
    for alert in expected:
        levels = {c.severity for c in _comparators(stations[alert.station], alert)}
        assert alert.severity in levels, alert


def _comparators(station: StationPlan, alert: ExpectedAlert) -> list[Comparator]:
    """The limits of the rule that the alert names, there; of the station as a whole those of its silence."""
    if alert.point == STATION_POINT:
        assert station.silence is not None
        channels: Iterable[Channel] = [station.silence]
    else:
        channels = station.points[alert.point].all_channels
    return [c for channel in channels if channel.rule.rule_id == alert.rule for c in channel.comparators]
