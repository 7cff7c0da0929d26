"""Compiling rules of every kind, computed points, schedules, variants and what a station has of its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.lamp_city import lamps_swapped, rule_swapped, write_lamp_city
from support.small_city import AT_MS

from schemas.kinds import Measure, Side
from schemas.plan import PLAN, Member, Plan, Point, Rate, Ratio, Rule, Scheduled, Share, plan_bytes
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city
from services.rules.arranging import arrange


def compiled(folder: Path, **changed: str) -> Plan:
    """The plan of the lamp city with other texts."""
    return compile_city(load_city(write_lamp_city(folder, **changed), at_ms=AT_MS), keys=())


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The plan of the lamp city."""
    return compiled(tmp_path / "plain")


def rule(plan: Plan, rule_id: str) -> Rule:
    """A rule of a plan."""
    return next(one for one in plan.rules if one.rule_id == rule_id)


def point(plan: Plan, code: str, station: str = "light-1") -> Point:
    """A point of a plan's station."""
    (found,) = (s for s in plan.stations if s.station_id == station)
    return next(one for one in found.points if one.code == code)


def test_a_plan_reads_back_as_it_was_written(plan: Plan) -> None:
    """Every new field survives the serialisation, and the engine can judge by it."""
    read = PLAN.validate_json(plan_bytes(plan))
    assert read == plan
    assert arrange(read, "0" * 64).stations["light-1"].channels


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    """Also with the sun, links and every kind of rule in them."""
    one, other = compiled(tmp_path / "a"), compiled(tmp_path / "b")
    assert plan_bytes(one) == plan_bytes(other)


@pytest.mark.parametrize(
    ("rule_id", "measure"),
    [
        ("gas.chamber_lel", Measure.VALUE),
        ("light.door", Measure.VALUE),
        ("light.current", Measure.PERCENT_FROM_SCHEDULE),
        ("light.surge", Measure.RATE),
        ("any.no_data", Measure.INTERVALS_MISSED),
        ("any.quality", Measure.BAD_SCANS),
        ("any.calibration", Measure.DAYS_PAST_CALIBRATION),
        ("mast.class", Measure.GRADE),
    ],
)
def test_a_kind_says_what_is_compared(plan: Plan, rule_id: str, measure: Measure) -> None:
    """Unless the file does."""
    assert rule(plan, rule_id).measure is measure


@pytest.mark.parametrize(
    ("rule_id", "side", "limit"), [("light.door", Side.ABOVE, 1.5), ("light.circuit", Side.BELOW, 0.5)]
)
def test_a_state_is_a_limit_half_way_to_the_next(plan: Plan, rule_id: str, side: Side, limit: float) -> None:
    """The last state is above, state 0 below; leaving it clears."""
    (comparator,) = rule(plan, rule_id).comparators
    assert (comparator.side, comparator.limit, comparator.clear) == (side, limit, limit)


def test_a_rate_is_in_ms(plan: Plan) -> None:
    """Window and time unit; limits are positive and above, whatever the direction."""
    surge = rule(plan, "light.surge")
    assert surge.rate == Rate(direction="drop", window_ms=120_000, per_ms=60_000, factor=1000.0)
    assert [(c.side, c.limit) for c in surge.comparators] == [(Side.ABOVE, 500)]


def test_a_mean_is_in_ms(plan: Plan) -> None:
    """One hour."""
    assert rule(plan, "light.lost").mean_ms == 3_600_000
    assert rule(plan, "light.dark").mean_ms is None


def test_worst_defects_are_sorted(plan: Plan) -> None:
    """Their order in the file says nothing."""
    assert rule(plan, "mast.class").worst_defects == ("BX", "PL")


