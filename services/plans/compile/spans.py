"""A phase of a calendar in time."""

from typing import NamedTuple


class Span(NamedTuple):
    """``phase`` holds in [start, end), epoch ms."""

    phase: str
    start: int
    end: int
