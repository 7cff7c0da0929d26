"""Points and stations that the engine provides itself, beside those of a plan."""

import math
from dataclasses import replace

from schemas.base import Bilingual
from schemas.plan import Point, Rule, Station
from schemas.topics import control_key

CLOCK_RULE = "any.clock_fault"
CLOCK_POINT = "clock_error_s"
REJECT_RULE = "monitor.reject_share"
REJECT_POINT = "reject_share_pct"
STATION_POINT = "station"
"""The point of alerts about a station as a whole."""


def with_clock_point(station: Station, rules: dict[str, Rule]) -> Station:
    """The station with a point for its devices' clocks, if a rule watches them."""
    if CLOCK_RULE not in rules:
        return station
    name = Bilingual(zh="设备时钟偏差", en="device clock error")
    clock = builtin_point(CLOCK_POINT, name, "s", CLOCK_RULE)
    return replace(station, points=(*station.points, clock))


def control_station(partition: int, rules: dict[str, Rule]) -> Station:
    """The station ``_p<n>``, which reports of the partition itself."""
    key = control_key(partition)
    share = builtin_point(
        REJECT_POINT, Bilingual(zh="拒收比例", en="share of rejected records"), "%", REJECT_RULE
    )
    return Station(
        station_id=key,
        kind="control",
        system="monitor",
        town_code="",
        owner_org="centre",
        name=Bilingual(zh=f"事件分区{partition}", en=f"events partition {partition}"),
        lat=None,
        lon=None,
        virtual=True,
        points=(share,) if REJECT_RULE in rules else (),
    )


def builtin_point(code: str, name: Bilingual, unit: str, rule_id: str) -> Point:
    """A point that no device reports, without a range."""
    return Point(
        code=code,
        name=name,
        unit=unit,
        low=-math.inf,
        high=math.inf,
        expected_every_s=0,
        report_mode="periodic",
        life_safety=False,
        reference=None,
        rules=(rule_id,),
    )
