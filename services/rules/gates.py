"""Intervals of a compiled calendar: whether one holds an instant, and when that changes next."""

from bisect import bisect_right

from services.rules.arranged import NEVER, Gate


def gate_open(gate: Gate | None, at: int) -> bool:
    """Whether a calendar's intervals hold ``at``; without a gate everything is always judged."""
    if gate is None:
        return True
    index = bisect_right(gate, at, key=_start) - 1
    return index >= 0 and at < gate[index][1]


def next_edge(gate: Gate | None, at: int) -> int:
    """The first instant after ``at`` at which the gate opens or closes; ``NEVER`` without one."""
    if gate is None:
        return NEVER
    index = bisect_right(gate, at, key=_start)
    if index and at < gate[index - 1][1]:
        return gate[index - 1][1]
    return gate[index][0] if index < len(gate) else NEVER


def _start(interval: tuple[int, int]) -> int:
    return interval[0]
