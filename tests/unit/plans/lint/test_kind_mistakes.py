"""Mistakes about kinds of rules, variants, computed points, schedules and daily calendars."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.lamp_city import (
    CALENDARS,
    LAMP_RULES,
    LAMP_TYPES,
    LAMPS,
    lamps_swapped,
    rule_swapped,
    write_lamp_city,
)
from support.small_city import AT_MS

from services.plans.city.folder import CityError, load_city


def mistakes(folder: Path, changed: dict[str, str], at_ms: int = AT_MS) -> list[str]:
    """What is told about the lamp city with other texts, without the numbers of lines."""
    with pytest.raises(CityError) as error:
        load_city(write_lamp_city(folder, **changed), at_ms=at_ms)
    told = [line.removeprefix(f"{folder}/").split(":", 2) for line in error.value.lines]
    return [f"{file}:{text}" for file, _, text in told]


def rule(rule_id: str, old: str, new: str, says: str, *, id: str) -> object:
    """A defect in one rule and what is told about it."""
    return pytest.param(rule_swapped(rule_id, old, new), f"{LAMP_RULES}: {says}", id=id)


def swap(file: str, old: str, new: str, says: str, *, id: str) -> object:
    """A defect in another file."""
    return pytest.param(lamps_swapped(file, old, new), f"{file}: {says}", id=id)


KINDS = [
    rule(
        "light.surge",
        "rate: {direction: drop, window_s: 120, per_s: 60, factor: 1000}\n    ",
        "",
        "kind: a rate rule says in rate: direction, window_s and per_s",
        id="rate without its fields",
    ),
    rule(
        "light.dark",
        "unit: '%'",
        "unit: '%'\n    rate: {direction: drop, window_s: 3600, per_s: 60}",
        "rate: a high rule has no rate: leave it out, or kind: rate",
        id="rate of another kind",
    ),
    rule(
        "light.surge",
        "window_s: 120",
        "window_s: 30",
        "rate.window_s: 30 s hold no two scans of power_kw, which come every 60 s: at least 60",
        id="window too short",
    ),
    rule(
        "light.surge",
        "[power_kw]",
        "[door]",
        "rate: door is on_change: only what is read at intervals has a rate",
        id="rate of a state",
    ),
    rule(
        "light.surge",
        "limit: 500",
        "limit: -500",
        "levels.warn.limit: -500 is no speed in the rule's direction: more than 0",
        id="rate below zero",
    ),
    rule(
        "light.surge",
        "kind: rate",
        "kind: rate\n    measure: value",
        "measure: a rate rule compares rate, not value",
        id="measure of another kind",
    ),
    rule(
        "light.lost",
        "mean_s: 3600",
        "mean_s: 90",
        "mean_s: 90 s hold one scan of lost_pct, which come every 60 s: at least 120",
        id="mean of one scan",
    ),
    rule(
        "light.door",
        "kind: state",
        "kind: state\n    mean_s: 3600",
        "mean_s: a state rule judges no mean: only high, low, band rules do",
        id="mean of a state",
    ),
    rule(
        "light.dark",
        "unit: '%'",
        "unit: '%'\n    mean_s: 7200",
        "mean_s: dark_pct is on_change: only what is read at intervals has a mean",
        id="mean of what reports on change",
    ),
    rule(
        "light.current",
        "unit: '%'",
        "unit: '%'\n    mean_s: 3600",
        "mean_s: a mean is not taken across phases of a schedule",
        id="mean against a schedule",
    ),
    rule(
        "light.dark",
        "kind: high",
        "kind: high\n    worst_defects: [PL]",
        "worst_defects: a high rule knows no defects: only grade rules do",
        id="defects of another kind",
    ),
    rule(
        "light.door",
        "state: 2, on",
        "state: 1, on",
        "levels.warn.state: 1 is no end of the range of door: 0 or 2",
        id="state in the middle",
    ),
    rule(
        "light.door",
        "state: 2, on",
        "limit: 2, on",
        "levels.warn: a level of a state rule has state, not limit",
        id="state rule with a limit",
    ),
    rule(
        "light.dark",
        "{limit: 30}",
        "{state: 1}",
        "levels.warn: a level of a high rule has limit, not state",
        id="high rule with a state",
    ),
    rule(
        "light.circuit",
        "[circuit_1]",
        "[lost_kw]",
        "points: lost_kw has no states: give it words for them, or kind: high or low",
        id="state rule on a quantity",
    ),
    rule(
        "light.circuit",
        "unit: ''",
        "unit: ''\n    hysteresis: 0.2",
        "hysteresis: a state is left or not: no hysteresis",
        id="hysteresis of a state",
    ),
    rule(
        "light.circuit",
        "{notice: {state: 0}}",
        "{notice: {state: 0}, warn: {state: 0}}",
        "levels.warn: comes no later than notice, of the same state: a longer on, or one level",
        id="two levels of one state at once",
    ),
    rule(
        "light.dark",
        "points: [dark_pct]",
        "every_point: true",
        "every_point: a high rule names its points: only no_data, flatline, quality rules watch every one",
        id="every point of another kind",
    ),
    rule(
        "any.quality",
        "every_point: true",
        "every_point: true\n    points: [door]",
        "points: every_point or points, not both",
        id="every point and some",
    ),
    rule(
        "any.quality",
        "every_point: true",
        "points: [dark_pct]",
        "points: dark_pct is computed: no device reports it, so none can fail to",
        id="quality of a computed point",
    ),
    rule(
        "any.no_data",
        "every_point: true",
        "points: [mast_class, door, current_a]",
        "points: mast_class is inspected: no device reports it, so none can fail to",
        id="silence of an inspected point",
    ),
    rule(
        "any.no_data",
        "{notice: {limit: 3}}",
        "{notice: {limit: 0.5}}",
        "levels.notice.limit: 0.5: the limit of a no_data rule counts whole intervals: 1 or more",
        id="half an interval",
    ),
    rule(
        "any.quality",
        "limit: 5",
        "limit: 0",
        "levels.notice.limit: 0: the limit of a quality rule counts scans: 1 or more",
        id="no bad scan",
    ),
    rule(
        "any.calibration",
        "{limit: 0}",
        "{limit: -7}",
        "levels.notice.limit: -7: the limit of a quality rule counts days from the due date on: 0 or more",
        id="calibration before it is due",
    ),
    rule(
        "any.quality",
        "kind: quality",
        "kind: no_data",
        "kind: any.no_data asks for intervals_missed of the same points: one rule alone",
        id="two rules of silence",
    ),
    rule(
        "mast.class",
        "{limit: 5}",
        "{limit: 6}",
        "levels.critical.limit: 6: the limit of a grade rule is a class: 1 to 4, or 5",
        id="class out of range",
    ),
    rule(
        "mast.class",
        "{limit: 3}",
        "{limit: 2.5}",
        "levels.warn.limit: 2.5: the limit of a grade rule is a class",
        id="half a class",
    ),
    rule(
        "mast.class",
        "[mast_class]",
        "[lost_kw]",
        "points: lost_kw is periodic: only points of mode inspected are graded",
        id="grade of a reading",
    ),
    pytest.param(
        lamps_swapped(
            LAMP_TYPES,
            "        schedule:\n          - {calendar: lamps, phases: [evening, morning], share: 1.0}\n"
            "          - {calendar: lamps, phases: [late], share: 0.5}\n",
            "",
        ),
        f"{LAMP_RULES}: measure: current_a has no schedule: give it one, or percent_from_reference",
        id="no schedule",
    ),
    rule(
        "light.current",
        "[current_a]",
        "[lost_kw]",
        "measure: lost_kw has no reference to take percentages of",
        id="no reference",
    ),
]

KINDS += [
    rule(
        "light.door",
        "state: 2, on: {s: 30}",
        "state: 2, hysteresis: 0.2",
        "levels.warn.hysteresis: a state is left or not: no hysteresis",
        id="hysteresis of a level of a state",
    ),
    rule(
        "light.circuit",
        "points: [circuit_1]",
        "builtin: clock_error_s\n    variants:\n      - {life_safety: true, levels: {warn: {state: 1}}}",
        "variants: clock_error_s is the same everywhere: no variants",
        id="variant of a built-in point",
    ),
]

VARIANTS = [
    rule(
        "light.door",
        "traits: [carriageway]",
        "stations: [cabinet]",
        "variants.stations: unknown station type 'cabinet'; there are gas_chamber, heat_homes, light_cabinet",
        id="variant of an unknown type",
    ),
    rule(
        "light.door",
        "traits: [carriageway]",
        "traits: [roadway]",
        "variants: fits no point that the rule watches, or only such as a variant above it takes",
        id="variant of a trait that nothing has",
    ),
    rule(
        "light.door",
        "traits: [carriageway]",
        "life_safety: false",
        "variants: fits no point that the rule watches",
        id="variant of points that the rule does not watch",
    ),
    rule(
        "light.door",
        "    variants:\n",
        "    variants:\n      - {life_safety: true, levels: {warn: {on: {s: 60}}}}\n",
        "variants: fits no point that the rule watches, or only such as a variant above it takes",
        id="variant behind another",
    ),
    rule(
        "light.door",
        "traits: [carriageway], ",
        "",
        "variants: says nowhere where it holds: stations, traits or life_safety",
        id="variant without a condition",
    ),
    rule(
        "light.door",
        "critical: {state: 2}",
        "critical: {state: 1}",
        "variants.levels.critical.state: 1 is no end of the range of door: 0 or 2",
        id="variant with a limit that the point cannot reach",
    ),
    rule(
        "any.no_data",
        "{warn: {limit: 3}}",
        "{warn: {limit: 2}}",
        "variants.levels.warn.limit: 2 is not above notice (3): levels of a no_data rule rise",
        id="variant out of order with the rule",
    ),
]

TYPES = [
    swap(
        LAMP_TYPES,
        "whole: power_kw",
        "whole: power",
        "points.ratio.whole: unknown point 'power'; there are",
        id="ratio of an unknown point",
    ),
    swap(
        LAMP_TYPES,
        "{part: lost_kw,",
        "{part: dark_pct,",
        "points.ratio.part: dark_pct is not reported by a device: computed points rest on such as are",
        id="ratio of a computed point",
    ),
    swap(
        LAMP_TYPES,
        "whole: power_kw",
        "whole: current_a",
        "points.ratio: lost_kw is in 'kW', current_a in 'A': one unit for both",
        id="ratio of two units",
    ),
    swap(
        LAMP_TYPES,
        "whole: power_kw",
        "whole: current_a",
        "points.ratio: lost_kw comes every 60 s, current_a every 300 s, lost_pct every 60 s",
        id="ratio of two intervals",
    ),
    swap(
        LAMP_TYPES,
        "points: [circuit_1, circuit_2]",
        "points: [circuit_1, circuit_2, circuit_3]",
        "points.share.points: unknown point 'circuit_3'; there are",
        id="share of an unknown point",
    ),
    swap(
        LAMP_TYPES,
        "points: [circuit_1, circuit_2]",
        "points: [circuit_2, circuit_2]",
        "points.share.points: a member stands twice",
        id="share of a point twice",
    ),
    swap(
        LAMP_TYPES,
        "          state: 0\n",
        "          state: 2\n",
        "points.share.state: circuit_1 is never 2; it has 0, 1",
        id="share of a state that no member has",
    ),
    swap(
        LAMP_TYPES,
        "points: [circuit_1, circuit_2]",
        "points: [circuit_1, circuit_2, lost_kw]",
        "points.share.state: lost_kw is never 0; it has no states",
        id="share of a quantity",
    ),
    swap(
        LAMP_TYPES,
        "expected: {circuit_2:",
        "expected: {circuit_3:",
        "points.share.expected.circuit_3: unknown member 'circuit_3'; there are circuit_1, circuit_2",
        id="expected member that is none",
    ),
    swap(
        LAMP_TYPES,
        "phases: [evening]",
        "phases: [night]",
        "points.share.expected.circuit_2.phases: unknown phase 'night'; there are day, evening",
        id="expected in an unknown phase",
    ),
    swap(
        LAMP_TYPES,
        "{calendar: lamps, phases: [late]",
        "{calendar: lights, phases: [late]",
        "points.schedule.calendar: unknown calendar 'lights'; there are heating, lamps",
        id="schedule of an unknown calendar",
    ),
    swap(
        LAMP_TYPES,
        "phases: [late], share",
        "phases: [late, evening], share",
        "points.schedule.phases: evening stands above already: once per schedule",
        id="phase twice in a schedule",
    ),
    swap(
        LAMP_TYPES,
        "        reference: 20\n",
        "",
        "points.schedule: a schedule says how often the reference counts: there is no reference",
        id="schedule without a reference",
    ),
    swap(
        LAMP_TYPES,
        "range: [0, 2]",
        "range: [0, 1]",
        "points.states.2: 2 lies outside the range, 0 to 1",
        id="state out of range",
    ),
    swap(
        LAMP_TYPES,
        "range: [0, 2]",
        "range: [-1, 2]",
        "points.range: range [-1.0, 2.0]: states are counted from 0 to the last, here [0, 2]",
        id="states not from 0",
    ),
    swap(
        LAMP_TYPES,
        "code: door",
        "code: station",
        "points.code: station is a point that the engine provides: another code",
        id="code of the engine",
    ),
    swap(
        LAMP_TYPES,
        "ratio: {part: lost_kw, whole: power_kw}",
        "ratio: {part: lost_kw, whole: power_kw}\n        share: {points: [door], state: 2}",
        "points.share: ratio or share, not both",
        id="computed twice",
    ),
]

TYPES += [
    swap(
        LAMP_TYPES,
        "unit: kW\n        range: [0, 10]\n        every_s: 60\n",
        "unit: kW\n        range: [0, 10]\n        every_s: 60\n        mode: burst\n",
        "points.ratio: lost_kw comes every 60 s",
        id="ratio of two modes",
    ),
    swap(
        LAMP_TYPES,
        "mode: on_change\n        share",
        "mode: periodic\n        share",
        "points.mode: dark_pct is periodic, its member circuit_1 on_change: as its members",
        id="share of another mode than its members",
    ),
    swap(
        LAMP_TYPES,
        "unit: '%'\n        range: [0, 100]\n        every_s: 60\n        ratio",
        "unit: kW\n        range: [0, 100]\n        every_s: 60\n        ratio",
        "points.unit: in 'kW', but a ratio gives '%'",
        id="ratio in another unit",
    ),
    swap(
        LAMP_TYPES,
        "unit: '%'\n        range: [0, 100]\n        every_s: 3600",
        "unit: lamps\n        range: [0, 100]\n        every_s: 3600",
        "points.unit: in 'lamps', but a share gives '%'",
        id="share in another unit",
    ),
]

ROAD = "  - {id: gulou-street, name: {zh: 鼓楼大街, en: Gulou Street}, rank: arterial}\n"
PLACES = [
    swap(
        "roads.yaml",
        ROAD,
        ROAD * 2,
        "id: gulou-street stands in roads.yaml already; ids are unique",
        id="road twice",
    ),
    pytest.param(
        {
            "key_users.yaml": "key_users:\n  - {id: light-1, kind: school, town: '110118001000', "
            "name: {zh: 甲, en: a}, lat: 40.37, lon: 116.83}\n"
        },
        "key_users.yaml: id: light-1 stands in stations/lighting.yaml already; ids are unique",
        id="key user with the id of a station",
    ),
    swap(
        LAMPS,
        "lost_kw: {calibration_due: 2026-01-31}",
        "lost_kw: {calibration_due: 2026-01-31}\n      current_a: {reference: 0}",
        "points.current_a: light.current: current_a has the reference 0: percentages need more than 0",
        id="reference of nothing",
    ),
    swap(
        LAMPS,
        "road: gulou-street",
        "road: gulou",
        "road: unknown road 'gulou'; there are gulou-street",
        id="unknown road",
    ),
    swap(
        LAMPS,
        "lost_kw: {calibration_due",
        "lost_pct: {calibration_due",
        "points.lost_pct.calibration_due: lost_pct is computed or inspected: no instrument to calibrate",
        id="calibration of a computed point",
    ),
    pytest.param(
        lamps_swapped(LAMPS, "      lost_kw: {calibration_due: 2026-01-31}\n", ""),
        f"{LAMP_RULES}: every_point: no point that it watches has a calibration_due: the rule",
        id="nothing to calibrate",
    ),
    swap(
        LAMPS,
        "{warn: {on: {s: 7200}}}",
        "{critical: {state: 1}}",
        "points.door.overrides.levels.critical.state: 1 is no end of the range of door: 0 or 2",
        id="override of a state in the middle",
    ),
]

SUN = [
    swap(
        CALENDARS,
        "    daily:\n",
        "    phases: [{phase: x, start: 2025-07-01, end: 2026-12-01}]\n    daily:\n",
        "daily: dated phases or daily ones, not both",
        id="dated and daily",
    ),
    swap(
        CALENDARS,
        "last: 2026-07-31",
        "last: 2025-11-30",
        "daily.last: the last evening (2025-11-30) is before the first",
        id="ends before it begins",
    ),
    swap(
        CALENDARS,
        "lat: 40.37",
        "lat: 31.2",
        "daily.lat: 31.2, 116.83 lies outside the district: its sun rises at another time",
        id="another sun",
    ),
    swap(
        CALENDARS,
        "{phase: morning, start: '05:00', end: sunrise}",
        "{phase: morning, start: '09:00', end: sunrise}",
        "daily.phases: morning never comes: it ends before it begins, every day",
        id="phase that never comes",
    ),
    swap(
        CALENDARS,
        "start: '23:30', end: '05:00'",
        "start: '23:00', end: '05:00'",
        "daily.phases.start: late begins while evening lasts: phases of a day do not overlap",
        id="phases that overlap",
    ),
    swap(
        CALENDARS,
        "end: '05:00', latest: sunrise",
        "end: sun-up",
        "daily.phases.end: String should match pattern",
        id="no time",
    ),
    swap(
        CALENDARS,
        "  - calendar: lamps\n",
        "  - {calendar: moon, source: the moon}\n  - calendar: lamps\n",
        "phases: a calendar has dated phases, or daily ones",
        id="neither dated nor daily",
    ),
]


@pytest.mark.parametrize(("changed", "line"), [*KINDS, *VARIANTS, *TYPES, *PLACES, *SUN])
def test_a_mistake_is_told_with_its_place(tmp_path: Path, changed: dict[str, str], line: str) -> None:
    """One defect, one line that says where, what is wrong and what would be right."""
    told = mistakes(tmp_path, changed)
    assert [text for text in told if text.startswith(line)], told
    assert len(told) == len(set(told))


def test_the_lamp_city_itself_has_no_mistake(tmp_path: Path) -> None:
    """So that each mistake above comes from its one change."""
    assert load_city(write_lamp_city(tmp_path), at_ms=AT_MS).rules


def test_levels_of_one_limit_differ_by_their_delay(tmp_path: Path) -> None:
    """The later one is the worse one; without a delay nobody would ever see the milder."""
    slower = rule_swapped("light.dark", "major: {limit: 100}", "major: {limit: 30, on: {s: 3600}}")
    assert load_city(write_lamp_city(tmp_path / "slower", **slower), at_ms=AT_MS).rules
    same = rule_swapped("light.dark", "major: {limit: 100}", "major: {limit: 30}")
    says = f"{LAMP_RULES}: levels.major.limit: 30 is not above warn (30): levels of a high rule rise"
    assert says in mistakes(tmp_path / "same", same)


RIGHT = [
    pytest.param(
        rule_swapped("light.current", "high: 30", "high: 800"),
        id="a limit that only half the reference lets reach",
    ),
    pytest.param(
        rule_swapped("any.no_data", "kind: no_data", "kind: no_data\n    off: {s: 60}"),
        id="a delay below the interval where the clock judges",
    ),
    pytest.param(
        rule_swapped("any.quality", "kind: quality", "kind: no_data\n    purpose: assessment"),
        id="a second rule that raises no alerts",
    ),
]


@pytest.mark.parametrize("changed", RIGHT)
def test_what_is_right_is_not_told(tmp_path: Path, changed: dict[str, str]) -> None:
    """Though it would be a mistake of another rule."""
    assert load_city(write_lamp_city(tmp_path, **changed), at_ms=AT_MS).rules


def test_an_overdue_calibration_is_no_mistake(tmp_path: Path) -> None:
    """The rule raises it; the city stays in use."""
    changed = lamps_swapped(LAMPS, "calibration_due: 2026-01-31", "calibration_due: 2025-01-31")
    assert load_city(write_lamp_city(tmp_path, **changed), at_ms=AT_MS).stations


def test_the_sun_must_rise(tmp_path: Path) -> None:
    """Beyond the polar circle a daily calendar needs times."""
    changed = lamps_swapped(CALENDARS, "lat: 40.37", "lat: 78.0")
    changed["district.yaml"] = (
        "code: x\nname: {zh: 北, en: north}\ntime_zone: Asia/Shanghai\n"
        "west: 116\nsouth: 40\neast: 118\nnorth: 80\n"
    )
    told = f"{CALENDARS}: daily.lat: the sun does not rise and set there each day: give times"
    assert told in mistakes(tmp_path, changed)


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (datetime(2026, 7, 1, tzinfo=UTC), "daily.last: ends 2026-07-31, less than 60 days ahead"),
        (datetime(2025, 12, 1, 3, tzinfo=UTC), "daily.first: begins 2025-12-01, after the instant of use"),
    ],
)
def test_a_daily_calendar_reaches_sixty_days_ahead(tmp_path: Path, at: datetime, says: str) -> None:
    """And has begun, like dated ones."""
    told = mistakes(tmp_path, {}, round(at.timestamp() * 1000))
    assert [text for text in told if text.startswith(f"{CALENDARS}: {says}")], told
