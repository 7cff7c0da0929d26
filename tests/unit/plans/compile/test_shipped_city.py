"""The shipped city's rules are those of the catalogue: limits, delays, gates, on points that exist."""

from collections.abc import Sequence

import pytest
from support.shipped_city import AT_MS, CITY, shipped_city, shipped_plan

from schemas.base import SEVERITIES
from schemas.city.files import City
from schemas.kinds import RuleKind, Side
from schemas.plan import Comparator, Delay, Plan, PublicKey, Rule, plan_bytes
from services.plans.city.folder import load_city
from services.plans.compile.comparators import comparators, own_levels
from services.plans.compile.compiler import compile_city
from services.rules.arranging import arrange
from services.rules.builtin import CLOCK_RULE, REJECT_RULE

CATALOGUE = {
    "gas.station_lel": ("-", "10", "25", "50", "%LEL LS"),
    "gas.chamber_lel": ("-", "10", "20", "50", "%LEL LS"),
    "gas.chamber_rate": ("-", "-", "2", "10", "%LEL/min LS"),
    "gas.co_room": ("-", "20", "40", "100", "mg/m3 LS"),
    "gas.lp_outlet_deviation": ("-", "-15|15", "-30|30", "-", "%"),
    "gas.lp_outlet": ("-", "-", "-", "1|3.5", "kPa"),
    "gas.mp_deviation": ("-", "-10|10", "-20|20", "-", "%"),
    "gas.overpressure_margin": ("-", "3.75", "4.05", "4.5", "kPa LS"),
    "gas.cp_potential": ("-1.2|-0.85", "-1.5|-0.75", "-", "-", "V (CSE)"),
    "gas.valve_state": ("-", "is 0", "-", "-", ""),
    "heat.sec_supply_floor": ("-", "55", "60", "65", "°C"),
    "heat.sec_supply_radiator": ("-", "80", "85", "90", "°C"),
    "heat.pri_supply_pressure": ("-", "90", "100", "110", "%"),
    "heat.pri_return_pressure": ("-", "0.08", "0.05", "0.03", "MPa"),
    "heat.pri_pressure_drop": ("-", "-", "0.03", "0.1", "MPa/min"),
    "heat.pri_makeup": ("0.5", "1", "2", "4", "%"),
    "heat.sec_makeup": ("1", "2", "4", "-", "%"),
    "heat.room_temperature": ("18", "16", "-", "-", "°C"),
    "heat.available_dp": ("50", "30", "10", "-", "kPa"),
    "heat.station_flooded": ("-", "-", "is 1", "-", ""),
    "heat.power_lost": ("-", "-", "is 0", "-", ""),
    "heat.pump_tripped": ("-", "1", "100", "-", "%"),
    "heat.source_lost": ("-", "-", "-", "is 0", ""),
    "water.end_pressure": ("0.16", "0.14", "0.1", "0.03", "MPa"),
    "water.high_pressure": ("15", "30", "-", "-", "%"),
    "water.pressure_drop": ("-", "30", "60", "-", "kPa/5min"),
    "water.turbidity": ("0.5", "1", "3", "-", "NTU"),
    "water.chlorine": ("-", "0.3|2", "0.1", "-", "mg/L"),
    "water.tank_level": ("-", "0.3|0.98", "0.15", "0.05", "ratio"),
    "sewer.level_ratio": ("0.8", "1", "-", "-", "ratio"),
    "sewer.freeboard": ("-", "1", "0.3", "0.1", "m"),
    "sewer.h2s_room": ("-", "10", "20", "100", "mg/m3 LS"),
    "sewer.h2s_chamber": ("50", "100", "-", "-", "mg/m3"),
    "sewer.o2_room": ("-", "19.5|23.5", "18", "-", "% LS"),
    "sewer.ch4_chamber": ("-", "25", "50", "80", "%LEL LS"),
    "manhole.cover": ("-", "-", "is 1", "-", " LS"),
    "manhole.tilt": ("-", "15", "-", "-", "° LS"),
    "road.ponding": ("-", "15", "27", "40", "cm"),
    "pipe.inspection_class": ("2", "3", "4", "-", "class"),
    "light.cabinet_dark": ("-", "1", "100", "-", "%"),
    "light.voltage": ("198|235.4", "187|253", "-", "-", "V"),
    "light.current_deviation": ("-10|10", "-30|30", "-", "-", "%"),
    "light.leakage_current": ("-", "100", "300", "-", "mA LS"),
    "light.door_open": ("is 1", "is 1", "-", "-", ""),
    "light.daytime_on": ("1", "1", "-", "-", "%"),
    "any.no_data": ("3", "-", "-", "-", "intervals"),
    "any.quality": ("3", "-", "-", "-", "scans"),
    "any.battery": ("20", "-", "-", "-", "%"),
    "any.flatline": ("1", "-", "-", "-", "spans"),
    "any.calibration": ("0", "-", "-", "-", "d"),
    CLOCK_RULE: ("-", "60", "-", "-", "s"),
    REJECT_RULE: ("-", "-", "50", "-", "%"),
}
"""Notice, warn, major, critical as in DOMAIN 11 (over-pressure in kPa over 3.0), then the unit."""

