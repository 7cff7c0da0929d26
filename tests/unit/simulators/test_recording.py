"""A CSV file becomes a series, and what is wrong with it is said by line."""

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulators.running.recording import RecordedValue, RecordingError, read_recording

T0 = 1_388_534_400_000
"""2014-01-01T00:00:00Z."""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "series.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_stamps_without_offset_are_in_the_given_zone(tmp_path: Path) -> None:
    """The same local stamp is eight hours earlier in Shanghai than in UTC."""
    path = _file(tmp_path, "timestamp,value\n2014-01-01 08:00:00,1.5\n")
    utc = read_recording(path, UTC)
    shanghai = read_recording(path, ZoneInfo("Asia/Shanghai"))
    assert utc.values == (RecordedValue(2, T0 + 8 * 3_600_000, 1.5),)
    assert shanghai.values == (RecordedValue(2, T0, 1.5),)


def test_lines_that_are_no_readings_are_named(tmp_path: Path) -> None:
    """Each bad line is dropped with its number and reason; the others stay."""
    text = (
        "timestamp,value\n2014-01-01 00:00:00,1\nyesterday,2\n2014-01-01 00:05:00,warm\n"
        "2014-01-01 00:10:00,nan\n1970-01-01 00:00:00,3\n2014-01-01 00:15:00,4,5\n\n"
        "2014-01-01 00:20:00,6\n"
    )
    recording = read_recording(_file(tmp_path, text), UTC)
    assert [one.value for one in recording.values] == [1.0, 6.0]
    assert [(one.line, one.reason["en"], one.reason["zh"]) for one in recording.dropped] == [
        (3, "not a time: 'yesterday'", "不是时间：'yesterday'"),
        (4, "not a number: 'warm'", "不是数字：'warm'"),
        (5, "not a number: 'nan'", "不是数字：'nan'"),
        (6, "outside 2000 to 2100: '1970-01-01 00:00:00'", "不在 2000 至 2100 年之间：'1970-01-01 00:00:00'"),
        (7, "3 columns", "有 3 列"),
    ]


def test_repeated_and_backward_stamps_stay_and_are_counted(tmp_path: Path) -> None:
    """A stamp seen before is a repeat, an older new one goes backward; both are kept in order."""
    minutes = (0, 5, 10, 5, 10, 7, 15, 20)
    lines = "".join(f"2014-01-01 00:{minute:02}:00,{minute}\n" for minute in minutes)
    recording = read_recording(_file(tmp_path, "timestamp,value\n" + lines), UTC)
    assert [one.value for one in recording.values] == [float(minute) for minute in minutes]
    assert (recording.repeated, recording.backward) == (2, 1)
    assert (recording.first_at, recording.last_at) == (T0, T0 + 20 * 60_000)
    assert recording.interval_s() == 300


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "first line"), ("time,temp\n1,2\n", "first line"), ("timestamp,value\n", "no reading")],
)
def test_a_file_without_a_series_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Other columns or no reading at all is an error that says so."""
    with pytest.raises(RecordingError, match=message):
        read_recording(_file(tmp_path, text), UTC)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(RecordingError, match=r"none\.csv"):
        read_recording(tmp_path / "none.csv", UTC)
