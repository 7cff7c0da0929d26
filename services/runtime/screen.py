"""How commands show things on a terminal: tables, pages, progress, times, and words that cannot steer it.

On a terminal a table is as wide as that, and its last column wraps; where that column would be too narrow, it
stands below its row, with whatever else does not fit. Elsewhere (in a file, in a pipe) each row is one line,
however long, without colours.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

SHORT_ID = 8
"""Characters of an alert's id that people see and type."""
SHORT_SHA = 12
"""Characters of a plan's name that people see."""
GAP = 2
"""Spaces between columns."""
NARROWEST = 40
"""Columns that the last column of a table needs to stand beside the others."""
TableRow = Sequence[str | Text]


def show(*parts: RenderableType, to_stderr: bool = False, whole: bool = False) -> None:
    """Print the parts below each other; ``whole``: lines wider than the terminal are not broken at words."""
    console = _console(to_stderr)
    console.print(*parts, sep="\n", soft_wrap=whole or not console.file.isatty())


def text(words: object, style: str = "") -> Text:
    """``words`` as they are: no markup, on one line, nothing that steers a terminal."""
    return Text(printable(str(words)), style=style)


def table(
    headings: Iterable[str],
    rows: Iterable[TableRow],
    *,
    title: str = "",
    figures: bool = False,
    whole: bool = False,
) -> RenderableType:
    """A table. ``figures``: all columns but the first are numbers; ``whole``: each row is one line anyway."""
    cells = [[text(heading, "bold") for heading in headings], *([*map(_cell, row)] for row in rows)]
    width = [max(row[n].cell_len for row in cells) for n in range(len(cells[0]))]
    above = [Text(title, style="bold")] if title else []
    if figures and sys.stdout.isatty() and _total(width) > _console().width:
        width = _narrow(cells)
    if whole or not sys.stdout.isatty() or (figures and _total(width) > _console().width):
        return Group(*above, *(_line(row, width, figures=figures) for row in cells))
    if not figures and _console().width - _total(width[:-1]) - GAP < min(NARROWEST, width[-1]):
        return Group(*above, *_stacked(cells, width))
    return Group(*above, _boxed(cells, width, figures=figures))


def facts(lines: Iterable[tuple[str | Text, str | Text]]) -> RenderableType:
    """Facts of something, a line each: name and words. Empty ones are left out."""
    cells = [[_cell(name, "dim"), _cell(said)] for name, said in lines if said]
    if not sys.stdout.isatty():
        width = [max(name.cell_len for name, _ in cells), 0]
        return Group(*(_line(row, width) for row in cells))
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for row in cells:
        made.add_row(*row)
    return made


def printable(words: str) -> str:
    """``words`` with a space for whatever is not printed: people's words end up here."""
    return "".join(c if c.isprintable() else " " for c in words)


def padded(words: str, width: int) -> str:
    """``words`` filled up with spaces to ``width`` columns; a Chinese character takes two."""
    return words + " " * (width - cell_len(words))


def short_id(alert_id: str) -> str:
    """The beginning of an alert's id."""
    return alert_id[:SHORT_ID]


def short_sha(plan_id: str) -> str:
    """The beginning of a plan's name."""
    return plan_id[:SHORT_SHA]


def local(at: datetime | int | None, zone: ZoneInfo) -> str:
    """A moment (epoch ms) as a zone's date and time, e.g. ``2026-01-13 19:00:05``; nothing for None.

    ``services.runtime.clock.city_zone`` is the city's.
    """
    if at is None:
        return ""
    moment = datetime.fromtimestamp(at / 1000, UTC) if isinstance(at, int) else at
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def both_zones(ms: int, zone: ZoneInfo) -> str:
    """Epoch ms in a zone and in UTC."""
    return f"{local(ms, zone)} {zone.key} ({local(ms, ZoneInfo('UTC'))} UTC)"


def duration(ms: float) -> str:
    """A time in days, hours, minutes and seconds, e.g. ``1h30min``."""
    left, parts = ms / 1000, []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        number, left = divmod(left, size)
        parts += [f"{number:.0f}{unit}"] if number else []
    return "".join([*parts, f"{left:g}s"] if left or not parts else parts)


def figure(value: float | None, unit: str = "") -> str:
    """A figure without trailing zeros, with its unit; ``-`` for None."""
    return "-" if value is None else f"{value:.6g} {unit}".rstrip()


def _console(to_stderr: bool = False) -> Console:
    return Console(file=sys.stderr if to_stderr else sys.stdout, highlight=False, emoji=False, markup=False)


def _cell(words: str | Text, style: str = "") -> Text:
    return words if isinstance(words, Text) else text(words, style)


def _line(row: Sequence[Text], width: Sequence[int], *, figures: bool = False) -> Text:
    """One line without trailing spaces: cells of text begin, figures end below each other."""
    cells = [cell.copy() for cell in row]
    for number, cell in enumerate(cells):
        missing = width[number] - cell.cell_len
        if figures and number:
            cell.pad_left(missing)
        elif number < len(cells) - 1:
            cell.pad_right(missing)
    line = Text("  ").join(cells)
    line.rstrip()
    return line


def _stacked(cells: Sequence[Sequence[Text]], width: Sequence[int]) -> Iterator[RenderableType]:
    """Each row with the columns that fit beside each other, and below it the others, without headings."""
    fit = next(n for n in range(len(width) - 1, 0, -1) if n == 1 or _total(width[:n]) <= _console().width)
    for number, row in enumerate(cells):
        yield _line(row[:fit], width)
        if number and (below := Text("  ").join(cell for cell in row[fit:] if cell.plain)).plain:
            yield Padding(below, (0, 0, 0, GAP))


def _total(width: Sequence[int]) -> int:
    return sum(width) + GAP * (len(width) - 1)


def _narrow(cells: Sequence[Sequence[Text]]) -> list[int]:
    """Widths of columns whose headings are broken at words."""
    heads, *rows = cells
    return [
        max(map(cell_len, (*head.plain.split(), *(row[number].plain for row in rows))), default=0)
        for number, head in enumerate(heads)
    ]


def _boxed(cells: Sequence[Sequence[Text]], width: Sequence[int], *, figures: bool) -> Table:
    """With a rule below the headings; of text, the last column takes what room is left, and wraps."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for number, heading in enumerate(cells[0]):
        is_text = not figures or not number
        fixed = None if not figures and number == len(width) - 1 else width[number]
        made.add_column(heading, justify="left" if is_text else "right", width=fixed, overflow="fold")
    for row in cells[1:]:
        made.add_row(*row)
    return made
