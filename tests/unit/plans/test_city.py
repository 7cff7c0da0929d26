"""City files: every mistake at once, with its place; the same files, the same plan."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.small_city import AT_MS, FILES, write_city

from schemas.plan import Plan, Side, plan_bytes
from services.plans.compiler import compile_city
from services.plans.folder import CityError, load_city

GAS, HEAT, TYPES = "rules/gas.yaml", "rules/heating.yaml", "station_types.yaml"


def compiled(folder: Path, **changed: str) -> Plan:
    """The plan of the small city with other texts."""
    return compile_city(load_city(write_city(folder, **changed), at_ms=AT_MS), keys=())


def mistakes(folder: Path, changed: dict[str, str], at_ms: int = AT_MS) -> list[str]:
    """The lines that are told about the small city with other texts."""
    with pytest.raises(CityError) as error:
        load_city(write_city(folder, **changed), at_ms=at_ms)
    return [line.removeprefix(f"{folder}/") for line in error.value.lines]


def swapped(file: str, old: str, new: str) -> dict[str, str]:
    """One file with a piece of text replaced."""
    assert old in FILES[file]
    return {file: FILES[file].replace(old, new)}


BROKEN = [
    pytest.param(
        swapped(GAS, "limit: 20", "limit: 5"),
        "rules/gas.yaml:13: levels.major.limit: 5 is not above warn (10)",
        id="levels out of order",
    ),
    pytest.param(
        swapped(GAS, "limit: 20", "limit: '20'"),
        'rules/gas.yaml:13: levels.major.limit: Input should be a valid number, found "20"',
        id="number as text",
    ),
    pytest.param(
        swapped(GAS, "limit: 50", "limit: .nan"),
        "rules/gas.yaml:14: levels.critical.limit: Input should be a finite number",
        id="NaN",
    ),
    pytest.param(
        swapped(GAS, "limit: 50", "limit: 500"),
        "rules/gas.yaml:14: levels.critical: 500 can never be reached",
        id="limit out of range",
    ),
    pytest.param(
        swapped(GAS, "hysteresis: 3", "hysterese: 3"),
        "rules/gas.yaml:9: hysterese: Extra inputs are not permitted",
        id="unknown field",
    ),
    pytest.param(
        swapped(GAS, "hysteresis: 3", "hysteresis: -3"),
        "rules/gas.yaml:9: hysteresis: clears at 13 before it raises at 10",
        id="hysteresis on the wrong side",
    ),
    pytest.param(
        swapped(GAS, "[ch4_pct_lel]", "[ch4]"),
        "rules/gas.yaml:6: points: unknown point 'ch4'; there are ch4_pct_lel, outlet_pressure_kpa",
        id="unknown point",
    ),
    pytest.param(
        swapped(GAS, "off: {s: 600}", "off: {s: 30}"),
        "rules/gas.yaml:10: off: 30 s is shorter than the interval of ch4_pct_lel (60 s)",
        id="delay shorter than the interval",
    ),
    pytest.param(
        swapped(GAS, "unit: '%LEL'", "unit: '%VOL'"),
        "rules/gas.yaml:7: unit: in '%VOL', but ch4_pct_lel is in '%LEL'",
        id="unit",
    ),
    pytest.param(
        swapped(
            GAS,
            "    life_safety: true",
            "    life_safety: true\n    gate: {calendar: heating, phases: [supply]}",
        ),
        "rules/gas.yaml:9: gate: a life-safety rule is never gated",
        id="gated life safety",
    ),
    pytest.param(
        swapped(GAS, ", en: methane in a valve pit", ""),
        "rules/gas.yaml:3: title.en: Field required",
        id="missing language",
    ),
    pytest.param(
        swapped(GAS, "limit: 10", "low: 10"),
        "rules/gas.yaml:12: levels.warn: a level of a high rule has limit, not low",
        id="field of another kind",
    ),
    pytest.param(
        swapped(HEAT, "[supply]", "[suply]"),
        "rules/heating.yaml:11: gate.phases: unknown phase 'suply'; there are off, supply, trial",
        id="unknown phase",
    ),
    pytest.param(
        swapped(HEAT, "calendar: heating", "calendar: heat"),
        "rules/heating.yaml:11: gate.calendar: unknown calendar 'heat'",
        id="unknown calendar",
    ),
    pytest.param(
        swapped(HEAT, "heat.room_temperature", "gas.chamber_lel"),
        "rules/heating.yaml:2: id: gas.chamber_lel stands in rules/gas.yaml already",
        id="duplicate id",
    ),
    pytest.param(
        swapped(TYPES, "life_safety: true", "life_safety: false"),
        "rules/gas.yaml:8: life_safety: ch4_pct_lel is not marked life_safety",
        id="point not life safety",
    ),
    pytest.param(
        swapped(TYPES, "range: [0, 100]", "range: [100, 0]"),
        "station_types.yaml:8: points.range: range [100.0, 0.0] is empty",
        id="empty range",
    ),
    pytest.param(
        swapped("stations/gas.yaml", "lon: 116.83", "lon: 16.83"),
        "stations/gas.yaml:7: lat: 40.37, 16.83 lies outside the district",
        id="outside the district",
    ),
    pytest.param(
        swapped("stations/gas.yaml", "owner: gas-operator", "owner: nobody"),
        "stations/gas.yaml:5: owner: unknown owner 'nobody'; there are gas-operator",
        id="unknown owner",
    ),
    pytest.param(
        swapped("calendars.yaml", "end: 2026-03-16}", "end: 2026-03-15}"),
        "calendars.yaml:8: phases.start: off begins 2026-03-16, supply ends 2026-03-15",
        id="phases with a hole",
    ),
    pytest.param(
        swapped("towns.yaml", "towns:", "towns: ["),
        "towns.yaml:2: not YAML",
        id="not YAML",
    ),
    pytest.param(
        swapped("towns.yaml", "code: '110118001000'", "code: '1', code: '2'"),
        "towns.yaml:2: not YAML: 'code' stands twice",
        id="duplicate key",
    ),
    pytest.param(
        {"notes.yaml": "a: 1"},
        "notes.yaml:1: no such file in a city",
        id="foreign file",
    ),
]


@pytest.mark.parametrize(("changed", "line"), BROKEN)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, changed: dict[str, str], line: str) -> None:
    """One defect, one line that begins with file and line and says what is wrong."""
    told = mistakes(tmp_path, changed)
    assert [text for text in told if text.startswith(line)], told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Two defects in two files are both told, in the order of files and lines."""
    changed = {
        **swapped(GAS, "limit: 20", "limit: 5"),
        **swapped("stations/gas.yaml", "type: gas_chamber", "type: x"),
    }
    told = mistakes(tmp_path, changed)
    assert [text.split(":")[0] for text in told] == ["rules/gas.yaml", "stations/gas.yaml"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A city needs all its files."""
    folder = write_city(tmp_path)
    (folder / "towns.yaml").unlink()
    with pytest.raises(CityError, match=r"towns\.yaml:1: the file is missing"):
        load_city(folder, at_ms=AT_MS)


def test_calendars_must_reach_sixty_days_ahead(tmp_path: Path) -> None:
    """Asked about an instant 59 days before the calendar ends, the lint wants the next season."""
    late = round(datetime(2026, 9, 9, tzinfo=UTC).timestamp() * 1000)
    assert "less than 60 days ahead" in mistakes(tmp_path, {}, late)[0]


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
    assert (point.expected_every_s, override.comparators[0].limit) == (30, 15)
    assert override.expires is not None
    assert datetime.fromtimestamp(override.expires / 1000, UTC) == datetime(2026, 2, 28, 16, tzinfo=UTC)
