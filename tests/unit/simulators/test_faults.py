"""Templates move what they should where they should."""

from collections import defaultdict

import pytest
from support.simulated_city import small_plan
from support.simulated_faults import envelope

from schemas.headers import time_ms
from schemas.plan import Plan, Station
from simulators.faults.fault import TEMPLATES, Site, disturbances_of, fits
from simulators.faults.instrumental import INSTRUMENTAL
from simulators.faults.physical import PHYSICAL
from simulators.faults.topology import Topology
from simulators.faults.words import FAULT
from simulators.networks.disturbances import Disturbance, How

START = time_ms("2026-01-13T19:00:00+08:00")
WHEN = envelope(START, rise=60_000, hold=600_000, fall=60_000)


@pytest.fixture(scope="module")
def city() -> Plan:
    """Stations of every shipped type."""
    return small_plan()


def _disturbances(city: Plan, name: str, place: str, *, point: str | None = None) -> list[Disturbance]:
    template = TEMPLATES[name]
    topology = Topology(city)
    own = point or next(iter(template.needs), None)
    site = Site(
        topology=topology, place=topology.stations[place], point=own, envelope=WHEN, size=template.size
    )
    return disturbances_of(template, site)


def _peaks(disturbances: list[Disturbance]) -> dict[str, dict[str, float | None]]:
    """By station and point; of several disturbances on a point the last."""
    found: dict[str, dict[str, float | None]] = defaultdict(dict)
    for disturbance in disturbances:
        if disturbance.code is not None:
            found[disturbance.station][disturbance.code] = disturbance.amount
    return found


def _first_place(city: Plan, name: str) -> Station:
    return next(s for s in city.stations if fits(TEMPLATES[name], s, None))


def test_every_template_has_words() -> None:
    """None is shown by its code; no words are left of a template that is gone."""
    assert FAULT.keys() == TEMPLATES.keys()


@pytest.mark.parametrize("name", sorted(PHYSICAL))
def test_every_physical_template_fits_a_shipped_type_and_moves_its_own_points(city: Plan, name: str) -> None:
    """Each has a place among the shipped types and changes its first point there."""
    place = _first_place(city, name)
    assert TEMPLATES[name].needs[0] in _peaks(_disturbances(city, name, place.station_id))[place.station_id]


@pytest.mark.parametrize("name", sorted(PHYSICAL))
def test_every_move_of_a_template_finds_points_somewhere(city: Plan, name: str) -> None:
    """No code of a template is misspelt: each move hits some point of some shipped type."""
    codes = {p.code for s in city.stations for p in s.points}
    for move in PHYSICAL[name].moves:
        wanted = TEMPLATES[name].needs[0] if move.code == "@" else move.code
        stem = wanted.removesuffix("*")
        assert any(code == wanted or (stem != wanted and code.startswith(stem)) for code in codes), wanted


def test_physical_moves_stay_inside_the_instruments_ranges(city: Plan) -> None:
    """A state that is set, or a value that is moved to, can be shown by the instrument."""
    points = {(s.station_id, p.code): p for s in city.stations for p in s.points}
    checked = 0
    for name in PHYSICAL:
        for disturbance in _disturbances(city, name, _first_place(city, name).station_id):
            if disturbance.how in (How.TO, How.SET):
                assert disturbance.amount is not None
                assert disturbance.code is not None
                point = points[disturbance.station, disturbance.code]
                assert point.low <= disturbance.amount <= point.high, (name, disturbance.code)
                checked += 1
    assert checked > 40


def test_gas_of_a_dug_up_main_gets_weaker_and_later_from_chamber_to_chamber(city: Plan) -> None:
    """The chamber beside the dig, its neighbour, the next; ethane with methane; the regulator sags."""
    disturbances = _disturbances(city, "gas_main_dug_up", "gas_chamber-1")
    peaks = _peaks(disturbances)
    methane = [peaks[f"gas_chamber-{n}"]["ch4_pct_lel"] or 0.0 for n in (1, 2, 3)]
    assert methane[0] == 60.0
    assert methane[0] > methane[1] > methane[2] > 10
    assert "gas_chamber-4" not in peaks
    assert [peaks[f"gas_chamber-{n}"]["ethane_ppm"] for n in (1, 2)] == pytest.approx([300.0, 135.0])
    begins = {e.station: e.envelope.begins for e in disturbances if e.envelope.ends < WHEN.ends + 200_000}
    assert begins["gas_chamber-1"] < begins["gas_chamber-2"] < begins["gas_chamber-3"]
    assert -0.03 < (peaks["gas_regulator-1"]["inlet_pressure_mpa"] or 0.0) < 0