@pytest.mark.parametrize(
    ("rule_id", "old", "new"),
    [
        ("light.surge", "direction: drop", "direction: rise"),
        ("light.surge", "window_s: 120", "window_s: 180"),
        ("light.lost", "mean_s: 3600", "mean_s: 1800"),
        ("mast.class", "[PL, BX]", "[PL]"),
        ("light.current", "percent_from_schedule", "percent_from_reference"),
    ],
)
def test_what_a_rule_measures_is_in_its_fingerprint(
    tmp_path: Path, plan: Plan, rule_id: str, old: str, new: str
) -> None:
    """A channel starts afresh when it looks at something else."""
    other = compiled(tmp_path / "other", **rule_swapped(rule_id, old, new))
    assert rule(other, rule_id).fingerprint != rule(plan, rule_id).fingerprint


def test_every_point_that_devices_report_is_watched(plan: Plan) -> None:
    """Not those that the engine computes or people inspect."""
    watched = {p.code for s in plan.stations for p in s.points if "any.no_data" in p.rules}
    assert watched == {
        "ch4_pct_lel",
        "outlet_pressure_kpa",
        "room_01_c",
        "current_a",
        "circuit_1",
        "circuit_2",
        "lost_kw",
        "power_kw",
        "door",
    }


def test_calibration_is_asked_about_where_it_is_due(plan: Plan) -> None:
    """At the one instrument with a date, from the day after it."""
    asked = [(s.station_id, p.code) for s in plan.stations for p in s.points if "any.calibration" in p.rules]
    assert asked == [("light-1", "lost_kw")]
    due = point(plan, "lost_kw").calibration_due
    assert due is not None
    assert datetime.fromtimestamp(due / 1000, UTC) == datetime(2026, 1, 31, 16, tzinfo=UTC)


def test_a_variant_holds_where_its_trait_is(plan: Plan) -> None:
    """It adds a level; those that it does not name stay the rule's."""
    (special,) = (v for v in point(plan, "door").variants if v.rule_id == "light.door")
    assert [(c.severity, c.limit, c.on.ms) for c in special.comparators] == [
        ("warn", 1.5, 30_000),
        ("critical", 1.5, 0),
    ]
    assert "light.door" not in {v.rule_id for v in point(plan, "door", "light-2").variants}


def test_a_variant_may_ask_for_life_safety(plan: Plan) -> None:
    """Of the point, not of the station."""
    special = {
        p.code for s in plan.stations for p in s.points for v in p.variants if v.rule_id == "any.no_data"
    }
    assert special == {"ch4_pct_lel", "door"}


def test_a_variant_may_ask_for_a_station_type(tmp_path: Path) -> None:
    """Of whatever points the rule watches there."""
    plan = compiled(
        tmp_path, **rule_swapped("any.no_data", "{life_safety: true,", "{stations: [gas_chamber],")
    )
    special = {p.code for s in plan.stations for p in s.points if p.variants}
    assert special == {"ch4_pct_lel", "outlet_pressure_kpa", "door"}, "the door by its carriageway"


def test_the_first_variant_that_fits_is_taken(tmp_path: Path) -> None:
    """A protection zone is a trait; types, traits and life safety must all fit."""
    old = "- {traits: [carriageway], levels: {critical: {state: 2}}}"
    new = """\
- {stations: [light_cabinet], traits: [protection_zone, carriageway], life_safety: true,
         levels: {warn: {on: {s: 2}}}}
      - {stations: [light_cabinet], levels: {warn: {on: {s: 3}}}}"""
    plan = compiled(tmp_path, **rule_swapped("light.door", old, new))
    (one,), (other,) = (
        [v.comparators[0].on.ms for v in point(plan, "door", station).variants if v.rule_id == "light.door"]
        for station in ("light-1", "light-2")
    )
    assert (one, other) == (2_000, 3_000)


def test_a_points_own_limits_go_on_top_of_its_variant(plan: Plan) -> None:
    """The override changes a delay of ``warn``; the variant's ``critical`` stays."""
    (own,) = point(plan, "door").overrides
    assert [(c.severity, c.on.ms) for c in own.comparators] == [("warn", 7_200_000), ("critical", 0)]


