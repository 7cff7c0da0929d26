"""A simulated day: repeatable, inside every range, scanned when due."""

from collections import defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from support.simulated_faults import disturbed, envelope, fault

from schemas.headers import time_ms
from schemas.plan import Plan
from simulators.networks.disturbances import How
from simulators.networks.heating import RADIATOR_C, reset_curve
from simulators.networks.station import Scanned
from simulators.networks.time_of_day import TimeOfDay, demand
from simulators.networks.weather import Weather
from simulators.networks.world import World, build_world

START = time_ms("2026-01-13T19:00:00+08:00")
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def _scans(world: World, after: int, until: int, step: int) -> list[tuple[str, Scanned]]:
    found = []
    for begin in range(after, until, step):
        scans = world.between(begin, min(until, begin + step))
        found += [(station.station_id, scanned) for station, scanned in scans]
    return sorted(found, key=lambda pair: (pair[1].at, pair[0]))


def test_every_point_of_the_known_kinds_has_a_model(plan: Plan) -> None:
    """Nothing of DOMAIN 12's gas and heating stations stays silent."""
    world = build_world(plan, seed=1)
    assert world.unmodelled == ()
    assert sum(len(s.points) for s in world.stations) == sum(len(s.points) for s in plan.stations)


def test_what_has_no_model_is_named(plan: Plan) -> None:
    """Unknown systems and codes stay silent, and the world says which."""
    gas, *rest = plan.stations
    odd = replace(gas, points=(replace(gas.points[0], code="odd"), *gas.points[1:]))
    waste = replace(gas, station_id="waste-1", system="waste")
    world = build_world(replace(plan, stations=(odd, waste, *rest)), seed=1)
    assert world.unmodelled == ("gas_regulator.odd", "system waste")


def test_a_day_is_the_same_however_it_is_cut(plan: Plan) -> None:
    """Value = f(seed, station, point, time): a resumed run continues the same curves."""
    at_once = _scans(build_world(plan, seed=1), START, START + 90 * MINUTE, 90 * MINUTE)
    in_steps = _scans(build_world(plan, seed=1), START, START + 90 * MINUTE, 7_000)
    assert at_once == in_steps
    assert len(at_once) > 500
    other = _scans(build_world(plan, seed=2), START, START + 90 * MINUTE, 90 * MINUTE)
    assert other != at_once


def test_a_normal_day_stays_inside_the_ranges(plan: Plan) -> None:
    """No reading of a day lies at or beyond the end of its point's range, but for honest zeros."""
    world = build_world(plan, seed=3)
    zero_is_normal = {"station_ch4_pct_lel", "ch4_pct_lel", "ethane_ppm", "water_level_m"}
    checked = 0
    for simulated in world.stations:
        for scanned in simulated.between(START, START + DAY):
            for model in simulated.points:
                value = scanned.values.get(model.point.code)
                if value is None or model.point.unit == "state":
                    continue
                checked += 1
                floor_is_fine = model.point.code in zero_is_normal and value == 0
                assert floor_is_fine or model.point.low < value < model.point.high, model.point.code
    assert checked > 30_000


def test_points_of_an_interval_share_a_scan(plan: Plan) -> None:
    """Points of 15 s and 60 s are scanned on one grid; each is read exactly as often as it says."""
    regulator = build_world(plan, seed=1).stations[0]
    scans = regulator.between(START, START + 15 * MINUTE)
    read: defaultdict[str, int] = defaultdict(int)
    for scanned in scans:
        for code in scanned.values:
            read[code] += 1
    assert read["station_ch4_pct_lel"] == read["inlet_pressure_mpa"] == 60
    assert read["flow_m3h"] == 15
    assert read["temperature_c"] == 3
    assert len(scans) == 60


