"""A report: a part that is missing costs its own line and nothing else."""

import asyncio

import pytest

from services.cli.failure import CommandError
from services.cli.report import Line, Question, answers, show


async def good() -> list[Line]:
    """A part that answers."""
    return [Line(name="good", text="fine")]


async def broken() -> list[Line]:
    """A part that cannot be asked."""
    raise OSError("no route")


async def hopeless() -> list[Line]:
    """A part that knows why it cannot answer."""
    raise CommandError("start it")


async def slow() -> list[Line]:
    """A part that never answers."""
    await asyncio.sleep(60)
    return []


async def test_each_part_has_its_line_whatever_the_others_do() -> None:
    """What is broken, refused or slow is a line with a remedy, in the order asked."""
    asked = [
        Question(name=ask.__name__, ask=ask, remedy="do it", within_s=0.2)
        for ask in (broken, slow, good, hopeless)
    ]

    lines = await answers(asked)

    assert lines == [
        Line(name="broken", text="no route", well=False, remedy="do it"),
        Line(name="slow", text="no answer within 0.2 s", well=False, remedy="do it"),
        Line(name="good", text="fine"),
        Line(name="hopeless", text="start it", well=False),
    ]


def test_all_is_well_only_when_every_line_is(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that is not well makes the whole report so, and shows its remedy."""
    good_line = Line(name="a", text="x", remedy="unused")

    assert show([good_line], verdicts=True)
    assert "unused" not in capsys.readouterr().out
    assert not show([good_line, Line(name="b", text="y", well=False, remedy="mend b")], verdicts=True)
    assert "-> mend b" in capsys.readouterr().out