SPECIAL = {
    ("any.no_data", "life_safety"): ("3", "3", "-", "-"),
    ("any.quality", "life_safety"): ("3", "3", "-", "-"),
    ("any.calibration", "life_safety"): ("0", "0", "-", "-"),
    ("any.battery", "gas_chamber sewer_manhole"): ("20", "20", "-", "-"),
    ("manhole.cover", "carriageway"): ("-", "-", "is 1", "is 1"),
    ("pipe.inspection_class", "carriageway"): ("2", "3", "4", "5"),
    ("sewer.freeboard", "sewer_manhole"): ("-", "1", "0.3", "0.1"),
    ("water.chlorine", "village_well"): ("0.08", "0.05|2", "0.02", "-"),
}
"""The same where a point is of a special sort."""

DELAYS = {
    "gas.station_lel": ("2x 2x 1x", "60s"),
    "gas.chamber_lel": ("1x 2x 1x", "600s"),
    "gas.chamber_rate": ("2x", "300s"),
    "gas.co_room": ("60s", "300s"),
    "gas.lp_outlet_deviation": ("30s", "60s"),
    "gas.lp_outlet": ("30s", "60s"),
    "gas.mp_deviation": ("30s", "60s"),
    "gas.overpressure_margin": ("1x", "60s"),
    "gas.cp_potential": ("3600s", "3600s"),
    "gas.valve_state": ("30s", "60s"),
    "heat.sec_supply_floor": ("60s", "300s"),
    "heat.sec_supply_radiator": ("60s", "300s"),
    "heat.pri_supply_pressure": ("15s", "60s"),
    "heat.pri_return_pressure": ("15s", "60s"),
    "heat.pri_pressure_drop": ("30s", "300s"),
    "heat.pri_makeup": ("1800s", "3600s"),
    "heat.sec_makeup": ("1800s", "3600s"),
    "heat.room_temperature": ("7200s", "3600s"),
    "heat.available_dp": ("300s", "600s"),
    "heat.station_flooded": ("10s", "60s"),
    "heat.power_lost": ("10s", "60s"),
    "heat.pump_tripped": ("30s", "60s"),
    "heat.source_lost": ("60s", "300s"),
    "water.end_pressure": ("300s", "600s"),
    "water.high_pressure": ("300s", "600s"),
    "water.pressure_drop": ("2x", "900s"),
    "water.turbidity": ("600s", "1200s"),
    "water.chlorine": ("3x", "5x"),
    "water.tank_level": ("300s", "900s"),
    "sewer.level_ratio": ("300s 1800s", "900s"),
    "sewer.freeboard": ("3x", "900s"),
    "sewer.h2s_room": ("60s", "600s"),
    "sewer.h2s_chamber": ("2x", "1800s"),
    "sewer.o2_room": ("60s", "300s"),
    "sewer.ch4_chamber": ("2x 2x 1x", "1200s"),
    "manhole.cover": ("30s", "60s"),
    "manhole.tilt": ("30s", "60s"),
    "road.ponding": ("120s", "600s"),
    "pipe.inspection_class": ("1x", "1x"),
    "light.cabinet_dark": ("600s", "600s"),
    "light.voltage": ("2x", "300s"),
    "light.current_deviation": ("600s", "600s"),
    "light.leakage_current": ("5s", "60s"),
    "light.door_open": ("300s 7200s", "60s"),
    "light.daytime_on": ("900s 3600s", "1x"),
    "any.no_data": ("1x", "1x"),
    "any.quality": ("1x", "1x"),
    "any.battery": ("2x", "2x"),
    "any.flatline": ("1x", "1x"),
    "any.calibration": ("1x", "1x"),
    CLOCK_RULE: ("1x", "1x"),
    REJECT_RULE: ("1x", "1x"),
}
"""On and off, level by level where they differ. Good scans (2x) where DOMAIN's time is under an interval."""

GATES = {
    "heat.pri_return_pressure": "heating:trial|supply",
    "heat.pri_makeup": "heating:supply",
    "heat.sec_makeup": "heating:supply",
    "heat.room_temperature": "heating:supply+48h",
    "heat.available_dp": "heating:supply",
    "heat.pump_tripped": "heating:supply",
    "heat.source_lost": "heating:supply",
    "light.cabinet_dark": "lamps:evening|late|morning",
    "light.current_deviation": "lamps:evening|late|morning",
    "light.daytime_on": "lamps:day",
}


