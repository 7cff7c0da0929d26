"""Lines of a report: each check runs on its own, so that one that fails hides no other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from services.cli.checks.words import FINDING, NAME, REMEDY, VERDICT
from services.runtime import screen, words
from services.runtime.command_line import explained, reason
from services.runtime.settings import Settings
from services.runtime.words import Language, sentence, word

VERDICT_WIDTH = 9
WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at: the finding, and after the arrow the remedy if that is not well."""

    name: str
    text: words.ByLanguage
    well: bool = True

    def what(self, language: Language = "en") -> str:
        """The finding, without the remedy."""
        return self.text[language].partition(words.REMEDY)[0]

    def remedy(self, language: Language = "en") -> str:
        """The remedy; nothing where all is well."""
        return "" if self.well else self.text[language].partition(words.REMEDY)[2]


Check = Callable[[Settings], Awaitable[Iterable[Line]]]


def line(name: str, key: str, /, *, well: bool = True, **parts: object) -> Line:
    """A line that says ``FINDING[key]``."""
    return Line(name, sentence(FINDING, key, **parts), well)


def problem(name: str, key: str, /, **parts: object) -> list[Line]:
    """The only line of a part that is not well."""
    return [line(name, key, well=False, **parts)]


async def answers(
    settings: Settings, checks: Mapping[str, Check], *, within_s: float = WITHIN_S
) -> list[Line]:
    """Run all checks at once; their lines in the order of the checks. Each takes ``within_s`` at most."""
    running = (_answer(settings, name, check, within_s) for name, check in checks.items())
    return [one for lines in await asyncio.gather(*running) for one in lines]


async def _answer(settings: Settings, name: str, check: Check, within_s: float) -> list[Line]:
    """Its lines, or one line that says why there are none."""
    try:
        async with asyncio.timeout(within_s):
            return list(await check(settings))
    except TimeoutError:
        return problem(name, "late", within_s=within_s)
    except Exception as error:  # noqa: BLE001  # a report must survive whatever it reports on
        remedy = REMEDY.get(name, REMEDY["any"])
        told = explained(error, settings.kafka_bootstrap) or sentence(
            FINDING, "failed", why=reason(error), remedy=remedy
        )
        return [Line(name, told, well=False)]


def show(lines: Sequence[Line], language: Language, *, verdicts: bool) -> bool:
    """Print the lines, with a verdict before each if wanted; True: all is well."""
    screen.show(screen.facts(row for one in lines for row in _rows(one, language, verdict=verdicts)))
    return all(one.well for one in lines)


def _rows(one: Line, language: Language, *, verdict: bool) -> Iterator[tuple[Text, Text]]:
    name = screen.text(word(NAME, one.name, language))
    if verdict:
        said = screen.padded(VERDICT["well" if one.well else "not_well"][language], VERDICT_WIDTH)
        name = screen.text(said, "green" if one.well else "bold red") + name
    yield name, screen.text(one.what(language), "" if one.well else "red")
    if one.remedy(language):
        yield Text(), screen.text(f"-> {one.remedy(language)}")