def test_points_on_change_speak_when_they_change(plan: Plan) -> None:
    """A pump that trips is told within a second, and again when it runs; otherwise once an hour."""
    stopped = envelope(START + 10 * MINUTE, hold=5 * MINUTE)
    trip = fault(disturbed("heat-0001", "running", How.SET, stopped, 0.0))
    world = build_world(plan, seed=1, disturbances=trip.disturbances)
    source = next(s for s in world.stations if s.station.station_id == "heat-0001")
    source.scan_all(START)
    told = [
        (scanned.at - START, scanned.values["running"])
        for scanned in source.between(START, START + 60 * MINUTE)
        if "running" in scanned.values
    ]
    changes = [entry for entry in told if entry[0] <= 16 * MINUTE and entry[0] >= 10 * MINUTE]
    assert [value for _, value in changes][:1] == [0.0]
    assert changes[0][0] - 10 * MINUTE <= 2_000
    assert changes[-1][1] == 1.0
    assert 15 * MINUTE <= changes[-1][0] <= 15 * MINUTE + 2_000
    assert len(told) == 3


def test_a_chamber_above_five_percent_reports_every_minute(plan: Plan) -> None:
    """Burst mode: every 15 minutes in clean air, every minute while there is gas."""
    leaking = envelope(START + 20 * MINUTE, rise=1, hold=30 * MINUTE, fall=1)
    gas = fault(disturbed("gas-0002", "ch4_pct_lel", How.TO, leaking, 30.0))
    chamber = build_world(plan, seed=1, disturbances=gas.disturbances).stations[1]
    scans = [s for s in chamber.between(START, START + 80 * MINUTE) if "ch4_pct_lel" in s.values]
    high = [s for s in scans if s.values["ch4_pct_lel"] > 5]
    assert len(high) in (29, 30, 31)
    assert all("ethane_ppm" in s.values for s in high)
    assert len(scans) - len(high) in (3, 4)


@pytest.mark.parametrize(
    ("outdoor", "expected"), [(10.0, 35.0), (5.0, 35.0), (-3.5, 47.5), (-12.0, 60.0), (-20.0, 60.0)]
)
def test_the_reset_curve_rises_as_it_gets_colder(outdoor: float, expected: float) -> None:
    """35 °C at 5 °C outside and milder, 60 °C at -12 °C and colder, straight in between."""
    assert reset_curve(outdoor, RADIATOR_C) == pytest.approx(expected)


def test_january_is_cold_and_warmest_in_the_afternoon() -> None:
    """A mid-January day lies between -20 and 6 °C; 15:00 is warmer than 03:00 by some 10 K; nothing rains."""
    weather = Weather(1, "110118001000", ZoneInfo("Asia/Shanghai"))
    skies = [weather.sky(START + hour * 60 * MINUTE) for hour in range(24)]
    hours = [sky.outdoor_c for sky in skies]
    assert -20 < min(hours) < max(hours) < 6
    assert hours[20] - hours[8] > 5
    assert {sky.rain_mm_h for sky in skies} == {0.0}


def test_july_is_hot_and_has_showers() -> None:
    """Some of its days are wet; no shower is beyond what the gauges read."""
    weather = Weather(1, "110118001000", ZoneInfo("Asia/Shanghai"))
    noon = time_ms("2026-07-01T12:00:00+08:00")
    skies = [weather.sky(noon + quarter * 15 * MINUTE) for quarter in range(31 * 96)]
    rains = [sky.rain_mm_h for sky in skies]
    assert 20 < sum(sky.outdoor_c for sky in skies) / len(skies) < 30
    assert 0 < sum(rain > 0 for rain in rains) < len(rains) / 4
    assert max(rains) < 60


def test_demand_peaks_at_breakfast_and_dinner() -> None:
    """A weekday has its peaks near 7 and 19 o'clock and its low before dawn."""
    by_hour = [demand(float(hour), weekend=False) for hour in range(24)]
    assert by_hour.index(max(by_hour)) in (18, 19)
    assert max(range(12), key=by_hour.__getitem__) in (7, 8)
    assert by_hour.index(min(by_hour)) in (0, 1, 2, 3)


def test_the_day_is_that_of_the_citys_zone() -> None:
    """People of another zone get up at another time; where clocks are set, they go by them."""
    at = time_ms("2026-03-29T00:59:00+00:00")
    hours = {zone: TimeOfDay.of(at, ZoneInfo(zone)).hour for zone in ("Asia/Urumqi", "Europe/Berlin")}
    assert hours == {"Asia/Urumqi": pytest.approx(6 + 59 / 60), "Europe/Berlin": pytest.approx(1 + 59 / 60)}
    assert TimeOfDay.of(at + MINUTE, ZoneInfo("Europe/Berlin")).hour == 3.0
