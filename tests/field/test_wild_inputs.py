"""What wild days of the simulated city have shown, each as the shortest log that shows it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.field_log import Came, judged

WILD = Path(__file__).parents[1] / "data" / "wild"
Check = Callable[[Came], None]


def worse(rule: str, severity: str) -> Check:
    """A rule finds something at least so bad."""

    def check(came: Came) -> None:
        assert came.raised(rule, severity)

    return check


def never(*rules: str) -> Check:
    """Nothing of these rules is raised."""

    def check(came: Came) -> None:
        assert [line for rule in rules for line in came.raised(rule, "notice")] == []

    return check


def told_once(came: Came) -> None:
    """Of the chamber's gas, and nothing of its clock: what comes again says nothing new."""
    assert len(came.raised("gas.chamber_lel", "notice")) == 1
    assert came.clock_faults == []


def cabinet_is_not_judged_unheard(came: Came) -> None:
    """Until the first half-night's end one circuit is dark; at five nobody has read anything."""
    raised = came.raised("light.cabinet_dark", "notice")
    assert [line for line in raised if line["at"] > 1_768_302_000_000 + 500 * 60_000] == []


def is_heard(came: Came) -> None:
    """A point whose frames keep coming is not silent, whatever their clock says."""
    silent = [line for line in came.lines if line["type"] == "condition"]
    assert not [line for line in silent if "station_ch4_pct_lel" in line["silent_points"]]


def one_clock_fault(came: Came) -> None:
    """It stands still all the time."""
    assert len(came.clock_faults) == 1


def one_silence(came: Came) -> None:
    """While the link is down."""
    assert len(came.transitions("any.no_data", reasons=("raised", "reopened"))) == 1


TABLE: dict[str, Check] = {
    "wild-1": worse("sewer.level_ratio", "notice"),
    "wild-2": cabinet_is_not_judged_unheard,
    "wild-3": told_once,
    "wild-4": never("light.daytime_on"),
    "wild-5": is_heard,
    "wild-6": one_clock_fault,
    "wild-7": worse("sewer.h2s_room", "major"),
    "wild-8": worse("manhole.cover", "major"),
    "wild-9": worse("gas.chamber_rate", "major"),
    "wild-10": one_silence,
    "wild-11": worse("light.voltage", "notice"),
}
AFTER_MS = {"wild-5": 0, "wild-6": 0, "wild-8": 300_000, "wild-10": 0, "wild-11": 0}
"""Time after the last line, where it is not ten minutes."""


@pytest.mark.parametrize("name", TABLE)
def test_a_wild_input_comes_to_what_is_right(name: str) -> None:
    """With the shipped city and ticks every 5 s."""
    (path,) = WILD.glob(f"{name}-*.jsonl")
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    TABLE[name](judged(lines, after_ms=AFTER_MS.get(name, 600_000)))


def test_every_wild_input_is_judged() -> None:
    """One check for each file, and no check without one."""
    assert {"-".join(path.name.split("-")[:2]) for path in WILD.glob("*.jsonl")} == set(TABLE)
