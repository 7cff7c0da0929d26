"""A city folder as a city, or as every mistake in it with file and line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.city.files import City, Mistake, parse
from services.plans.city.yaml_lines import Document, read_folder
from services.plans.lint.city import lint
from services.runtime.words import ExplainedError


class CityError(ExplainedError):
    """A city has mistakes: one line each, which begins with its file."""

    prefix = ""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load_city(folder: Path, *, at_ms: int | None) -> City:
    """Read, parse and lint a city for use at an instant (epoch ms; None: whatever the date).

    Raises:
        CityError: it has mistakes, all of which are told at once; or there is no such folder.
    """
    try:
        documents, mistakes = read_folder(folder)
    except NotADirectoryError as error:
        raise CityError((str(error),)) from None
    city, more = parse({name: document.data for name, document in documents.items()})
    unread = {mistake.file for mistake in mistakes}
    mistakes += [mistake for mistake in more if mistake.file not in unread]
    if city is not None and not mistakes:
        mistakes += lint(city, at_ms=at_ms)
    if mistakes or city is None:
        raise CityError(_lines(folder, documents, mistakes))
    return city


def _lines(folder: Path, documents: Mapping[str, Document], mistakes: Sequence[Mistake]) -> tuple[str, ...]:
    """``deploy/miyun/rules/gas.yaml:41: levels.major.limit: ...``, in order of file and line."""
    found = [(folder / mistake.file, *_placed(mistake, documents.get(mistake.file))) for mistake in mistakes]
    found.sort(key=lambda one: one[:2])
    return tuple(f"{file}:{line}: {text}" for file, line, text in found)


def _placed(mistake: Mistake, document: Document | None) -> tuple[int, str]:
    """The mistake's line, and where inside its item it is and what it says; no document: of a file unread."""
    path = mistake.path
    if document is None:
        return (int(path[1]) if path[:1] == ("line",) else 1), mistake.text
    inside = path[2:] if len(path) > 1 and isinstance(path[1], int) else path
    where = ".".join(part for part in inside if isinstance(part, str))
    return document.line(path), f"{where}: {mistake.text}" if where else mistake.text
