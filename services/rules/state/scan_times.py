"""Which points were scanned when: recognises a reading that comes a second time, however late.

In order, a point's own newest scan time tells a repeat. Only a late one has to be looked up here. Regular
scans of the same points are one run, however long; of what is irregular the oldest is forgotten first.
"""

from collections.abc import Iterator

from services.rules.state import HotState, Run, ScanTimes

HORIZON_MS = 24 * 3_600_000
"""Scan times are remembered for so long before the newest."""
MAX_GROUPS = 64
"""Different sets of points of a station; the one that was scanned longest ago is forgotten."""
MAX_RUNS = 1_000
"""Of a station, in all its groups: some 16 kB."""


def was_scanned(hot: HotState, at: int, code: str) -> bool:
    """Tells if the point was scanned at ``at``, as far back as is remembered."""
    return any(_holds(run, at) for runs in _of(hot, code) for run in runs)


def was_scanned_between(hot: HotState, code: str, start: int, end: int) -> bool:
    """Tells if the point was scanned after ``start`` and before ``end``."""
    return any(_holds_between(run, start, end) for runs in _of(hot, code) for run in runs)


def _holds_between(run: Run, start: int, end: int) -> bool:
    first, step, count = run
    last = first + step * (count - 1)
    if last <= start or first >= end:
        return False
    if first > start or last < end:
        return True
    return first + step * ((start - first) // step + 1) < end


def _of(hot: HotState, code: str) -> Iterator[tuple[Run, ...]]:
    return (runs for codes, runs in hot.scanned if code in codes)


def _holds(run: Run, at: int) -> bool:
    first, step, count = run
    behind = at - first
    return behind == 0 or (step > 0 and 0 < behind <= step * (count - 1) and behind % step == 0)


def remember(hot: HotState, at: int, codes: tuple[str, ...]) -> None:
    """Note that ``codes`` were scanned at ``at``."""
    for index, (known, runs) in enumerate(hot.scanned):
        if known == codes:
            first, step, count = runs[-1]
            if count > 1 and at == first + step * count:
                group: ScanTimes = (codes, (*runs[:-1], (first, step, count + 1)))
            else:
                group = (codes, _with(runs, at))
            hot.scanned = (*hot.scanned[:index], group, *hot.scanned[index + 1 :])
            if len(group[1]) > len(runs):
                _forget(hot)
            return
    hot.scanned = (*hot.scanned, (codes, ((at, 0, 1),)))
    _forget(hot)


def _with(runs: tuple[Run, ...], at: int) -> tuple[Run, ...]:
    """The runs and one time more, behind or among them."""
    first, step, count = runs[-1]
    if count == 1 and at > first:
        return (*runs[:-1], (first, at - first, 2))
    if at > first + step * (count - 1):
        return (*runs, (at, 0, 1))
    if any(_holds(run, at) for run in runs):
        return runs
    return tuple(sorted((*runs, (at, 0, 1))))


def _forget(hot: HotState) -> None:
    """Forget what is beyond the horizon or the bounds, the oldest first."""
    newest = max(_end(runs[-1]) for _, runs in hot.scanned)
    groups = [
        (codes, tuple(run for run in runs if _end(run) > newest - HORIZON_MS)) for codes, runs in hot.scanned
    ]
    groups = sorted((one for one in groups if one[1]), key=lambda one: _end(one[1][-1]))[-MAX_GROUPS:]
    over = sum(len(runs) for _, runs in groups) - MAX_RUNS
    while over > 0:
        index, _ = min(enumerate(groups), key=lambda one: _end(one[1][1][0]))
        codes, runs = groups[index]
        groups[index] = (codes, runs[1:])
        groups, over = [one for one in groups if one[1]], over - 1
    hot.scanned = tuple(groups)


def _end(run: Run) -> int:
    return run[0] + run[1] * (run[2] - 1)
