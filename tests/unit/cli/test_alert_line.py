"""One transition on one line: aligned, bilingual, and unable to steer the terminal."""

from zoneinfo import ZoneInfo

import pytest
from support.shown_alerts import alert

from schemas.alerts import Alert, TransitionReason
from schemas.base import Severity
from services.cli.shown.alerts_tail import alert_line
from services.runtime.screen import padded, printable
from services.runtime.words import ORPHANED, REASON, SEVERITY, SEVERITY_COLOUR


def test_a_line_says_city_time_severity_reason_short_id_and_headline() -> None:
    """All that an operator needs, in the city's time, in the order that the help promises."""
    assert plain(alert(), "en").split() == [
        "2026-01-13", "19:00:05", "critical", "raised", "0123abcd", "Gulou:", "methane", "32",
    ]  # fmt: skip
    assert plain(alert(), "zh").split() == [
        "2026-01-13",
        "19:00:05",
        "危急",
        "发生",
        "0123abcd",
        "鼓楼",
        "甲烷",
        "32",
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_headlines_begin_in_one_column(language: str) -> None:
    """A Chinese character takes two columns; lines of any severity and reason are aligned."""
    columns = {
        width(plain(alert(severity=severity, reason=reason), language).partition("0123abcd")[0])
        for severity in Severity
        for reason in TransitionReason
    }

    assert len(columns) == 1


def test_every_severity_and_reason_has_words() -> None:
    """A new member of the contract cannot be forgotten here."""
    assert set(SEVERITY) == set(SEVERITY_COLOUR) == set(Severity)
    assert set(REASON) == {*TransitionReason, ORPHANED}


def test_a_persons_act_names_the_person_and_the_words() -> None:
    """Acknowledgements and comments say who and what."""
    line = plain(alert(reason=TransitionReason.COMMENTED, actor="wang.li", note="valve closed"), "en")

    assert line.endswith("[wang.li: valve closed]")


def test_peoples_words_cannot_steer_the_terminal() -> None:
    """Escape sequences and line breaks in a note arrive as spaces."""
    line = plain(alert(reason=TransitionReason.COMMENTED, actor="x", note="a\x1b[2Jb\nc\x9b1m"), "en")

    assert printable(line) == line
    assert line.endswith("[x: a [2Jb c 1m]")


def test_padding_never_cuts() -> None:
    """A text wider than its column stays whole."""
    assert padded("数据中断", 4) == "数据中断"
    assert padded("ab", 4) == "ab  "


def plain(shown: Alert, language: str) -> str:
    """The line without colours."""
    return alert_line(shown, language, ZoneInfo("Asia/Shanghai")).plain  # type: ignore[arg-type]


def width(text: str) -> int:
    """Columns that ``text`` takes."""
    return next(n for n in range(200) if len(padded(text, n)) > len(text)) - 1
