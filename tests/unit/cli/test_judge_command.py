"""`miyun judge` as a person runs it: a file or standard input, exit codes, a table; there is no server."""

import json
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from support.programs import MIYUN, Done, bare_environment, miyun
from support.small_city import AT_MS, write_city

from schemas.city.calendars import Calendar
from services.cli.logs.calendar_span import lasting
from services.cli.logs.judge import duration_ms
from services.plans.city.folder import load_city

STATION = "gas-1"
AWAY = {"MIYUN_KAFKA_BOOTSTRAP": "127.0.0.1:1", "MIYUN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
"""No server is needed: there is none."""


def frame(at: int, ch4: Any, seq: int) -> str:
    """A line of one reading."""
    scans = [{"at": at, "values": {"ch4_pct_lel": ch4}}]
    value = {"station": STATION, "source": "gw", "seq": seq, "sent_at": at, "scans": scans}
    return json.dumps({"arrival": at, "value": value})


LINES = [frame(AT_MS + n * 60_000, 30.0 if n < 3 else 1.0, n) for n in range(20)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small city, and a log."""
    write_city(tmp_path / "city")
    (tmp_path / "log.jsonl").write_text("\n".join(LINES) + "\n")
    return tmp_path


def judge(folder: Path, *arguments: str, file: str = "log.jsonl") -> Done:
    """Run the command."""
    target = file if file == "-" else str(folder / file)
    return miyun(
        "judge", target, "--city", str(folder / "city"), *arguments, environment=bare_environment(**AWAY)
    )


def told(done: Done) -> list[dict[str, Any]]:
    """What it printed."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_file_is_judged_without_a_server(folder: Path) -> None:
    """One JSON object a line: raised at once, worse at the second reading, and over."""
    lines = told(judge(folder))
    transitions = [
        line for line in lines if line["type"] == "transition" and line["rule"] == "gas.chamber_lel"
    ]
    assert [(line["reason"], line["severity"]) for line in transitions] == [
        ("raised", "warn"),
        ("escalated", "major"),
        ("cleared", "major"),
    ]
    assert transitions[0]["at"] == AT_MS


def test_standard_input_is_a_file(folder: Path) -> None:
    """As a process, which is what a pipe begins."""
    command = [str(MIYUN), "judge", "-", "--city", str(folder / "city")]
    done = subprocess.run(
        command,
        input="\n".join(LINES),
        env=bare_environment(**AWAY),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told(done) == told(judge(folder))


def test_what_is_no_json_is_named_by_file_and_line(folder: Path) -> None:
    """Exit code 2, and nothing is judged; empty lines count but are no lines."""
    (folder / "log.jsonl").write_text("\n".join([LINES[0], "", "not JSON", LINES[1]]))
    done = judge(folder, "--lang", "en")
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{folder / 'log.jsonl'}, line 3: no JSON" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--state", "{folder}/none"), "cannot be read"),
        (("--state", "{folder}/log.jsonl"), "line 1: "),
        (("--plan", "{folder}/log.jsonl"), "is no plan"),
        (("--keys", "{folder}"), "holds no public keys"),
        (("--after", "soon"), "for example 90s"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_an_option_names_wrongly_is_said(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    """One line, exit code 2."""
    given = [part.format(folder=folder) for part in arguments]
    done = judge(folder, *given, "--lang", "en")
    assert done.returncode == 2
    assert words in done.stderr


def test_a_file_that_is_not_there_is_said(folder: Path) -> None:
    """Exit code 2."""
    done = judge(folder, "--lang", "en", file="nothing.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read (No such file or directory)" in done.stderr


def test_time_goes_on_after_the_last_line(folder: Path) -> None:
    """So that a device that ended its log there is silent."""
    (folder / "log.jsonl").write_text(LINES[0])
    assert not [line for line in told(judge(folder)) if line.get("state") in ("silent", "partial")]
    gone = told(judge(folder, "--after", "1h30m"))
    assert [line["state"] for line in gone if line["type"] == "condition"][-1] in ("silent", "partial")


def test_a_state_is_kept_and_gone_on_from(folder: Path) -> None:
    """Two halves give what the whole gives; under another plan the state is refused."""
    (folder / "first.jsonl").write_text("\n".join(LINES[:2]))
    (folder / "second.jsonl").write_text("\n".join(LINES[2:]))
    state = str(folder / "state.jsonl")
    first = told(judge(folder, "--save-state", state, file="first.jsonl"))
    second = told(judge(folder, "--state", state, file="second.jsonl"))
    assert first + second == told(judge(folder))
    write_city(folder / "city", **{"district.yaml": (folder / "city/district.yaml").read_text() + "\n"})
    rules = (folder / "city/rules/gas.yaml").read_text()
    (folder / "city/rules/gas.yaml").write_text(rules.replace("limit: 50", "limit: 55"))
    refused = judge(folder, "--state", state, "--lang", "en", file="second.jsonl")
    assert refused.returncode == 2
    assert "the state was kept under plan" in refused.stderr


def test_a_log_of_another_year_has_calendars(folder: Path) -> None:
    """Heating rules judge a winter that the city's files do not reach, in the past and to come."""
    for years in (-8, 12):
        at = AT_MS + years * 365 * 86_400_000
        city = load_city(folder / "city", at_ms=None)
        (calendar,) = (placed.item for placed in lasting(city, at, at).calendars)
        assert isinstance(calendar, Calendar)
        (phase,) = [p for p in calendar.phases if p.start <= _day(at) < p.end]
        assert phase.phase == "supply"
        assert all(
            one.end == two.start for one, two in zip(calendar.phases, calendar.phases[1:], strict=False)
        )
    assert lasting(city, AT_MS, AT_MS) == city


def _day(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).date()


def test_people_get_a_table(folder: Path) -> None:
    """Times of the city's zone, words, and the headline; in both languages."""
    english = judge(folder, "--table", "--lang", "en").stdout.splitlines()
    assert english[0].split() == ["time", "type", "what", "station", "severity", "headline"]
    assert any("raised gas.chamber_lel" in line and "2026-01-13" in line for line in english)
    chinese = judge(folder, "--table").stdout
    assert "发生 gas.chamber_lel" in chinese


def test_durations() -> None:
    """As people write them."""
    assert [duration_ms(text) for text in ("0s", "90s", "10m", "1h30m", "2d", "1.5s")] == [
        0,
        90_000,
        600_000,
        5_400_000,
        172_800_000,
        1_500,
    ]
