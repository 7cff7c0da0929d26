"""City files: every mistake at once, with its place and what would be right."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.small_city import (
    AT_MS,
    GAS,
    HEAT,
    TYPES,
    band,
    overridden,
    own_point,
    swapped,
    write_city,
)

from services.plans.city.folder import CityError, load_city


def mistakes(folder: Path, changed: dict[str, str], at_ms: int = AT_MS) -> list[str]:
    """The lines that are told about the small city with other texts."""
    with pytest.raises(CityError) as error:
        load_city(write_city(folder, **changed), at_ms=at_ms)
    return [line.removeprefix(f"{folder}/") for line in error.value.lines]


BROKEN = [
    pytest.param(
        swapped(GAS, "limit: 20", "limit: 5"),
        "rules/gas.yaml:13: levels.major.limit: 5 is not above warn (10): levels of a high rule rise",
        id="levels out of order",
    ),
    pytest.param(
        swapped(HEAT, "warn: {limit: 16}", "warn: {limit: 19}"),
        "rules/heating.yaml:14: levels.warn.limit: 19 is not below notice (18): levels of a low rule fall",
        id="levels of a low rule out of order",
    ),
    pytest.param(
        band("warn: {low: 30, high: 10}"),
        "rules/heating.yaml:13: levels.warn.low: low (30) is not below high (10)",
        id="band inside out",
    ),
    pytest.param(
        band("warn: {low: 18, high: 18.5}"),
        "rules/heating.yaml:13: levels.warn: clears only at 18.3 or more and below 18.2, which is never",
        id="band that cannot clear",
    ),
    pytest.param(
        swapped(GAS, "limit: 10", "limit: 2"),
        "rules/gas.yaml:12: levels.warn: clears at -1, which is never: ch4_pct_lel reads 0 to 100",
        id="clear out of range",
    ),
    pytest.param(
        swapped(GAS, "limit: 10", "limit: 0, hysteresis: 0"),
        "rules/gas.yaml:12: levels.warn: 0 is always reached: ch4_pct_lel reads 0 to 100",
        id="limit at the lower end",
    ),
    pytest.param(
        swapped(GAS, "kind: high", "kind: high\n    measure: percent_of_reference"),
        "rules/gas.yaml:6: measure: ch4_pct_lel has no reference to take percentages of",
        id="no reference",
    ),
    pytest.param(
        swapped(GAS, "hysteresis: 3", "hysteresis: 3\n    hysteresis_pct: 10"),
        "rules/gas.yaml:10: hysteresis_pct: hysteresis or hysteresis_pct, not both",
        id="two hystereses",
    ),
    pytest.param(
        swapped(GAS, "off: {s: 600}", "off: {samples: 0}"),
        "rules/gas.yaml:10: off.samples: Input should be greater than or equal to 1, found 0",
        id="no sample",
    ),
    pytest.param(
        swapped(GAS, "points: [ch4_pct_lel]", "points: []"),
        "rules/gas.yaml:6: points: a rule watches points, or every_point, or one builtin point",
        id="watches nothing",
    ),
    pytest.param(
        swapped(GAS, "[ch4_pct_lel]", "[ch4_pct_lel]\n    stations: [gas_chambers]"),
        "rules/gas.yaml:7: stations: unknown station type 'gas_chambers'; there are gas_chamber, heat_homes",
        id="unknown station type",
    ),
    pytest.param(
        swapped(GAS, "[ch4_pct_lel]", "[ch4_pct_lel]\n    stations: [heat_homes]"),
        "rules/gas.yaml:6: points: no selected station has ch4_pct_lel",
        id="selector without the point",
    ),
    pytest.param(
        {"stations/gas.yaml": "stations: []\n"},
        "rules/gas.yaml:6: points: the city has no gas_chamber: the rule watches nothing, leave it out",
        id="selector without stations",
    ),
    pytest.param(
        swapped(GAS, "points: [ch4_pct_lel]", "builtin: clock_errors_s"),
        "rules/gas.yaml:6: builtin: unknown builtin point 'clock_errors_s'; there are clock_error_s, reject",
        id="unknown builtin point",
    ),
    pytest.param(
        swapped(GAS, "points: [ch4_pct_lel]", "builtin: clock_error_s"),
        "rules/gas.yaml:2: id: clock_error_s is watched by the rule any.clock_fault alone",
        id="builtin point of another rule",
    ),
    pytest.param(
        swapped(GAS, "gas.chamber_lel", "any.clock_fault"),
        "rules/gas.yaml:6: points: a builtin point is everywhere: no points, no stations",
        id="builtin rule on a point",
    ),
    pytest.param(
        swapped(HEAT, "after_h: 48", "after_h: 4800"),
        "rules/heating.yaml:11: gate.after_h: never opens: no such phase lasts 4800 h",
        id="gate that never opens",
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
        swapped("calendars.yaml", "end: 2026-03-16}", "end: 2026-02-30}"),
        "calendars.yaml:7: phases.end: Input should be a valid date",
        id="30 February",
    ),
    pytest.param(
        swapped("district.yaml", "Asia/Shanghai", "Asia/Miyun"),
        "district.yaml:3: time_zone: unknown time zone 'Asia/Miyun'; for example Asia/Shanghai",
        id="time zone",
    ),
    pytest.param(
        swapped("district.yaml", "west: 116.6", "west: 118"),
        "district.yaml:4: west: 118 is not below east (117.6)",
        id="district inside out",
    ),
    pytest.param(
        swapped(TYPES, "system: gas", "system: gaz"),
        "station_types.yaml:3: system: unknown system 'gaz'; there are gas, heating",
        id="unknown system",
    ),
    pytest.param(
        swapped("stations/gas.yaml", "town: '110118001000'", "town: '110118002000'"),
        "stations/gas.yaml:4: town: unknown town '110118002000'; there are 110118001000",
        id="unknown town",
    ),
    pytest.param(
        swapped("stations/heating.yaml", "id: heat-1", "id: gas-1"),
        "stations/heating.yaml:2: id: gas-1 stands in stations/gas.yaml already",
        id="duplicate station",
    ),
    pytest.param(
        swapped(TYPES, "code: outlet_pressure_kpa", "code: ch4_pct_lel"),
        "station_types.yaml:4: points: point ch4_pct_lel stands 2 times in gas_chamber",
        id="duplicate point",
    ),
    pytest.param(
        own_point("{every_s: 900}"),
        "stations/gas.yaml:10: points.ch4_pct_lel: gas.chamber_lel: 600 s is shorter than the interval",
        id="own interval longer than a delay",
    ),
    pytest.param(
        own_point("{range: [0, 30]}"),
        "stations/gas.yaml:10: points.ch4_pct_lel: gas.chamber_lel: 50 can never be reached",
        id="own range below a limit",
    ),
    pytest.param(
        own_point("{range: [30, 0]}"),
        "stations/gas.yaml:10: points.ch4_pct_lel.range: range [30.0, 0.0] is empty",
        id="own range empty",
    ),
    pytest.param(
        own_point("{flatline: {least: 0.5, within_s: 120}}"),
        "stations/gas.yaml:10: points.ch4_pct_lel.flatline.within_s: 120 s hold less than three readings",
        id="own flatline shorter than three readings",
    ),
    pytest.param(
        own_point("{flatline: {least: 200, within_s: 3600}}"),
        "stations/gas.yaml:10: points.ch4_pct_lel.flatline.least: it can never move by 200: the range is 100",
        id="own flatline wider than the range",
    ),
    pytest.param(
        own_point("{resolution: 101}"),
        "stations/gas.yaml:10: points.ch4_pct_lel.resolution: a step of 101 is more than the whole range",
        id="own resolution wider than the range",
    ),
    pytest.param(
        swapped(
            TYPES,
            "life_safety: true",
            "life_safety: true\n        mode: on_change\n        flatline: {least: 1, within_s: 3600}",
        ),
        "station_types.yaml:12: points.flatline: ch4_pct_lel: only a value that devices read at intervals",
        id="flatline of a point that reports on change",
    ),
    pytest.param(
        own_point("{every_s: 30}", code="ch4"),
        "stations/gas.yaml:10: points.ch4: unknown point of gas_chamber 'ch4'; there are ch4_pct_lel",
        id="own point unknown",
    ),
    pytest.param(
        overridden("rule: gas.chamber_lel, levels: {warn: {limit: 60}}"),
        "stations/gas.yaml:12: points.ch4_pct_lel.overrides.levels.major.limit: 20 is not above warn (60)",
        id="override out of order with the rule",
    ),
    pytest.param(
        overridden("rule: gas.chamber_lel, levels: {warn: {limit: 17}}")
        | swapped(
            GAS,
            "    source:",
            "    variants: [{life_safety: true, levels: {major: {limit: 15}}}]\n    source:",
        ),
        "stations/gas.yaml:12: points.ch4_pct_lel.overrides.levels.major.limit: 15 is not above warn (17)",
        id="override out of order with the variant",
    ),
    pytest.param(
        overridden("rule: gas.chamber_lel, levels: {critical: {limit: 500}}"),
        "stations/gas.yaml:12: points.ch4_pct_lel.overrides.levels.critical: 500 can never be reached",
        id="override out of range",
    ),
    pytest.param(
        overridden("rule: gas.chamber_lel, levels: {warn: {low: 15}}"),
        "stations/gas.yaml:12: points.ch4_pct_lel.overrides.levels.warn: a level of a high rule has limit",
        id="override of another kind",
    ),
    pytest.param(
        overridden("rule: heat.room_temperature, levels: {warn: {limit: 15}}"),
        "stations/gas.yaml:12: points.ch4_pct_lel.overrides.rule: heat.room_temperature does not watch",
        id="override of a rule that does not watch",
    ),
    pytest.param(
        overridden("rule: gas.chamber_lel, levels: {warn: {limit: 15}}, expires: 2026-01-12"),
        "stations/gas.yaml:12: points.ch4_pct_lel.overrides.expires: expired on 2026-01-12",
        id="override expired",
    ),
    pytest.param(
        {"rules/water.yml": "rules: []\n"},
        "rules/water.yml:1: is not read: name it water.yaml",
        id="other ending",
    ),
    pytest.param(
        {"towns.yaml": "towns:\n  - {[a, b]: x}\n"},
        "towns.yaml:2: not YAML: a key that is neither text nor a whole number",
        id="key that is a list",
    ),
    pytest.param(
        {"towns.yaml": "towns: &towns [*towns]\n"},
        "towns.yaml:1: an alias (*name) stands inside its own anchor (&name)",
        id="endless alias",
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
    assert len(told) == len(set(told))


def test_the_small_city_itself_has_no_mistake(tmp_path: Path) -> None:
    """So that each mistake above comes from its one change."""
    assert load_city(write_city(tmp_path), at_ms=AT_MS).rules


def test_a_file_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    """It is not also said to be missing."""
    assert len(mistakes(tmp_path, swapped("towns.yaml", "towns:", "towns: ["))) == 1


def test_without_an_instant_no_date_is_judged(tmp_path: Path) -> None:
    """Listing rules works whatever the date; the same city fails the lint long after its calendar."""
    folder = write_city(tmp_path)
    assert load_city(folder, at_ms=None).calendars
    with pytest.raises(CityError, match="add the next season"):
        load_city(folder, at_ms=AT_MS + 10 * 365 * 86_400_000)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Two defects in two files are both told, in the order of files and lines."""
    changed = {
        **swapped(GAS, "limit: 20", "limit: 5"),
        **swapped("stations/gas.yaml", "owner: gas-operator", "owner: nobody"),
    }
    told = mistakes(tmp_path, changed)
    assert [text.split(":")[0] for text in told] == ["rules/gas.yaml", "stations/gas.yaml"]


