"""Words and tables on the terminal."""

from datetime import UTC, datetime
from enum import StrEnum
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from schemas.alerts import AlertState, TransitionReason
from schemas.base import Severity
from schemas.rejects import RejectReason
from services.cli.acting import words as acting
from services.cli.checks import words as checks
from services.cli.logs import words as logs
from services.cli.shown import words as shown
from services.console import words as console
from services.notifier import words as notifier
from services.plans import words as plans
from services.recorder import words as recorder
from services.runtime import screen
from services.runtime import words as shared
from services.runtime.words import (
    REASON,
    REJECT,
    REMEDY,
    SEVERITY,
    SEVERITY_COLOUR,
    STATE,
    TROUBLE,
    WHY,
    ExplainedError,
    Language,
    Words,
    one_line,
    sentence,
    word,
)
from services.streaming import words as streaming
from simulators.faults import words as faults
from simulators.running import words as running
from simulators.scenes import words as scenes

BEIJING = ZoneInfo("Asia/Shanghai")

LANGUAGES: tuple[Language, ...] = ("zh", "en")
TABLES = [
    table
    for module in (
        *(shared, acting, checks, logs, shown, console, notifier, plans, recorder, streaming),
        *(faults, running, scenes),
    )
    for table in vars(module).values()
    if isinstance(table, dict) and all(isinstance(text, dict) and "zh" in text for text in table.values())
]
"""Every table of words of the Python side."""


@pytest.mark.parametrize(
    ("words", "members"),
    [(SEVERITY, Severity), (STATE, AlertState), (REASON, TransitionReason), (REJECT, RejectReason)],
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


def test_figures_are_short_and_say_their_unit() -> None:
    """No trailing zeros; nothing known is a dash."""
    assert screen.figure(35.204444444, "%LEL") == "35.2044 %LEL"
    assert screen.figure(25.0) == "25"
    assert screen.figure(None, "kPa") == "-"


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0s"),
        (90_000, "1min30s"),
        (120_000, "2min"),
        (7_200_000, "2h"),
        (85_620_000, "23h47min"),
        (1_500, "1.5s"),
    ],
)
def test_a_duration_is_told_in_hours_minutes_and_seconds(ms: int, words: str) -> None:
    """As files of histories write it; never rounded."""
    assert screen.duration(ms) == words


def test_times_are_the_citys() -> None:
    """Eight hours ahead of UTC, whether told as a moment or in epoch ms."""
    assert screen.local(1_768_302_004_000, BEIJING) == "2026-01-13 19:00:04"
    assert screen.local(datetime(2026, 1, 13, 11, 0, 4, tzinfo=UTC), BEIJING) == "2026-01-13 19:00:04"
    assert screen.local(None, BEIJING) == ""
    assert screen.local(1_768_302_004_000, ZoneInfo("Asia/Urumqi")) == "2026-01-13 17:00:04"
    summer = [screen.local(ms, ZoneInfo("Europe/Berlin")) for ms in (1_774_745_999_000, 1_774_746_000_000)]
    assert summer == ["2026-03-29 01:59:59", "2026-03-29 03:00:00"]
    assert screen.both_zones(0, BEIJING) == "1970-01-01 08:00:00 Asia/Shanghai (1970-01-01 00:00:00 UTC)"


@pytest.mark.parametrize("table", TABLES, ids=[*map(str, range(len(TABLES)))])
def test_both_languages_have_the_same_parts(table: Words) -> None:
    """A sentence that says a number in one language says it in the other; what to do is said in both."""
    for text in table.values():
        zh, en = (
            sorted(field for _, field, _, _ in Formatter().parse(text[one]) if field) for one in LANGUAGES
        )
        assert zh == en
        assert (REMEDY in text["zh"]) == (REMEDY in text["en"])


def test_an_error_is_one_line_in_either_language() -> None:
    """What is the matter, then what to do; a part may be words of both languages itself."""
    text = sentence(TROUBLE, "database_away", at="db:5432", why=WHY["refused"])
    error = ExplainedError(text)
    assert str(error).startswith("the database db:5432 cannot be used (connection refused): start the stack")
    assert one_line(error.text, "zh").startswith("数据库 db:5432 无法连接（连接被拒绝）：启动系统")