def test_a_pipe_break_is_strongest_at_the_break(city: Plan) -> None:
    """The exchanger loses most, the source that feeds it less and makes up water, its siblings least."""
    peaks = _peaks(_disturbances(city, "heating_pipe_break", "heat_exchanger_radiator-1"))
    here = peaks["heat_exchanger_radiator-1"]["primary_supply_pressure_mpa"] or 0.0
    source = peaks["heat_source-1"]["supply_pressure_mpa"] or 0.0
    sibling = peaks["heat_exchanger_radiator-2"]["primary_supply_pressure_mpa"] or 0.0
    assert here < source < sibling < 0
    assert (peaks["heat_source-1"]["makeup_t_h"] or 0.0) > 0
    assert "makeup_t_h" not in peaks["heat_exchanger_radiator-1"]


def test_a_main_break_at_the_source_reaches_all_exchangers_that_it_feeds(city: Plan) -> None:
    """Pressure falls there too, a little less and a little later."""
    peaks = _peaks(_disturbances(city, "heating_main_break", "heat_source-1"))
    for number in (1, 2, 3):
        drop = peaks[f"heat_exchanger_radiator-{number}"]["primary_supply_pressure_mpa"] or 0.0
        assert (peaks["heat_source-1"]["supply_pressure_mpa"] or 0.0) < drop < 0


def test_a_burst_lowers_the_ends_by_distance_and_raises_the_flows(city: Plan) -> None:
    """End points lose pressure, the further the less; the zone's inflow and the plant's flow rise."""
    peaks = _peaks(_disturbances(city, "water_burst", "water_zone_meter-1"))
    ends = [peaks[f"water_end_point-{n}"]["pressure_mpa"] or 0.0 for n in (1, 2, 3)]
    assert ends[0] < ends[1] < ends[2] < 0
    assert (peaks["water_zone_meter-1"]["inflow_m3h"] or 0.0) > 0
    assert (peaks["water_plant-1"]["outlet_flow_m3h"] or 0.0) > 0


def test_a_blockage_backs_up_and_dries_what_follows(city: Plan) -> None:
    """Level up and freeboard down at and above it, less further up; level down below it."""
    peaks = _peaks(_disturbances(city, "sewer_blockage", "sewer_manhole-3"))
    levels = [peaks[f"sewer_manhole-{n}"]["level_ratio"] or 0.0 for n in (3, 2, 1)]
    freeboards = [peaks[f"sewer_manhole-{n}"]["freeboard_m"] or 0.0 for n in (3, 2, 1)]
    assert levels[0] > levels[1] > levels[2] > 0.5
    assert freeboards[0] < freeboards[1] < freeboards[2] < 0
    below = [
        e for e in _disturbances(city, "sewer_blockage", "sewer_manhole-3") if e.station == "sewer_manhole-4"
    ]
    assert [(e.how, e.code) for e in below] == [(How.TIMES, "level_ratio")]


def test_a_lost_cabinet_is_dark_altogether(city: Plan) -> None:
    """Voltages, currents, circuits and all lamps are 0, from the first instant."""
    disturbances = _disturbances(city, "cabinet_lost", "light_cabinet-1")
    peaks = _peaks(disturbances)["light_cabinet-1"]
    codes = {"voltage_a_v", "current_c_a", "circuit_1", "circuit_3", "lamp_01", "lamp_20", "power"}
    assert codes <= set(peaks)
    assert set(peaks.values()) == {0.0}
    assert all(e.how is How.SET for e in disturbances)


def test_computed_points_are_never_moved(city: Plan) -> None:
    """The engine computes shares from the circuits; no device would report them."""
    assert (
        "circuits_dark_pct"
        not in _peaks(_disturbances(city, "cabinet_lost", "light_cabinet-1"))["light_cabinet-1"]
    )


@pytest.mark.parametrize("name", sorted(set(INSTRUMENTAL) - {"battery_low"}))
def test_every_instrumental_template_touches_its_place(city: Plan, name: str) -> None:
    """The point that the scene names, or the station's reports."""
    disturbances = _disturbances(city, name, "water_zone_meter-1", point="pressure_mpa")
    assert disturbances
    assert "water_zone_meter-1" in {e.station for e in disturbances}
    if name != "dead_bus":
        assert {e.code for e in disturbances if e.code is not None} <= {"pressure_mpa"}


def test_a_dead_bus_is_all_points_of_its_station(city: Plan) -> None:
    """All that devices report; computed ones follow from them."""
    place = next(s for s in city.stations if s.kind == "heat_source")
    codes = {e.code for e in _disturbances(city, "dead_bus", place.station_id)}
    assert codes == {p.code for p in place.points if p.computed is None}


def test_a_gateway_takes_its_whole_source_with_it(city: Plan) -> None:
    """All stations of a system send over one source; others go on."""
    disturbances = _disturbances(city, "gateway_down", "water_plant-1")
    assert {(e.how, e.code) for e in disturbances} == {(How.SILENT, None)}
    silent = {e.station for e in disturbances}
    assert silent == {s.station_id for s in city.stations if s.system == "water"}
