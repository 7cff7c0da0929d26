"""A rule that counts readings in a window, from its file through lint, plan, lists and histories."""

from dataclasses import replace
from pathlib import Path

import pytest
from support import programs
from support.lamp_city import LAMP_FILES, LAMP_RULES, write_lamp_city
from support.small_city import AT_MS

from schemas.kinds import Measure, RuleKind
from schemas.plan import PLAN, plan_bytes
from services.plans.city.folder import CityError, load_city
from services.plans.compile.compiler import compile_city
from services.plans.histories.prepared import load_histories
from services.rules.arranging import arrange

FLICKER = """\
  - id: light.flicker
    title: {zh: 功率闪变, en: power flickers}
    guidance: {zh: 巡查, en: patrol}
    kind: count_in_window
    points: [power_kw]
    unit: times
    settings: {below: 2, window_s: 600}
    levels: {warn: {limit: 3, hysteresis: 2}, major: {limit: 6, hysteresis: 2}}
    source: judgement
    source_status: judgement
"""
HISTORIES = """\
histories:
  - rule: light.flicker
    name: three within ten minutes raise it, six are worse, and it is over ten minutes later
    station: light_cabinet
    point: power_kw
    read: [5, 1, 5, 1 x2, 5, 1 x3, 5 x10]
    expect: [4min raised warn @power_kw, 8min escalated major, 14min deescalated warn, 18min cleared]

  - rule: light.flicker
    name: two are not enough, nor is a bad reading a third
    station: light_cabinet
    point: power_kw
    read: [5, 1, 5, 1, 1 bad, 'null', 5 x20]
    expect: []

  - rule: light.flicker
    name: where nothing comes it is held, and judged by what comes then
    station: light_cabinet
    point: power_kw
    read: [5, 1 x3, silent x20, 5]
    expect: [3min raised warn, 6min5s held warn, 24min resumed warn, 24min cleared warn]
"""


def city(folder: Path, old: str = "", new: str = "") -> Path:
    """The lamp city with the rule, a piece of its text replaced, and its histories."""
    assert FLICKER.count(old) >= 1
    rules = LAMP_FILES[LAMP_RULES] + FLICKER.replace(old, new, 1)
    return write_lamp_city(folder, **{LAMP_RULES: rules, "histories/lighting.yaml": HISTORIES})


def test_it_compiles_with_its_settings_and_reads_back(tmp_path: Path) -> None:
    """Rules without settings have no word of them in the plan's bytes."""
    plan = compile_city(load_city(city(tmp_path), at_ms=AT_MS), keys=())
    (flicker,) = (rule for rule in plan.rules if rule.rule_id == "light.flicker")
    assert (flicker.kind, flicker.measure) == (RuleKind.COUNT_IN_WINDOW, Measure.COUNT)
    assert flicker.settings == {"below": 2.0, "window_s": 600.0}
    assert [(one.limit, one.clear) for one in flicker.comparators] == [(3, 1), (6, 4)]
    text = plan_bytes(plan)
    assert PLAN.validate_json(text) == plan
    assert text.count(b'"settings"') == 1
    assert "light.flicker|power_kw" in arrange(plan, "0" * 64).stations["light-1"].channels


@pytest.mark.parametrize(("old", "new"), [("below: 2", "below: 3"), ("window_s: 600", "window_s: 900")])
def test_its_settings_are_in_its_fingerprint(tmp_path: Path, old: str, new: str) -> None:
    """A channel starts afresh when it counts something else; no other rule does."""
    plans = [
        compile_city(load_city(folder, at_ms=AT_MS), keys=())
        for folder in (city(tmp_path / "a"), city(tmp_path / "b", old, new))
    ]
    before, after = ({rule.rule_id: rule.fingerprint for rule in plan.rules} for plan in plans)
    assert {id_ for id_ in before if before[id_] != after[id_]} == {"light.flicker"}


MISTAKES = [
    ("below: 2, ", "", "settings: a count_in_window rule says in settings: window_s, and above or below"),
    ("below: 2", "below: 2, above: 9", "settings: a count_in_window rule says in settings: window_s, and"),
    (
        ", window_s: 600",
        "",
        "settings: a count_in_window rule says in settings: window_s, and above or below",
    ),
    ("window_s: 600", "window_s: 0", "settings.window_s: 0: from 1 to 86400"),
    ("window_s:", "hours: 1, window_s:", "settings.hours: unknown setting of a count_in_window rule 'hours'"),
    ("below: 2", "below: 80", "settings.below: power_kw reads 0 to 50 kW: always or never below 80"),
    ("limit: 6", "limit: 12", "levels.major.limit: 600 s hold less than 12 readings of power_kw"),
    (
        "limit: 3,",
        "limit: 2.5,",
        "levels.warn.limit: 2.5: the limit of a count_in_window rule counts readings",
    ),
    (
        "limit: 6",
        "limit: 201",
        "levels.major.limit: 201: the limit of a count_in_window rule counts readings",
    ),
    ("limit: 6", "limit: 2", "levels.major.limit: 2 is not above warn (3): levels of a count_in_window rule"),
    (
        "[power_kw]",
        "[door]",
        "kind: door is on_change: only what is read at intervals has a count in a window",
    ),
    ("unit: times", "unit: times\n    mean_s: 600", "mean_s: a count_in_window rule judges no mean: only"),
    ("kind: count_in_window", "kind: high", "settings.below: unknown setting of a high rule 'below'"),
    ("unit: times", "unit: times\n    measure: value", "measure: a count_in_window rule compares count, not"),
]


@pytest.mark.parametrize(("old", "new", "says"), MISTAKES)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    """What is wrong, and what would be right."""
    with pytest.raises(CityError) as caught:
        load_city(city(tmp_path, old, new), at_ms=AT_MS)
    told = [line.removeprefix(f"{tmp_path}/").split(":", 2)[2].strip() for line in caught.value.lines]
    assert [text for text in told if text.startswith(says)], told


def test_its_histories_are_played(tmp_path: Path) -> None:
    """It raises, escalates, holds, clears and stays silent as they say."""
    histories = load_histories(city(tmp_path), rule="light.flicker")
    assert len(histories) == 3
    assert [one.differences() for one in histories] == [[], [], []]


@pytest.mark.parametrize(("name", "number"), [("window_s", 540.0), ("below", 1.0), ("below", 6.0)])
def test_another_setting_is_noticed_by_a_history(tmp_path: Path, name: str, number: float) -> None:
    """As other limits are."""
    changed = []
    for one in load_histories(city(tmp_path), rule="light.flicker"):
        (rule,) = one.plans[0].rules
        other = replace(rule, settings={**rule.settings, name: number})
        changed += one.differences([replace(one.plans[0], rules=(other,))])
    assert changed


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("zh", "light.flicker 时段次数 ≥3 ≥6 times 1x/1x 10分钟内<2 工程判断 功率闪变"),
        ("en", "light.flicker count in window ≥3 ≥6 times 1x/1x <2 within 10 min judgement power flickers"),
    ],
)
def test_it_is_listed_in_words(tmp_path: Path, language: str, row: str) -> None:
    """What it counts stands with its conditions."""
    command = ("rules", "list", "--city", str(city(tmp_path)), "--lang", language)
    done = programs.miyun(*command, environment=programs.bare_environment(MIYUN_CLOCK="log"))
    assert row in [" ".join(line.split()) for line in done.stdout.splitlines()], done.stdout
