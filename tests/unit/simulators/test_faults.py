"""Faults move readings to their peaks and back, and the truth about them is written beside."""

import json
from pathlib import Path

import pytest

from schemas.headers import time_ms
from schemas.plan import Plan
from simulators.faults import Fault, cast, load_scene
from simulators.truth import TruthLog
from simulators.world import build_world

START = time_ms("2026-01-13T19:00:00+08:00")


def _fault(**changes: object) -> Fault:
    fields: dict[str, object] = {
        "name": "leak",
        "what_zh": "泄漏",
        "what_en": "leak",
        "station": "gas-0001",
        "begins": START,
        "rises_ms": 10_000,
        "holds_ms": 20_000,
        "falls_ms": 40_000,
        "peaks": {"p": 40.0},
    }
    return Fault(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("second", "reading"),
    [(-5, 0.0), (0, 0.0), (5, 20.0), (10, 40.0), (29, 40.0), (50, 20.0), (70, 0.0), (99, 0.0)],
)
def test_a_fault_is_a_trapezium(second: int, reading: float) -> None:
    """Up in 10 s, 20 s at the peak, down in 40 s; nothing before and after."""
    assert _fault().applied("p", 0.0, START + second * 1000) == pytest.approx(reading)


def test_other_points_are_untouched() -> None:
    """A fault changes only the points that it names."""
    assert _fault().applied("q", 7.0, START + 15_000) == 7.0


def test_first_light_plays_a_gas_and_a_heating_fault_within_two_minutes(plan: Plan) -> None:
    """All its faults find their place, begin within 2 minutes and are over within 10."""
    faults, without = cast(load_scene("first_light"), plan.stations, start_ms=START)
    assert without == []
    assert {f.name: f.station for f in faults} == {
        "regulator_leak": "gas-0001",
        "chamber_leak": "gas-0002",
        "heating_pipe_break": "heat-0001",
    }
    assert all(START < f.begins <= START + 120_000 for f in faults)
    assert all(f.ends <= START + 600_000 for f in faults)


def test_first_light_passes_the_limits_of_the_catalogue(plan: Plan) -> None:
    """DOMAIN 11: station_lel 10 and 25 but not 50, return pressure 0.08 and 0.05 but not 0.03."""
    faults, _ = cast(load_scene("first_light"), plan.stations, start_ms=START)
    world = build_world(plan, seed=1, faults=faults)
    read: dict[str, list[float]] = {}
    for _, scanned in world.between(START, START + 600_000):
        for code, value in scanned.values.items():
            read.setdefault(code, []).append(value)
    assert 35 < max(read["station_ch4_pct_lel"]) < 50
    assert sum(value >= 25 for value in read["station_ch4_pct_lel"]) >= 8
    assert 20 < max(read["ch4_pct_lel"]) < 50
    assert 0.03 < min(read["return_pressure_mpa"]) < 0.05
    assert read["return_pressure_mpa"][-1] > 0.2
    assert read["station_ch4_pct_lel"][-1] < 3


def test_a_scene_without_a_place_says_so(plan: Plan) -> None:
    """A city without gas plays the heating fault and names the two that find no station."""
    heating = [station for station in plan.stations if station.system == "heating"]
    faults, without = cast(load_scene("first_light"), heating, start_ms=START)
    assert [fault.name for fault in faults] == ["heating_pipe_break"]
    assert without == ["regulator_leak", "chamber_leak"]


def test_the_truth_is_written_once_and_cut_when_the_run_ends(tmp_path: Path) -> None:
    """A line per fault and point when it begins, one more if the run ends before the fault."""
    truth = TruthLog(tmp_path / "new" / "truth-t.jsonl")
    early, late = _fault(), _fault(name="late", begins=START + 60_000)
    assert truth.begun([early, late], START - 1) == []
    assert truth.begun([early, late], START) == [early]
    assert truth.begun([early, late], START + 1_000) == []
    truth.stopped(START + 30_000)
    lines = [json.loads(line) for line in truth.path.read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["injected", "cut_short"]
    assert lines[0] | {"event": "", "peak": 0} == {
        "fault": "leak",
        "what": {"zh": "泄漏", "en": "leak"},
        "station": "gas-0001",
        "point": "p",
        "from": "2026-01-13T11:00:00.000Z",
        "to": "2026-01-13T11:01:10.000Z",
        "event": "",
        "peak": 0,
    }
    assert lines[1]["to"] == "2026-01-13T11:00:30.000Z"
