"""Which points were scanned when: recognises a reading that comes a second time, however late.

In order, a point's own newest scan time tells a repeat. Only a late one has to be looked up here. Regular
scans of the same points are one run, however long; of what is irregular the oldest is forgotten first. The
runs of a group are sorted and do not overlap.
"""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from services.rules.judging_plan import NEVER
from services.rules.state import HotState, Run, ScanTimes

HORIZON_MS = 24 * 3_600_000
"""Scan times are remembered for so long before the newest."""
MAX_GROUPS = 64
"""Different sets of points of a station; the one that was scanned longest ago is forgotten."""
MAX_RUNS = 1_000
"""Of a station, in all its groups: some 16 kB. For a while there may be ``LOOK_EVERY`` more in each group."""
LOOK_EVERY = 32
"""What is to be forgotten is looked for when a group has grown by so many runs."""
_first = itemgetter(0)


def was_scanned(hot: HotState, at: int, code: str) -> bool:
    """Tells if the point was scanned at ``at``, as far back as is remembered."""
    for runs in _of(hot, code):
        index = bisect_right(runs, at, key=_first) - 1
        if index >= 0 and _holds(runs[index], at):
            return True
    return False


def was_scanned_between(hot: HotState, code: str, start: int, end: int) -> bool:
    """Tells if the point was scanned after ``start`` and before ``end``."""
    return any(_next(runs, start) < end for runs in _of(hot, code))


def next_scan(hot: HotState, code: str, at: int) -> int:
    """When the point was scanned next after ``at``; ``NEVER``: not that is known."""
    return min((_next(runs, at) for runs in _of(hot, code)), default=NEVER)


def _next(runs: tuple[Run, ...], start: int) -> int:
    """The first time after ``start``."""
    index = bisect_right(runs, start, key=_first) - 1
    if index >= 0 and _end(runs[index]) > start:
        first, step, _ = runs[index]
        return first + step * ((start - first) // step + 1)
    return runs[index + 1][0] if index + 1 < len(runs) else NEVER


def _of(hot: HotState, code: str) -> Iterator[tuple[Run, ...]]:
    return (runs for codes, runs in hot.scanned if code in codes)


def _holds(run: Run, at: int) -> bool:
    first, step, count = run
    behind = at - first
    return behind == 0 or (count > 1 and 0 < behind <= step * (count - 1) and behind % step == 0)


def remember(hot: HotState, at: int, codes: tuple[str, ...]) -> None:
    """Note that ``codes`` were scanned at ``at``."""
    scanned = hot.scanned
    for index, (known, runs) in enumerate(scanned):
        if known == codes:
            first, step, count = runs[-1]
            if count > 1 and at == first + step * count:
                after = (*runs[:-1], (first, step, count + 1))
            else:
                after = _with(runs, at)
            group: ScanTimes = (codes, after)
            hot.scanned = (group,) if len(scanned) == 1 else (*scanned[:index], group, *scanned[index + 1 :])
            if len(after) > len(runs) and len(after) % LOOK_EVERY == 0:
                _forget(hot)
            return
    hot.scanned = (*scanned, (codes, ((at, 0, 1),)))
    if len(hot.scanned) > MAX_GROUPS:
        _forget(hot)


def _with(runs: tuple[Run, ...], at: int) -> tuple[Run, ...]:
    """The runs and one time more, behind or among them."""
    index = bisect_right(runs, at, key=_first) - 1
    if index < 0:
        return ((at, 0, 1), *runs)
    first, step, count = run = runs[index]
    if _holds(run, at):
        return runs
    if at > _end(run):
        if count == 1:
            here: tuple[Run, ...] = ((first, at - first, 2),)
        elif at == first + step * count:
            here = ((first, step, count + 1),)
        else:
            here = (run, (at, 0, 1))
    else:  # within a run, beside its times: it becomes two
        before = (at - first) // step + 1
        here = (_run(first, step, before), (at, 0, 1), _run(first + step * before, step, count - before))
    return (*runs[:index], *here, *runs[index + 1 :])


def _run(first: int, step: int, count: int) -> Run:
    return (first, step if count > 1 else 0, count)


def _forget(hot: HotState) -> None:
    """Forget what is beyond the horizon or the bounds, the oldest first."""
    begin = max(_end(runs[-1]) for _, runs in hot.scanned) - HORIZON_MS
    groups = [(codes, tuple(run for run in runs if _end(run) > begin)) for codes, runs in hot.scanned]
    groups = sorted((one for one in groups if one[1]), key=lambda one: _end(one[1][-1]))[-MAX_GROUPS:]
    over = sum(len(runs) for _, runs in groups) - MAX_RUNS
    if over > 0:
        oldest = sorted(_end(run) for _, runs in groups for run in runs)[over - 1]
        groups = [(codes, tuple(run for run in runs if _end(run) > oldest)) for codes, runs in groups]
    hot.scanned = tuple(one for one in groups if one[1])


def _end(run: Run) -> int:
    return run[0] + run[1] * (run[2] - 1)
