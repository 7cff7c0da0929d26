"""Links and distance tell how far a fault reaches."""

from dataclasses import replace

from support.simulated_city import small_plan

from schemas.plan import Plan
from simulators.faults.topology import Topology, Where


def _reach(plan: Plan, where: Where, place: str, *, hops: int = 1, code: str = "p") -> list[tuple[str, int]]:
    topology = Topology(plan)
    found = topology.reach(where, topology.stations[place], code=code, hops=hops)
    return [(one.station.station_id, one.hops) for one in found]


def test_beside_goes_both_ways_and_counts_links() -> None:
    """From the middle of a chain of chambers to both ends, nearest first, never back."""
    assert _reach(small_plan(), Where.BESIDE, "gas_chamber-2", hops=2) == [
        ("gas_chamber-1", 1),
        ("gas_chamber-3", 1),
        ("gas_chamber-4", 2),
    ]


def test_without_links_the_nearest_of_the_kind_are_beside() -> None:
    """At most three within 400 m; stations stand 110 m apart."""
    plan = replace(small_plan(), links=())
    assert _reach(plan, Where.BESIDE, "gas_chamber-1") == [
        ("gas_chamber-2", 1),
        ("gas_chamber-3", 1),
        ("gas_chamber-4", 1),
    ]


def test_downstream_and_upstream_follow_feeds() -> None:
    """A manhole feeds the next; a plant feeds a meter that feeds the ends."""
    plan = small_plan()
    assert _reach(plan, Where.FEEDING, "sewer_manhole-3", hops=2) == [
        ("sewer_manhole-2", 1),
        ("sewer_manhole-1", 2),
    ]
    downstream = _reach(plan, Where.FED, "water_plant-1", hops=2)
    assert downstream == [("water_zone_meter-1", 1), *((f"water_end_point-{n}", 2) for n in (1, 2, 3))]


def test_siblings_are_fed_by_the_same_station() -> None:
    """Without the station itself."""
    assert _reach(small_plan(), Where.SIBLINGS, "heat_exchanger_radiator-2") == [
        ("heat_exchanger_radiator-1", 1),
        ("heat_exchanger_radiator-3", 1),
    ]


def test_the_nearest_must_have_the_point() -> None:
    """Of its own system; a chamber's nearest medium pressure is at the regulator."""
    found = _reach(small_plan(), Where.NEAREST, "gas_chamber-1", code="inlet_pressure_mpa")
    assert found == [("gas_regulator-1", 1)]
