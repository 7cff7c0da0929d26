"""Compiling: limits, delays, gates and overrides resolved; the same files, the same plan."""

from datetime import UTC, datetime
from pathlib import Path

from support.small_city import AT_MS, FILES, GAS, HEAT, band, swapped, write_city

from schemas.kinds import Side
from schemas.plan import Plan, plan_bytes
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city


def compiled(folder: Path, **changed: str) -> Plan:
    """The plan of the small city with other texts."""
    return compile_city(load_city(write_city(folder, **changed), at_ms=AT_MS), keys=())


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    """A plan is named by its content."""
    one, other = compiled(tmp_path / "a"), compiled(tmp_path / "b")
    assert plan_bytes(one) == plan_bytes(other)


def test_limits_are_compiled_with_their_hysteresis_and_delays(tmp_path: Path) -> None:
    """Levels become comparators; a level's own delay goes before the rule's."""
    gas, heat = compiled(tmp_path).rules
    assert [(c.severity, c.side, c.limit, c.clear, c.on.samples, c.off.ms) for c in gas.comparators] == [
        ("warn", Side.ABOVE, 10, 7, 1, 600_000),
        ("major", Side.ABOVE, 20, 17, 2, 600_000),
        ("critical", Side.ABOVE, 50, 47, 1, 600_000),
    ]
    assert [(c.limit, c.clear, c.on.ms) for c in heat.comparators] == [
        (18, 18.3, 7_200_000),
        (16, 16.3, 7_200_000),
    ]


def test_hysteresis_may_be_percent_of_each_limit(tmp_path: Path) -> None:
    """A tenth of each limit, towards the safe side; a level's own goes before it."""
    changed = swapped(GAS, "hysteresis: 3", "hysteresis_pct: 10")
    changed[GAS] = changed[GAS].replace("limit: 50", "limit: 50, hysteresis: 2")
    above = compiled(tmp_path / "above", **changed).rules[0].comparators
    below = compiled(tmp_path / "below", **swapped(HEAT, "hysteresis: 0.3", "hysteresis_pct: 5")).rules[1]
    assert [(c.limit, c.clear) for c in above] == [(10, 9), (20, 18), (50, 48)]
    assert [(c.limit, c.clear) for c in below.comparators] == [(18, 18.9), (16, 16.8)]


def test_a_band_has_two_sides(tmp_path: Path) -> None:
    """Below its low and above its high limit; each clears towards the middle."""
    rule = compiled(tmp_path, **band("warn: {low: 16, high: 26}")).rules[1]
    assert [(c.side, c.limit, c.clear) for c in rule.comparators] == [
        (Side.BELOW, 16, 16.3),
        (Side.ABOVE, 26, 25.7),
    ]


def test_a_point_lists_all_rules_that_watch_it(tmp_path: Path) -> None:
    """In the order of their ids, whatever the files' order."""
    another = FILES[GAS].replace("rules:\n", "").replace("gas.chamber_lel", "gas.a_second_rule")
    (first, *_), *_ = (s.points for s in compiled(tmp_path, **{GAS: FILES[GAS] + another}).stations)
    assert first.rules == ("gas.a_second_rule", "gas.chamber_lel")


def test_gates_are_utc_intervals_of_local_dates(tmp_path: Path) -> None:
    """Supply from 48 h after local midnight of 15 November in Beijing."""
    plan = compiled(tmp_path)
    ((start, end),) = plan.calendars["heating:supply+48h"]
    assert datetime.fromtimestamp(start / 1000, UTC) == datetime(2025, 11, 16, 16, tzinfo=UTC)
    assert datetime.fromtimestamp(end / 1000, UTC) == datetime(2026, 3, 15, 16, tzinfo=UTC)


def test_words_do_not_change_a_rules_fingerprint_but_limits_do(tmp_path: Path) -> None:
    """Only what changes behaviour starts a channel afresh."""
    plain = compiled(tmp_path / "a").rules[0].fingerprint
    words = compiled(tmp_path / "b", **swapped(GAS, "疏散并通风", "离开")).rules[0].fingerprint
    limit = compiled(tmp_path / "c", **swapped(GAS, "limit: 20", "limit: 21")).rules[0].fingerprint
    assert plain == words != limit


def test_a_stations_point_may_differ_from_its_type(tmp_path: Path) -> None:
    """Interval, reference and limits of its own, with reason and approver."""
    own = (
        FILES["stations/gas.yaml"]
        + """\
    points:
      ch4_pct_lel:
        every_s: 30
        overrides:
          - rule: gas.chamber_lel
            levels: {warn: {limit: 15}}
            reason: biogas
            approver: li
            expires: 2026-02-28
"""
    )
    point = compiled(tmp_path, **{"stations/gas.yaml": own}).stations[0].points[0]
    (override,) = point.overrides
    assert point.expected_every_s == 30
    assert [(c.severity, c.limit, c.on.samples) for c in override.comparators] == [
        ("warn", 15, 1),
        ("major", 20, 2),
        ("critical", 50, 1),
    ], "levels that are not named stay the rule's"
    assert override.expires is not None
    assert datetime.fromtimestamp(override.expires / 1000, UTC) == datetime(2026, 2, 28, 16, tzinfo=UTC)
