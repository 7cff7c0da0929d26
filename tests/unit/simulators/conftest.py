"""A small plan with one station of each kind that the network modules know."""

import pytest

from schemas.base import Bilingual, ReportMode
from schemas.headers import time_ms
from schemas.plan import Plan, Point, Station

Row = tuple[str, str, float, float, int, ReportMode]
STATIONS: dict[tuple[str, str, str], list[Row]] = {
    ("gas-0001", "gas_regulator", "gas"): [
        ("inlet_pressure_mpa", "MPa", 0, 0.6, 15, "periodic"),
        ("outlet_pressure_kpa", "kPa", 0, 10, 15, "periodic"),
        ("station_ch4_pct_lel", "%LEL", 0, 100, 15, "periodic"),
        ("flow_m3h", "m3/h", 0, 2000, 60, "periodic"),
        ("temperature_c", "degC", -40, 80, 300, "periodic"),
        ("shutoff_valve", "state", 0, 1, 0, "on_change"),
        ("power", "state", 0, 1, 0, "on_change"),
    ],
    ("gas-0002", "gas_chamber", "gas"): [
        ("ch4_pct_lel", "%LEL", 0, 100, 900, "burst"),
        ("ethane_ppm", "ppm", 0, 500, 900, "burst"),
        ("water_level_m", "m", 0, 5, 900, "periodic"),
        ("cover", "state", 0, 1, 0, "on_change"),
        ("battery_pct", "%", 0, 100, 3600, "periodic"),
    ],
    ("gas-0003", "cp_post", "gas"): [("potential_v_cse", "V", -3, 0, 3600, "periodic")],
    ("heat-0001", "heat_source", "heating"): [
        ("supply_temperature_c", "degC", 0, 150, 60, "periodic"),
        ("return_temperature_c", "degC", 0, 150, 60, "periodic"),
        ("supply_pressure_mpa", "MPa", 0, 2.5, 15, "periodic"),
        ("return_pressure_mpa", "MPa", 0, 1.6, 15, "periodic"),
        ("flow_t_h", "t/h", 0, 3000, 60, "periodic"),
        ("makeup_t_h", "t/h", 0, 100, 60, "periodic"),
        ("running", "state", 0, 1, 0, "on_change"),
    ],
    ("heat-0002", "heat_homes", "heating"): [
        ("room_01_c", "degC", -10, 50, 900, "periodic"),
        ("room_02_c", "degC", -10, 50, 900, "periodic"),
    ],
}
SUPPLY = (time_ms("2025-11-07T00:00:00+08:00"), time_ms("2026-03-15T00:00:00+08:00"))


def _point(row: Row) -> Point:
    code, unit, low, high, every_s, mode = row
    return Point(
        code=code,
        name=Bilingual(zh=code, en=code),
        unit=unit,
        low=float(low),
        high=float(high),
        expected_every_s=every_s,
        report_mode=mode,
        life_safety=False,
        reference=None,
        rules=(),
    )


@pytest.fixture
def plan() -> Plan:
    """The plan of five stations, without rules."""
    stations = tuple(
        Station(
            station_id=station_id,
            kind=kind,
            system=system,
            town_code="110118001000",
            owner_org="centre",
            name=Bilingual(zh=station_id, en=station_id),
            lat=40.37,
            lon=116.83 + index / 1000,
            virtual=False,
            points=tuple(_point(row) for row in rows),
        )
        for index, ((station_id, kind, system), rows) in enumerate(STATIONS.items())
    )
    return Plan(
        format=1,
        district_code="110118",
        towns={"110118001000": Bilingual(zh="鼓楼街道", en="Gulou")},
        rules=(),
        stations=stations,
        calendars={"heating:trial|supply": (SUPPLY,)},
        keys=(),
    )