def test_a_rules_mistake_is_not_told_again_at_each_station(tmp_path: Path) -> None:
    """A station with a point of its own answers only for what it adds."""
    changed = {**swapped(GAS, "limit: 20", "limit: 5"), **own_point("{every_s: 30}")}
    assert [text.split(":")[0] for text in mistakes(tmp_path, changed)] == ["rules/gas.yaml"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A city needs all its files."""
    folder = write_city(tmp_path)
    (folder / "towns.yaml").unlink()
    with pytest.raises(CityError, match=r"towns\.yaml:1: the file is missing"):
        load_city(folder, at_ms=AT_MS)


def test_calendars_must_reach_sixty_days_ahead(tmp_path: Path) -> None:
    """Asked about an instant 59 days before the calendar ends, the lint wants the next season."""
    late = round(datetime(2026, 9, 9, tzinfo=UTC).timestamp() * 1000)
    (told,) = mistakes(tmp_path, {}, late)
    assert told.startswith("calendars.yaml:8: phases.end: ends 2026-11-07, less than 60 days ahead")
    assert load_city(write_city(tmp_path), at_ms=late - 2 * 86_400_000)


def test_calendars_must_have_begun(tmp_path: Path) -> None:
    """A season before the first one is unknown, not closed."""
    early = round(datetime(2025, 6, 1, tzinfo=UTC).timestamp() * 1000)
    (told,) = mistakes(tmp_path, {}, early)
    assert told.startswith("calendars.yaml:5: phases.start: begins 2025-07-01, after the instant of use")
