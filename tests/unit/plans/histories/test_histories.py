"""Every shipped rule is tried by histories; what a person writes wrongly in one is told."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.alerts import TransitionReason
from schemas.kinds import RuleKind
from services.plans.city.folder import CityError
from services.plans.histories.file import HistoryError, HistoryFile, duration_ms, stimuli_of
from services.plans.histories.prepared import Prepared, load_histories
from services.plans.histories.small_city import load_small_cities
from services.runtime.screen import duration

CITY = Path(__file__).parents[4] / "deploy" / "miyun"
HISTORIES = load_histories(CITY)
RULES = {placed.item.id: placed.item for placed in load_small_cities(CITY).city.rules}
BY_RULE: dict[str, list[Prepared]] = defaultdict(list)
for one in HISTORIES:
    BY_RULE[one.history.rule].append(one)
WITHOUT_VALUES = (RuleKind.NO_DATA, RuleKind.QUALITY, RuleKind.GRADE)
"""Rules whose alerts cannot be held by a want of values: they are about it, or about what people find."""


def named(prepared: Prepared) -> str:
    """A history's name in the tests' output."""
    return f"{prepared.history.rule}-{prepared.history.station}-{prepared.history.name}"


def reasons(prepared: Prepared) -> list[TransitionReason]:
    """What the history expects, in order."""
    return [expected.reason for expected in prepared.expected]


def holds(prepared: Prepared) -> bool:
    """Data stop, or mean nothing, and the alert stays."""
    rule = RULES[prepared.history.rule]
    if rule.kind in WITHOUT_VALUES or rule.builtin is not None:
        return reasons(prepared) == [TransitionReason.RAISED]
    return TransitionReason.HELD in reasons(prepared)


@pytest.mark.parametrize("prepared", HISTORIES, ids=named)
def test_the_rule_makes_of_it_what_its_history_says(prepared: Prepared) -> None:
    """These transitions, at these instants, and no others."""
    assert "\n".join(prepared.differences()) == ""


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_a_rule_is_seen_to_raise_hold_clear_and_stay_silent(rule_id: str) -> None:
    """Each has histories of all four."""
    histories = BY_RULE[rule_id]
    assert any(TransitionReason.RAISED in reasons(one) for one in histories), "none raises"
    assert any(holds(one) for one in histories), "none holds"
    assert any(TransitionReason.CLEARED in reasons(one) for one in histories), "none clears"
    assert any(not one.expected and one.stimuli for one in histories), "in none it stays silent"


@pytest.mark.parametrize("rule_id", sorted(id_ for id_, rule in RULES.items() if rule.gate is not None))
def test_a_gated_rule_is_seen_to_wait_and_to_end(rule_id: str) -> None:
    """One history of each gated rule goes on beyond the closing of its gate."""
    assert any(TransitionReason.GATE_CLOSED in reasons(one) for one in BY_RULE[rule_id])


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_every_level_of_a_rule_is_reached(rule_id: str) -> None:
    """Also those that only a special point has."""
    rule = RULES[rule_id]
    levels = set(rule.levels).union(*(variant.levels for variant in rule.variants))
    assert levels == {expected.severity for one in BY_RULE[rule_id] for expected in one.expected}


def test_all_rules_have_histories_and_no_others() -> None:
    """A history of a rule that is gone would be refused."""
    assert set(BY_RULE) == set(RULES)


def test_a_difference_says_what_was_expected_and_what_came() -> None:
    """Line by line, with the first wrong one marked."""
    prepared = next(one for one in BY_RULE["gas.chamber_lel"] if len(one.expected) > 1)
    first = replace(prepared, expected=prepared.expected[1:]).differences()[0]
    assert first.startswith("! expected")
    assert "came" in first
    assert "raised warn @ch4_pct_lel" in first


@pytest.mark.parametrize(
    ("text", "ms"),
    [("90s", 90_000), ("1h30min", 5_400_000), ("2d", 172_800_000), ("60.3s", 60_300), ("0s", 0)],
)
def test_durations_are_read_as_they_are_said(text: str, ms: int) -> None:
    """Days, hours, minutes and seconds, in that order."""
    assert duration_ms(text) == ms
    assert duration_ms(duration(ms)) == ms


@pytest.mark.parametrize("text", ["", "90", "1m", "30s1min", "-5s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Not read as something else."""
    with pytest.raises(HistoryError):
        duration_ms(text)


def history(**fields: object) -> HistoryFile:
    """A history of a room's temperature."""
    base: dict[str, object] = {
        "rule": "heat.room_temperature",
        "name": "n",
        "station": "heat_homes",
        "point": "room_01_c",
        "expect": [],
    }
    return HistoryFile.model_validate({**base, **fields})


def test_readings_come_at_their_times() -> None:
    """At intervals, at another pace, once after so long, not at all, and in a ramp."""
    read = [20, "20 x2", "silent x2", "after 10s", "19 bad", "every 60s", "null", "1..3 x3"]
    found = stimuli_of(history(read=read), every_ms=900_000)
    seconds = [stimulus.at // 1000 for stimulus in found]
    values = [stimulus.values["room_01_c"] for stimulus in found]
    assert seconds == [0, 900, 1800, 3610, 3670, 3730, 3790, 3850]
    assert values == [20.0, 20.0, 20.0, 19.0, None, 1.0, 2.0, 3.0]
    assert found[3].quality == {"room_01_c": "bad"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rule: nowhere.at_all, name: n, station: heat_homes, expect: []", "unknown rule 'nowhere.at_all'"),
        (
            "rule: heat.room_temperature, name: n, station: castle, expect: []",
            "unknown station type 'castle'",
        ),
        (
            "rule: heat.room_temperature, name: n, station: heat_homes, point: attic, read: [1], expect: []",
            "unknown point of heat_homes 'attic'",
        ),
        (
            "rule: heat.room_temperature, name: n, station: heat_homes, point: room_01_c, "
            "read: [cold], expect: []",
            "'cold' is no reading",
        ),
        (
            "rule: heat.room_temperature, name: n, station: heat_homes, expect: ['5min exploded']",
            "'5min exploded'",
        ),
        ("rule: heat.room_temperature, name: n, station: heat_homes", "expect: Field required"),
    ],
)
def test_a_wrong_history_is_told_with_its_file(tmp_path: Path, text: str, says: str) -> None:
    """And what would be right."""
    for path in [*CITY.glob("*.yaml"), *CITY.glob("rules/*.yaml")]:
        copy = tmp_path / path.relative_to(CITY)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    folder = tmp_path / "histories"
    folder.mkdir()
    (folder / "h.yaml").write_text(f"histories:\n  - {{{text}}}\n", encoding="utf-8")
    with pytest.raises(CityError) as caught:
        load_histories(tmp_path)
    assert says in str(caught.value)
    assert "h.yaml" in str(caught.value)