def test_computed_points_name_their_parts(plan: Plan) -> None:
    """A ratio its two, a share its members with the times at which they are expected."""
    assert point(plan, "lost_pct").computed == Ratio(part="lost_kw", whole="power_kw")
    assert point(plan, "dark_pct").computed == Share(
        members=(Member(point="circuit_1"), Member(point="circuit_2", expected="lamps:evening")), state=0
    )
    assert point(plan, "door").computed is None


def test_a_schedule_names_its_gates(plan: Plan) -> None:
    """Full and half current."""
    assert point(plan, "current_a").schedule == (
        Scheduled(gate="lamps:evening|morning", share=1.0),
        Scheduled(gate="lamps:late", share=0.5),
    )


def test_all_gates_are_in_the_plan(plan: Plan) -> None:
    """Those of rules, of schedules and of shares."""
    assert set(plan.calendars) == {
        "heating:supply+48h",
        "lamps:evening",
        "lamps:evening|morning",
        "lamps:late",
    }


def test_states_have_words(plan: Plan) -> None:
    """By their number."""
    assert {state: words.en for state, words in point(plan, "door").states.items()} == {
        0: "closed",
        1: "ajar",
        2: "open",
    }


def test_a_station_keeps_what_dispatchers_ask_for(plan: Plan) -> None:
    """Address, phone, traits, road, people."""
    (station,) = (s for s in plan.stations if s.station_id == "light-1")
    assert station.address is not None
    assert station.address.en == "1 Gulou Street"
    assert (station.duty_phone, station.protection_zone, station.traits) == (
        "010 1234",
        True,
        ("carriageway",),
    )
    assert (station.road, station.serves_people, station.serves_m2) == ("gulou-street", 40, None)


def test_links_valves_and_key_users_are_sorted(tmp_path: Path) -> None:
    """One link a target; the order in the files says nothing."""
    place = "town: '110118001000', name: {zh: 甲, en: a}, lat: 40.37, lon: 116.83"
    plan = compiled(
        tmp_path,
        **{
            "links.yaml": "links:\n"
            "  - {kind: feeds, from: light-1, to: [school-1, light-2, hospital-1], valve: switch-1}\n"
            "  - {kind: beside, from: gas-1, to: [heat-1]}\n",
            "valves.yaml": f"valves:\n  - {{id: switch-1, kind: switch, system: lighting, {place}}}\n",
            "key_users.yaml": "key_users:\n"
            f"  - {{id: school-1, kind: school, {place}}}\n"
            f"  - {{id: hospital-1, kind: hospital, {place}}}\n",
        },
    )
    assert [(link.kind, link.origin, link.target, link.valve) for link in plan.links] == [
        ("beside", "gas-1", "heat-1", None),
        ("feeds", "light-1", "hospital-1", "switch-1"),
        ("feeds", "light-1", "light-2", "switch-1"),
        ("feeds", "light-1", "school-1", "switch-1"),
    ]
    assert [valve.valve_id for valve in plan.valves] == ["switch-1"]
    assert [user.user_id for user in plan.key_users] == ["hospital-1", "school-1"]


def test_histories_are_no_part_of_a_city(tmp_path: Path) -> None:
    """A folder beside it; the plan does not change."""
    plain = compiled(tmp_path / "a")
    tried = compiled(tmp_path / "b", **{"histories/gas.yaml": "histories: []\n"})
    assert plan_bytes(plain) == plan_bytes(tried)


def test_another_season_changes_no_fingerprint(tmp_path: Path, plan: Plan) -> None:
    """Rules are the same when a calendar is made longer."""
    changed = lamps_swapped("calendars.yaml", "last: 2026-07-31", "last: 2026-08-31")
    longer = compiled(tmp_path / "b", **changed)
    assert [r.fingerprint for r in longer.rules] == [r.fingerprint for r in plan.rules]
