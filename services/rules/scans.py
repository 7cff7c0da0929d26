"""Which points were scanned when: recognises a scan that comes a second time, however late.

In order, a point's own newest scan time tells a repeat. Only a late scan has to be looked up here.
"""

from collections.abc import Sequence

from services.rules.state import HotState

REMEMBERED = 256
"""Scan times of a station that are always remembered (up to a quarter more for a while)."""
MAX_PACKED = 4 * REMEMBERED
"""More than a state of any release of ours has held."""
MAX_GROUPS = 64
"""Different sets of points; a station that sends more forgets its scans and begins anew."""

Run = tuple[int, int, int, int]
"""(first, step, count, group): scan times first, first + step, ..."""


def was_scanned(hot: HotState, at: int, code: str) -> bool:
    """Tells if the point was scanned at ``at``, as far back as is remembered."""
    group = hot.scans.get(at)
    return group is not None and code in hot.groups[group]


def remember(hot: HotState, at: int, codes: tuple[str, ...]) -> None:
    """Note that ``codes`` were scanned at ``at``."""
    group = hot.scans.get(at)
    if group is not None:
        codes = tuple(dict.fromkeys((*hot.groups[group], *codes)))
    hot.scans[at] = _group(hot, codes)
    if len(hot.scans) > REMEMBERED + REMEMBERED // 4:
        newest = sorted(hot.scans)[-REMEMBERED:]
        hot.scans = {time: hot.scans[time] for time in newest}


def _group(hot: HotState, codes: tuple[str, ...]) -> int:
    try:
        return hot.groups.index(codes)
    except ValueError:
        if len(hot.groups) >= MAX_GROUPS:
            hot.scans, hot.groups = {}, ()
        hot.groups = (*hot.groups, codes)
        return len(hot.groups) - 1


def pack(scans: dict[int, int]) -> tuple[Run, ...]:
    """Scan times as runs of equal steps per group: a regular day is a handful of numbers."""
    runs: list[Run] = []
    open_runs: dict[int, int] = {}
    for at in sorted(scans):
        group = scans[at]
        index = open_runs.get(group)
        if index is not None:
            first, step, count, _ = runs[index]
            if count == 1 or at == first + step * count:
                runs[index] = (first, at - first if count == 1 else step, count + 1, group)
                continue
        open_runs[group] = len(runs)
        runs.append((at, 0, 1, group))
    return tuple(runs)


def unpack(runs: Sequence[Run]) -> dict[int, int]:
    """The inverse of ``pack``, oldest first.

    Raises:
        ValueError: more than are ever remembered.
    """
    number = sum(abs(count) for _, _, count, _ in runs)
    if number > MAX_PACKED:
        raise ValueError(f"{number} scan times; at most {MAX_PACKED} are packed")
    times = {first + step * number: group for first, step, count, group in runs for number in range(count)}
    return dict(sorted(times.items()))
