"""What the lists and pages on a terminal share: width, times, and words that cannot steer it."""

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

CITY_ZONE = ZoneInfo("Asia/Shanghai")
PAPER_WIDTH = 120
"""Columns where nobody tells: in a file or a pipe."""
PLAIN = box.SIMPLE_HEAD
"""How tables are drawn."""
SHORT_ID = 8
"""Characters of an alert's id that people see and type."""


def console(*, to_stderr: bool = False) -> Console:
    """Standard output or error; colours only on a terminal, width of the terminal or else 120 columns."""
    stream = sys.stderr if to_stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else PAPER_WIDTH, highlight=False)


def text(words: object, style: str = "") -> Text:
    """``words`` as they are: no markup, on one line, nothing that steers a terminal."""
    return Text(printable(str(words)), style=style)


def printable(words: str) -> str:
    """``words`` with a space for whatever is not printed: people's words end up here."""
    return "".join(c if c.isprintable() else " " for c in words)


def table(*headings: str, title: str | None = None) -> Table:
    """An empty table; the last column takes what room is left, and wraps."""
    made = Table(
        box=PLAIN,
        show_edge=False,
        pad_edge=False,
        title=title,
        title_justify="left",
        title_style="bold",
    )
    for heading in headings[:-1]:
        made.add_column(heading, no_wrap=True)
    made.add_column(headings[-1], overflow="fold", ratio=1)
    return made


def local(moment: datetime | None) -> str:
    """A moment as the city's date and time, e.g. ``2026-01-13 19:00:05``; nothing for None."""
    return "" if moment is None else f"{moment.astimezone(CITY_ZONE):%Y-%m-%d %H:%M:%S}"


def local_ms(ms: int) -> str:
    """Epoch ms in the same way."""
    return local(datetime.fromtimestamp(ms / 1000, CITY_ZONE))


def figure(value: float | None, unit: str = "") -> str:
    """A figure without trailing zeros, with its unit; ``-`` for None."""
    return "-" if value is None else f"{value:.6g} {unit}".rstrip()


def shortened(words: str, width: int = 24) -> str:
    """``words`` in at most ``width`` characters."""
    return words if len(words) <= width else f"{words[: width - 1]}…"
