"""A city folder as a city, or as every mistake in it with file and line."""

from dataclasses import dataclass
from pathlib import Path

from schemas.city import City, Mistake, parse
from services.plans.lint import lint
from services.plans.yaml_lines import Document, read_folder
from services.runtime.words import ExplainedError


class CityError(ExplainedError):
    """A city has mistakes: one line each, which begins with its file."""

    prefix = ""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake as it is shown: ``deploy/miyun/rules/gas.yaml:41: levels.major.limit: ...``."""

    file: Path
    line: int
    where: str
    text: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {where}{self.text}"


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
        raise CityError(tuple(str(finding) for finding in _placed(folder, documents, mistakes)))
    return city


def _placed(folder: Path, documents: dict[str, Document], mistakes: list[Mistake]) -> list[Finding]:
    found = [_finding(folder, documents.get(mistake.file), mistake) for mistake in mistakes]
    return sorted(found, key=lambda finding: (finding.file, finding.line))


def _finding(folder: Path, document: Document | None, mistake: Mistake) -> Finding:
    file = folder / mistake.file
    if document is None:
        line = int(mistake.path[1]) if mistake.path[:1] == ("line",) else 1
        return Finding(file, line, "", mistake.text)
    inside = mistake.path[2:] if len(mistake.path) > 1 and isinstance(mistake.path[1], int) else mistake.path
    where = ".".join(str(part) for part in inside if isinstance(part, str))
    return Finding(file, document.line(mistake.path), where, mistake.text)
