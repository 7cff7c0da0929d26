"""A small plan with stations of every shipped type and the links of a real network, without rules."""

from pathlib import Path
from typing import Any

import yaml

from schemas.base import Bilingual
from schemas.plan import Link, Plan, Point, Ratio, Share, Station

TYPES = Path(__file__).parents[2] / "deploy" / "miyun" / "station_types.yaml"
TOWN = "110118001000"
COUNTS = {"gas_chamber": 4, "heat_exchanger_radiator": 3, "water_end_point": 3, "sewer_manhole": 4}
"""Other types once."""
PREFIXES = {"heating": "heat", "lighting": "light"}


def types() -> dict[str, dict[str, Any]]:
    """The shipped station types by name."""
    loaded = yaml.safe_load(TYPES.read_text("utf-8"))
    return {entry["type"]: entry for entry in loaded["station_types"]}


def small_plan() -> Plan:
    """Stations ``<type>-1`` and so on, each some 110 m east of the one before."""
    stations: list[Station] = []
    for kind, entry in types().items():
        for number in range(1, COUNTS.get(kind, 1) + 1):
            stations.append(_station(entry, number, len(stations)))
    return Plan(
        format=1,
        district_code="110118",
        towns={TOWN: Bilingual(zh="鼓楼街道", en="Gulou")},
        rules=(),
        stations=tuple(stations),
        calendars={},
        keys=(),
        links=_links(),
    )


def _links() -> tuple[Link, ...]:
    exchangers = [f"heat_exchanger_radiator-{n}" for n in (1, 2, 3)]
    feeds = [
        *(("heat_source-1", one) for one in exchangers),
        ("heat_exchanger_radiator-1", "heat_homes-1"),
        ("water_plant-1", "water_zone_meter-1"),
        *(("water_zone_meter-1", f"water_end_point-{n}") for n in (1, 2, 3)),
        ("sewer_manhole-1", "sewer_manhole-2"),
        ("sewer_manhole-2", "sewer_manhole-3"),
        ("sewer_manhole-3", "sewer_manhole-4"),
        ("sewer_manhole-4", "sewer_pump_station-1"),
        ("gas_gate-1", "gas_regulator-1"),
    ]
    beside = [
        ("gas_chamber-1", "gas_chamber-2"),
        ("gas_chamber-2", "gas_chamber-3"),
        ("gas_chamber-3", "gas_chamber-4"),
    ]
    return (
        *(Link(kind="feeds", origin=one, target=other) for one, other in feeds),
        *(Link(kind="beside", origin=one, target=other) for one, other in beside),
    )


def _station(entry: dict[str, Any], number: int, index: int) -> Station:
    station_id = f"{entry['type']}-{number}"
    return Station(
        station_id=station_id,
        kind=entry["type"],
        system=entry["system"],
        town_code=TOWN,
        owner_org="centre",
        name=Bilingual(zh=station_id, en=station_id),
        lat=40.37,
        lon=116.80 + index * 0.0013,
        virtual=False,
        points=tuple(_point(point) for point in entry["points"]),
        traits=("carriageway",) if entry["type"] == "sewer_manhole" and number > 1 else (),
    )


def _point(entry: dict[str, Any]) -> Point:
    low, high = entry["range"]
    return Point(
        code=entry["code"],
        name=Bilingual(zh=entry["name"]["zh"], en=entry["name"]["en"]),
        unit=entry.get("unit", "state"),
        low=float(low),
        high=float(high),
        expected_every_s=entry["every_s"],
        report_mode=entry.get("mode", "periodic"),
        life_safety=entry.get("life_safety", False),
        reference=entry.get("reference"),
        rules=(),
        computed=_computed(entry),
    )


def _computed(entry: dict[str, Any]) -> Ratio | Share | None:
    if "ratio" in entry:
        return Ratio(**entry["ratio"])
    return Share(members=(), state=entry["share"]["state"]) if "share" in entry else None
