"""How far a long file is played, told on a terminal's stderr."""

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

from services.cli.logs.words import JUDGE
from services.runtime.words import Language

LONG_LINES = 5_000
EVERY_S = 0.5
Item = TypeVar("Item")


def counted(items: Iterable[Item], total: int, language: Language) -> Iterator[Item]:
    """The same items; of many, their number is shown while they go by."""
    if total < LONG_LINES or not sys.stderr.isatty():
        yield from items
        return
    said = monotonic()
    for number, item in enumerate(items, start=1):
        yield item
        if monotonic() - said >= EVERY_S:
            said = monotonic()
            text = JUDGE["progress"][language].format(number=number, total=total, share=number / total)
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
