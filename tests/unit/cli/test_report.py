"""A report: a part that is missing costs its own line and nothing else."""

import asyncio

import pytest

from services.cli.checks.report import Line, answers, line, show
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage

SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]
ADVICE: ByLanguage = {"zh": "不行 -> 启动它", "en": "it is away -> start it"}


async def good(_: Settings) -> list[Line]:
    """A part that answers."""
    return [line("plan", "as_is", words="fine")]


async def broken(_: Settings) -> list[Line]:
    """A part that cannot be asked."""
    raise OSError("no route")


async def hopeless(_: Settings) -> list[Line]:
    """A part that knows why it cannot answer."""
    raise StopProcessError(ADVICE)


async def slow(_: Settings) -> list[Line]:
    """A part that never answers."""
    await asyncio.sleep(60)
    return []


async def test_each_part_has_its_line_whatever_the_others_do() -> None:
    """What is broken, refused or slow is a line with a remedy, in the order asked."""
    asked = {"disk": broken, "broker": slow, "plan": good, "database": hopeless}

    lines = await answers(SETTINGS, asked, within_s=0.2)

    assert [(one.name, one.what(), one.well) for one in lines] == [
        ("disk", "no route", False),
        ("broker", "no answer within 0.2 s", False),
        ("plan", "fine", True),
        ("database", "it is away", False),
    ]
    assert [lines[0].remedy(), lines[3].remedy()] == [
        "set MIYUN_STATE_DIR to a folder that exists",
        "start it",
    ]
    assert lines[1].remedy().endswith("make status, make logs")
    assert lines[3].remedy("zh") == "启动它"


def test_all_is_well_only_when_every_line_is(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that is not well makes the whole report so, and shows its remedy."""
    well = Line("log", {"zh": "好 -> 无用", "en": "x -> unused"})

    assert show([well], "en", verdicts=True)
    assert "unused" not in capsys.readouterr().out
    assert not show([well, Line("disk", ADVICE, well=False)], "en", verdicts=True)
    assert "-> start it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("en", ["ok       log   x", "problem  disk  it is away", "               -> start it"]),
        ("zh", ["正常     日志  好", "问题     磁盘  不行", "               -> 启动它"]),
    ],
)
def test_lines_stand_below_each_other_in_both_languages(
    language: str, rows: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Names and verdicts by their width on a terminal, remedies below what they are about."""
    lines = [Line("log", {"zh": "好", "en": "x"}), Line("disk", ADVICE, well=False)]

    show(lines, language, verdicts=True)  # type: ignore[arg-type]

    assert capsys.readouterr().out.splitlines() == rows
