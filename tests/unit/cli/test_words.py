"""Words and tables on the terminal."""

from enum import StrEnum
from pathlib import Path

import pytest
from rich.cells import cell_len

from schemas.alerts import AlertState, TransitionReason
from schemas.base import Severity
from services.runtime import screen
from services.runtime.words import REASON, SEVERITY, SEVERITY_COLOUR, STATE, Words, word

CITY = Path(__file__).parents[3] / "deploy" / "miyun"


@pytest.mark.parametrize(
    ("words", "members"), [(SEVERITY, Severity), (STATE, AlertState), (REASON, TransitionReason)]
)
def test_every_member_has_a_word_in_both_languages(words: Words, members: type[StrEnum]) -> None:
    """Nothing of the contract is shown as its code."""
    for member in members:
        assert words[member]["zh"]
        assert words[member]["en"]


def test_every_severity_has_a_colour() -> None:
    """Four severities, four colours."""
    assert len({SEVERITY_COLOUR[severity] for severity in Severity}) == len(Severity)


def test_unknown_code_stands_for_itself() -> None:
    """A word of a newer release is shown as it is."""
    assert word(REASON, "teleported", "zh") == "teleported"


def test_people_cannot_steer_the_terminal() -> None:
    """Escapes, line ends and markup come out as plain characters."""
    shown = screen.text("a\x1b[2Jb\nc [red]d[/red]\x9b").plain
    assert shown == "a [2Jb c [red]d[/red] "


def test_chinese_columns_line_up(capsys: pytest.CaptureFixture[str]) -> None:
    """A Chinese character takes two columns; no line is wider than 120, and long words wrap."""
    table = screen.table("编号", "级别", "概要")
    table.add_row(screen.text("a"), screen.text("严重"), screen.text("甲" * 100))
    table.add_row(screen.text("b"), screen.text("提示"), screen.text("短"))
    screen.console().print(table)
    lines = capsys.readouterr().out.splitlines()
    assert all(cell_len(line) <= screen.PAPER_WIDTH for line in lines)
    starts = [cell_len(line[: line.index(word)]) for line, word in ((lines[2], "甲"), (lines[-1], "短"))]
    assert starts[0] == starts[1]
    assert "".join(lines).count("甲") == 100


def test_figures_are_short_and_say_their_unit() -> None:
    """No trailing zeros; nothing known is a dash."""
    assert screen.figure(35.204444444, "%LEL") == "35.2044 %LEL"
    assert screen.figure(25.0) == "25"
    assert screen.figure(None, "kPa") == "-"


def test_times_are_the_citys() -> None:
    """Eight hours ahead of UTC."""
    assert screen.local_ms(1_768_302_004_000) == "2026-01-13 19:00:04"
    assert screen.local(None) == ""