@pytest.fixture(scope="module")
def city() -> City:
    """deploy/miyun; that it is read means that the lint finds no mistake."""
    return shipped_city()


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Its plan."""
    return shipped_plan()


@pytest.fixture(scope="module")
def rules(plan: Plan) -> dict[str, Rule]:
    """Its rules by id."""
    return {rule.rule_id: rule for rule in plan.rules}


def limits(comparators: Sequence[Comparator], *, states: bool) -> tuple[str, ...]:
    """Levels as the catalogue writes them: the limit, low and high, or the state."""
    return tuple(
        "|".join(_limit(c, states=states) for c in comparators if c.severity == severity) or "-"
        for severity in SEVERITIES
    )


def _limit(comparator: Comparator, *, states: bool) -> str:
    return f"is {int(comparator.side is Side.ABOVE)}" if states else f"{comparator.limit:g}"


def delays(found: Sequence[Delay]) -> str:
    """In seconds, or in good scans; once if all levels are alike."""
    texts = [f"{delay.ms // 1000}s" if delay.ms else f"{delay.samples}x" for delay in found]
    return texts[0] if len(set(texts)) == 1 else " ".join(texts)


def test_the_rules_are_those_of_the_catalogue(rules: dict[str, Rule]) -> None:
    """Every rule with its limits, and no other."""
    found = {
        id_: (
            *limits(rule.comparators, states=rule.kind is RuleKind.STATE),
            rule.unit + (" LS" if rule.life_safety else ""),
        )
        for id_, rule in rules.items()
    }
    assert found == CATALOGUE


def test_special_points_have_the_limits_of_the_catalogue(city: City) -> None:
    """Levels that are more, or other, where something else stands at stake."""
    found = {}
    for placed in city.rules:
        rule = placed.item
        for variant in rule.variants:
            where = ["life_safety"] * bool(variant.life_safety) + variant.traits + variant.stations
            levels = comparators(rule, own_levels(rule.levels, variant.levels))
            found[rule.id, " ".join(where)] = limits(levels, states=rule.kind is RuleKind.STATE)
    assert found == SPECIAL


def test_delays_are_those_of_the_catalogue(rules: dict[str, Rule]) -> None:
    """Danger to life counts from the first good scan where the catalogue says so."""
    found = {
        id_: (delays([c.on for c in rule.comparators]), delays([c.off for c in rule.comparators]))
        for id_, rule in rules.items()
    }
    assert found == DELAYS


def test_life_safety_knows_no_season(rules: dict[str, Rule]) -> None:
    """What is gated is no danger to life; the low side of a consumer's gas pressure latches."""
    assert {id_: rule.gate for id_, rule in rules.items() if rule.gate} == GATES
    assert not [id_ for id_ in GATES if rules[id_].life_safety]
    assert {id_: rule.latch for id_, rule in rules.items() if rule.latch != "none"} == {
        "gas.lp_outlet": "below"
    }


def test_each_rule_says_in_both_languages_what_to_do(rules: dict[str, Rule]) -> None:
    """A title that fits a line, and a guidance of its own."""
    assert all(len(rule.title.zh) <= 20 and len(rule.title.en) <= 60 for rule in rules.values())
    assert all(len(rule.guidance.zh) >= 15 and len(rule.guidance.en) >= 30 for rule in rules.values())
    assert len({rule.guidance.zh for rule in rules.values()}) == len(rules)


def test_an_unverified_limit_names_no_clause(rules: dict[str, Rule]) -> None:
    """What nobody has read in the standard is not shown as if somebody had."""
    unread = [rule.source for rule in rules.values() if rule.source_status == "unverified"]
    assert unread
    assert not [source for source in unread if "条" in source or "clause" in source.lower()]


def test_every_rule_watches_something(plan: Plan) -> None:
    """The engine finds each rule on a point of some station, the built-in ones included."""
    index = arrange(plan, "0" * 64)
    watching = {c.rule.rule_id for station in index.stations.values() for c in station.channels.values()}
    assert watching == set(CATALOGUE)


def test_a_state_is_judged_where_a_rule_says_so(plan: Plan) -> None:
    """Only points that have words for their states, and say them when they change."""
    states = {rule.rule_id for rule in plan.rules if rule.kind is RuleKind.STATE}
    judged = [p for s in plan.stations for p in s.points if states & set(p.rules)]
    assert judged
    assert all(point.states and point.report_mode == "on_change" for point in judged)


def test_the_same_files_and_keys_give_the_same_bytes(city: City) -> None:
    """In whatever order the keys come, and however often the files are read."""
    keys = [
        PublicKey(key_id=f"k{n}", signer=signer, public_key="00", valid_from=0, valid_until=None)
        for n, signer in enumerate(("publisher", "cli", "simulator"))
    ]
    one = compile_city(city, keys=keys)
    other = compile_city(load_city(CITY, at_ms=AT_MS), keys=keys[::-1])
    assert plan_bytes(one) == plan_bytes(other)
