"""Faults of reporting on their way to the log: what a frame says, and whether there is one."""

import json

from support.simulated_city import small_plan
from support.simulated_faults import disturbed, envelope

from schemas.headers import time_ms
from simulators.networks.disturbances import Disturbance, How
from simulators.networks.station import Scanned, SimulatedStation
from simulators.networks.world import World, build_world
from simulators.running.publish import FrameWriter

START = time_ms("2026-01-13T19:00:00+08:00")
MINUTE = 60_000
HOUR = 60 * MINUTE
PLACE = "gas_regulator-1"
WHEN = envelope(START + 10 * MINUTE, hold=10 * MINUTE)


def _world(*disturbances: Disturbance) -> World:
    return build_world(small_plan(), seed=1, disturbances=disturbances)


def _station(*disturbances: Disturbance) -> SimulatedStation:
    return next(s for s in _world(*disturbances).stations if s.station.station_id == PLACE)


def _half_hour(*disturbances: Disturbance) -> tuple[list[Scanned], list[Scanned]]:
    """The station's scans during the fault, and those before and after it."""
    scans = _station(*disturbances).between(START, START + 30 * MINUTE)
    during = [scan for scan in scans if WHEN.within(scan.at)]
    return during, [scan for scan in scans if not WHEN.within(scan.at)]


def test_a_muted_point_is_absent_from_its_scans() -> None:
    """The others go on; afterwards it is back."""
    during, around = _half_hour(disturbed(PLACE, "flow_m3h", How.SILENT, WHEN))
    assert len(during) >= 40
    assert not any("flow_m3h" in scan.values for scan in during)
    assert any("flow_m3h" in scan.values for scan in around)


def test_a_silent_station_sends_no_scans_at_all() -> None:
    """Not even empty ones, also when it is switched on in the middle."""
    mute = disturbed(PLACE, None, How.SILENT, WHEN)
    during, around = _half_hour(mute)
    assert during == []
    assert around
    on = {station.station_id for station, _ in _world(mute).first_scans(START + 15 * MINUTE)}
    assert on
    assert PLACE not in on


def test_no_value_and_bad_quality_stand_in_the_frame() -> None:
    """A null for what has no value; the quality of what is bad beside it."""
    during, around = _half_hour(
        disturbed(PLACE, "flow_m3h", How.NOTHING, WHEN), disturbed(PLACE, "inlet_pressure_mpa", How.BAD, WHEN)
    )
    scan = next(s for s in during if {"flow_m3h", "inlet_pressure_mpa"} <= set(s.values))
    body = json.loads(FrameWriter(boot="b", nature="simulated").frame(PLACE, [scan], source="sim-gas").value)
    assert body["scans"][0]["values"]["flow_m3h"] is None
    assert body["scans"][0]["quality"] == {"inlet_pressure_mpa": "bad"}
    assert all(scan.quality == {} for scan in around)


def test_a_wrong_clock_is_what_the_frame_tells_while_it_arrives_in_time() -> None:
    """Scan and sending time are the device's; the arrival is the city's."""
    during, around = _half_hour(disturbed(PLACE, None, How.CLOCK, WHEN, 8 * 3_600))
    sent = FrameWriter(boot="b", nature="simulated").frame(PLACE, [during[0]], source="sim-gas")
    body = json.loads(sent.value)
    assert sent.time == during[0].at
    assert body["sent_at"] == body["scans"][0]["at"] == during[0].at + 8 * HOUR
    assert all(scan.device_at is None for scan in around)


def test_repeats_are_asked_for_while_they_last() -> None:
    """Twice during the fault, once before and after."""
    during, around = _half_hour(disturbed(PLACE, None, How.REPEATS, WHEN, 2))
    assert {scan.copies for scan in during} == {2}
    assert {scan.copies for scan in around} == {1}


def test_a_stuck_instrument_reads_the_same_while_others_move() -> None:
    """The value of its begin; its neighbours keep their noise."""
    during, around = _half_hour(disturbed(PLACE, "outlet_pressure_kpa", How.STUCK, WHEN))
    assert (
        len({scan.values["outlet_pressure_kpa"] for scan in during if "outlet_pressure_kpa" in scan.values})
        == 1
    )
    assert (
        len({scan.values["inlet_pressure_mpa"] for scan in during if "inlet_pressure_mpa" in scan.values})
        > 10
    )
    assert (
        len({scan.values["outlet_pressure_kpa"] for scan in around if "outlet_pressure_kpa" in scan.values})
        > 10
    )


def test_readings_under_a_fault_stay_inside_the_range() -> None:
    """An instrument shows its end of scale and no more."""
    during, _ = _half_hour(disturbed(PLACE, "station_ch4_pct_lel", How.ADD, WHEN, 500.0))
    assert {
        scan.values["station_ch4_pct_lel"] for scan in during if "station_ch4_pct_lel" in scan.values
    } == {100.0}


def test_a_world_can_be_disturbed_and_left_alone_while_it_runs() -> None:
    """Other faults take the place of those before."""
    world = _world(disturbed(PLACE, None, How.SILENT, WHEN))
    station = next(s for s in world.stations if s.station.station_id == PLACE)
    world.disturb([])
    assert station.between(WHEN.begins, WHEN.ends)
