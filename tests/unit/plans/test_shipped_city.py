"""The shipped city's rules are those of the catalogue, its stations those that the networks need."""

from collections import Counter
from pathlib import Path

import pytest

from schemas.base import SEVERITIES
from schemas.headers import time_ms
from schemas.plan import Plan, PublicKey, Rule, plan_bytes
from services.plans.compiler import compile_city
from services.plans.folder import load_city
from services.rules.index import CLOCK_RULE, REJECT_RULE, PlanIndex

CITY = Path(__file__).parents[3] / "deploy" / "miyun"
AT_MS = time_ms("2026-01-13T19:00:00+08:00")

CATALOGUE = {
    "gas.station_lel": ("-", "10", "25", "50", "%LEL LS"),
    "gas.chamber_lel": ("-", "10", "20", "50", "%LEL LS"),
    "gas.lp_outlet_deviation": ("-", "-15|15", "-30|30", "-", "%"),
    "gas.lp_outlet": ("-", "-", "-", "1|3.5", "kPa"),
    "gas.mp_deviation": ("-", "-10|10", "-20|20", "-", "%"),
    "gas.overpressure_margin": ("-", "3.75", "4.05", "4.5", "kPa LS"),
    "gas.cp_potential": ("-1.2|-0.85", "-1.5|-0.75", "-", "-", "V (CSE)"),
    "heat.sec_supply_floor": ("-", "55", "60", "65", "°C"),
    "heat.sec_supply_radiator": ("-", "80", "85", "90", "°C"),
    "heat.pri_supply_pressure": ("-", "90", "100", "110", "%"),
    "heat.pri_return_pressure": ("-", "0.08", "0.05", "0.03", "MPa"),
    "heat.room_temperature": ("18", "16", "-", "-", "°C"),
    "heat.available_dp": ("50", "30", "10", "-", "kPa"),
    CLOCK_RULE: ("-", "60", "-", "-", "s"),
    REJECT_RULE: ("-", "-", "50", "-", "%"),
}
"""Notice, warn, major, critical as in DOMAIN 11 (over-pressure in kPa over 3.0), then the unit."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan of deploy/miyun; compiling it means that the lint finds no mistake."""
    return compile_city(load_city(CITY, at_ms=AT_MS), keys=())


@pytest.fixture(scope="module")
def rules(plan: Plan) -> dict[str, Rule]:
    """Its rules by id."""
    return {rule.rule_id: rule for rule in plan.rules}


def limits_of(rule: Rule) -> tuple[str, ...]:
    """A rule as the catalogue writes it."""
    levels = (
        "|".join(f"{c.limit:g}" for c in rule.comparators if c.severity == severity) or "-"
        for severity in SEVERITIES
    )
    return (*levels, rule.unit + (" LS" if rule.life_safety else ""))


def test_the_rules_are_those_of_the_catalogue(rules: dict[str, Rule]) -> None:
    """Every rule of this part, with its limits; no other."""
    assert {rule_id: limits_of(rule) for rule_id, rule in rules.items()} == CATALOGUE


def test_delays_are_those_of_the_catalogue(rules: dict[str, Rule]) -> None:
    """Danger to life counts from the first good scan; a chamber's major level takes two."""
    on = {(r.rule_id, c.severity): (c.on.ms, c.on.samples) for r in rules.values() for c in r.comparators}
    assert on["gas.chamber_lel", "major"] == (0, 2)
    for rule_id in ("gas.chamber_lel", "gas.station_lel", "gas.overpressure_margin"):
        assert on[rule_id, "critical"] == (0, 1)
    assert on["heat.room_temperature", "notice"] == (7_200_000, 1)
    assert {c.off.ms for c in rules["gas.chamber_lel"].comparators} == {600_000}


def test_life_safety_knows_no_season(rules: dict[str, Rule]) -> None:
    """Only heating rules are gated; the low side of a consumer's gas pressure latches."""
    gated = {rule.rule_id: rule.gate for rule in rules.values() if rule.gate}
    assert gated == {
        "heat.pri_return_pressure": "heating:trial|supply",
        "heat.room_temperature": "heating:supply+48h",
        "heat.available_dp": "heating:supply",
    }
    assert {rule.rule_id: rule.latch for rule in rules.values() if rule.latch != "none"} == {
        "gas.lp_outlet": "below"
    }


def test_an_unverified_limit_names_no_clause(rules: dict[str, Rule]) -> None:
    """What nobody has read in the standard is not shown as if somebody had."""
    unread = [rule.source for rule in rules.values() if rule.source_status == "unverified"]
    assert unread
    assert not [source for source in unread if "条" in source or "clause" in source.lower()]


def test_sixty_stations_in_three_towns(plan: Plan) -> None:
    """By type; each lies within 3 km of its town's other stations and bears an id of its town."""
    assert Counter(station.kind for station in plan.stations) == {
        "gas_gate": 1,
        "gas_regulator": 8,
        "gas_chamber": 22,
        "cp_post": 3,
        "heat_source": 2,
        "heat_exchanger_radiator": 8,
        "heat_exchanger_floor": 4,
        "heat_homes": 12,
    }
    assert {s.town_code for s in plan.stations} == {"110118001000", "110118002000", "110118101000"}
    assert all(s.station_id.split("-")[1] == s.town_code[:9] for s in plan.stations)
    for town in {s.town_code for s in plan.stations}:
        latitudes = [s.lat for s in plan.stations if s.town_code == town and s.lat is not None]
        assert max(latitudes) - min(latitudes) < 0.03
    names = Counter((station.name.zh, station.name.en) for station in plan.stations)
    assert names.most_common(1)[0][1] == 1


def test_every_rule_watches_something(plan: Plan) -> None:
    """The engine finds each rule on a point of some station, the built-in ones included."""
    index = PlanIndex.of(plan, "0" * 64)
    watching = {c.rule.rule_id for station in index.stations.values() for c in station.channels.values()}
    assert watching == set(CATALOGUE)


def test_states_report_on_change(plan: Plan) -> None:
    """Pumps, valves, covers and power are 0 or 1, said when they change, and no rule watches them yet."""
    states = [p for s in plan.stations for p in s.points if p.report_mode == "on_change"]
    assert {p.code for p in states} == {
        "cover",
        "flooded",
        "power",
        "pump_1",
        "pump_2",
        "running",
        "shutoff_valve",
    }
    assert {(p.low, p.high, p.rules) for p in states} == {(0.0, 1.0, ())}


def test_the_same_files_and_keys_give_the_same_bytes() -> None:
    """In whatever order the keys come."""
    keys = [
        PublicKey(key_id=f"k{n}", signer=signer, public_key="00", valid_from=0, valid_until=None)
        for n, signer in enumerate(("publisher", "cli", "simulator"))
    ]
    one = compile_city(load_city(CITY, at_ms=AT_MS), keys=keys)
    other = compile_city(load_city(CITY, at_ms=AT_MS), keys=keys[::-1])
    assert plan_bytes(one) == plan_bytes(other)
