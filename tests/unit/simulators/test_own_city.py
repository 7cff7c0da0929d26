"""What ``miyun simulate`` and ``replay-csv`` print is said in the language that was asked for."""

from pathlib import Path

import pytest

from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import REJECT, Language
from simulators.running.own_city import OwnCity, counted
from simulators.running.simulation import Simulation
from simulators.running.words import PROGRESS, RESULT


def _city(folder: Path, language: Language) -> OwnCity:
    return OwnCity(settings=Settings(), folder=folder, timeout_s=1.0, language=language)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "rejected by the monitor: duplicate_scan 2, unknown_point 1\n"),
        ("zh", "监测引擎拒收：重复采样 2，测点未知 1\n"),
    ],
)
def test_results_are_said_in_the_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: Language, line: str
) -> None:
    """Codes in English, as they always were; names in Chinese."""
    counts = counted({"unknown_point": 1, "duplicate_scan": 2}, REJECT)
    _city(tmp_path, language).say(RESULT, "rejected", counts=counts)
    assert capsys.readouterr().out == line


def test_nothing_counted_is_none() -> None:
    """In both languages."""
    assert counted({}, REJECT) == {"zh": "无", "en": "none"}


def test_progress_is_printed_now_and_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not right after the beginning, nor twice within two seconds; percent as people read it."""
    city = _city(tmp_path, "zh")
    facts = {"at": "2026-01-13 19:30:00", "share": 0.5, "readings": 1000, "pace": 250.4}
    city.progress("simulated", **facts)
    assert capsys.readouterr().out == ""
    city.printed_at -= 3
    for _ in range(2):
        city.progress("simulated", **facts)
    assert capsys.readouterr().out == "城市时间 2026-01-13 19:30:00（50%），已发送 1000 个读数，每秒 250 个\n"
    city.say(PROGRESS, "schema_dropped", namespace="s1")
    assert capsys.readouterr().out == "数据库模式 s1 已删除\n"


@pytest.mark.parametrize(
    ("wanted", "zh", "en"),
    [
        (Simulation(hours=0), "--hours 0：应大于 0，最多 744", "--hours 0: more than 0, at most 744"),
        (Simulation(begin="soon"), "--from：", "--from: "),
    ],
)
def test_what_makes_no_sense_is_refused(wanted: Simulation, zh: str, en: str) -> None:
    """With exit code 2, in both languages."""
    with pytest.raises(StopProcessError) as refused:
        wanted.span_ms("2026-01-13T19:00:00+08:00")
    assert refused.value.exit_code == 2
    assert refused.value.text["zh"].startswith(zh)
    assert refused.value.text["en"].startswith(en)
