"""The truth about faults is written beside the log, once, in the order of their begins."""

import json
from pathlib import Path

from support.simulated_faults import disturbed, envelope, fault

from schemas.base import Severity
from schemas.headers import time_ms
from simulators.faults.fault import ExpectedAlert
from simulators.faults.truth import TruthLog
from simulators.networks.disturbances import How

START = time_ms("2026-01-13T19:00:00+08:00")
WHEN = envelope(START, rise=10_000, hold=20_000, fall=40_000)


def _lines(truth: TruthLog) -> list[dict[str, object]]:
    return [json.loads(line) for line in truth.path.read_text("utf-8").splitlines()]


def test_a_line_says_what_where_when_and_what_should_come(tmp_path: Path) -> None:
    """Everything that a score needs, in words that stand on their own."""
    truth = TruthLog(tmp_path / "new" / "truth-t.jsonl")
    leak = fault(
        disturbed("gas-1", "ch4_pct_lel", How.TO, WHEN, 40.0),
        expected=(
            ExpectedAlert(
                rule="gas.chamber_lel", severity=Severity.MAJOR, station="gas-1", point="ch4_pct_lel"
            ),
        ),
    )
    assert truth.write_begun([leak], START) == [leak]
    assert _lines(truth) == [
        {
            "event": "injected",
            "fault": "test:fault:0",
            "name": "fault",
            "scene": "test",
            "template": "test",
            "nature": "physical",
            "what": {"zh": "故障", "en": "a fault"},
            "station": "gas-1",
            "source": "gw-test",
            "begins": "2026-01-13T11:00:00.000Z",
            "ends": "2026-01-13T11:01:10.000Z",
            "touched": [
                {
                    "station": "gas-1",
                    "point": "ch4_pct_lel",
                    "how": "to",
                    "peak": 40.0,
                    "begins": "2026-01-13T11:00:00.000Z",
                    "ends": "2026-01-13T11:01:10.000Z",
                }
            ],
            "expected": [
                {"rule": "gas.chamber_lel", "severity": "major", "station": "gas-1", "point": "ch4_pct_lel"}
            ],
        }
    ]


def test_each_fault_is_written_once_when_it_begins(tmp_path: Path) -> None:
    """Not before; those that begin together by id, whatever order they were given in."""
    truth = TruthLog(tmp_path / "truth-t.jsonl")
    effect = disturbed("s", "p", How.TO, WHEN, 1.0)
    late = disturbed("s", "p", How.TO, envelope(START + 60_000, hold=1), 1.0)
    faults = [
        fault(late, fault_id="a:late:0"),
        fault(effect, fault_id="a:y:0"),
        fault(effect, fault_id="a:x:0"),
    ]
    assert truth.write_begun(faults, START - 1) == []
    assert [f.name for f in truth.write_begun(faults, START)] == ["x", "y"]
    assert truth.write_begun(faults, START + 1_000) == []
    assert [f.name for f in truth.write_begun(faults, START + 60_000)] == ["late"]
    assert [line["name"] for line in _lines(truth)] == ["x", "y", "late"]


def test_a_run_that_ends_cuts_its_faults_short(tmp_path: Path) -> None:
    """Those that go on get a second line with the instant of the end; those that are over do not."""
    truth = TruthLog(tmp_path / "truth-t.jsonl")
    over = fault(disturbed("s", "p", How.TO, envelope(START, hold=5_000), 1.0), fault_id="a:over:0")
    long = fault(disturbed("s", "p", How.TO, WHEN, 1.0), fault_id="a:long:0")
    truth.write_begun([over, long], START)
    truth.write_cut_short(START + 30_000)
    assert [(line["event"], line["name"]) for line in _lines(truth)] == [
        ("injected", "long"),
        ("injected", "over"),
        ("cut_short", "long"),
    ]
    assert _lines(truth)[2]["ends"] == "2026-01-13T11:00:30.000Z"


def test_faults_of_reporting_are_told_too(tmp_path: Path) -> None:
    """Silence of a point or a station, a wrong clock in seconds, repeats by their number."""
    truth = TruthLog(tmp_path / "truth-t.jsonl")
    effects = (
        disturbed("s", None, How.SILENT, WHEN),
        disturbed("s", None, How.CLOCK, WHEN, 8 * 3_600),
        disturbed("s", None, How.CLOCK, WHEN),
        disturbed("s", None, How.REPEATS, WHEN, 2),
    )
    truth.write_begun([fault(*effects)], START)
    touched = _lines(truth)[0]["touched"]
    assert isinstance(touched, list)
    assert [(one["how"], one["point"], one["peak"]) for one in touched] == [
        ("silent", None, None),
        ("clock", None, 28_800.0),
        ("clock", None, None),
        ("repeats", None, 2.0),
    ]
