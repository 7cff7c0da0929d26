"""Lists: a table of what was found, and how many there are."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import asyncpg
from rich.console import RenderableType

from services.cli.shown.words import COUNT, HEADING
from services.runtime import screen
from services.runtime.words import Language, word

Cells: TypeAlias = "Callable[[asyncpg.Record, Language], screen.TableRow]"


def show_list(
    what: str, found: Sequence[asyncpg.Record], columns: Iterable[str], cells: Cells, language: Language
) -> None:
    """Print the rows, of which each knows as ``found`` how many there are, and that number in words."""
    if found:
        screen.show(table_of(found, columns, cells, language))
    screen.show(_counted(what, found, language))


def table_of(
    found: Iterable[asyncpg.Record], columns: Iterable[str], cells: Cells, language: Language
) -> RenderableType:
    """The rows with the names of their columns."""
    return screen.table(headings(columns, language), [cells(row, language) for row in found])


def headings(columns: Iterable[str], language: Language) -> list[str]:
    """Names of columns in a language."""
    return [word(HEADING, column, language) for column in columns]


def _counted(what: str, found: Sequence[asyncpg.Record], language: Language) -> str:
    number = found[0]["found"] if found else 0
    text = COUNT[what][language].format(number)
    return text if number == len(found) else COUNT["part"][language].format(all=text, shown=len(found))
