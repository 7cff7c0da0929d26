"""Lines of a report: each part is asked on its own, so that one that is missing hides no other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import typer

from services.cli.alert_line import padded
from services.cli.failure import CommandError
from services.cli.session import reason

NAME_WIDTH = 14
WELL, NOT_WELL = "ok", "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing looked at: what was seen, whether it is well, and what to do if it is not."""

    name: str
    text: str
    well: bool = True
    remedy: str = ""


Lines = Iterable[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to look at, and what to do when it cannot be looked at."""

    name: str
    ask: Callable[[], Awaitable[Lines]]
    remedy: str
    within_s: float = 5.0

    async def answer(self) -> list[Line]:
        """Its lines, or one line that says why there are none. Takes ``within_s`` at most."""
        try:
            async with asyncio.timeout(self.within_s):
                return list(await self.ask())
        except TimeoutError:
            text = f"no answer within {self.within_s:g} s"
        except CommandError as error:
            return [Line(name=self.name, text=str(error), well=False)]
        except Exception as error:  # noqa: BLE001  # a report must survive whatever it reports on
            text = reason(error)
        return [Line(name=self.name, text=text, well=False, remedy=self.remedy)]


async def answers(questions: Iterable[Question]) -> list[Line]:
    """All questions at once; their lines in the order of the questions."""
    found = await asyncio.gather(*(question.answer() for question in questions))
    return [line for lines in found for line in lines]


def show(lines: Lines, *, verdicts: bool) -> bool:
    """Print the lines, with a verdict before each if wanted; whether all is well."""
    found = list(lines)
    for line in found:
        typer.echo(f"{_verdict(line) if verdicts else ''}{padded(line.name, NAME_WIDTH)}{_said(line)}")
        if line.remedy and not line.well:
            typer.echo(f"{'':{NAME_WIDTH + (9 if verdicts else 0)}}-> {line.remedy}")
    return all(line.well for line in found)


def _verdict(line: Line) -> str:
    word = WELL if line.well else NOT_WELL
    return typer.style(padded(word, 9), fg="green" if line.well else "red", bold=not line.well)


def _said(line: Line) -> str:
    return line.text if line.well else typer.style(line.text, fg="red")
