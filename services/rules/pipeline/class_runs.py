"""What was read of a life-safety channel and what of it was told: the memory that late readings meet.

A run is readings in a row, as they were taken, that met the same highest level. Quiet readings leave no run
of their own while there is none beside them: what was taken at a time outside all runs was within limits.
"""

from collections.abc import Iterator
from itertools import pairwise

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK
from services.rules.judging_plan import Channel, Level
from services.rules.pipeline.levels import Reading, highest_met
from services.rules.state import ClassRun, HotState, ToldDanger
from services.rules.state.scan_times import HORIZON_MS, was_scanned_between

MAX_RUNS = 64
"""Of a channel; beyond it the two neighbours that are most alike become one."""
MAX_TOLD = 8
"""Alerts of a channel; beyond it the two that are nearest become one, as severe as the worse."""
OUTWEIGHED_INTERVALS = 0.8
"""A milder reading less than this after a worse one is another device's (JUDGING 2)."""
NO_LEVEL = -1


def note(hot: HotState, channel: Channel, read: Reading) -> None:
    """Remember how far beyond the limits a reading was."""
    if not channel.keeps_runs:
        return
    known = hot.runs.get(channel.key, ())
    rank = highest_met(channel, read.value)
    if rank == NO_LEVEL and not known:
        return
    last = known[-1] if known else None
    goes_on = last is not None and read.gap_ms > 0 and read.at - read.gap_ms == last.last
    if last is not None and goes_on and last.rank == rank:
        runs = (*known[:-1], ClassRun(last.first, read.at, rank, last.count + 1))
    else:
        runs = tuple(_with(known, ClassRun(read.at, read.at, rank, 1)))
    begin = runs[-1].last - HORIZON_MS
    hot.runs = {**hot.runs, channel.key: _bounded(tuple(run for run in runs if run.last > begin))}


def _with(runs: tuple[ClassRun, ...], new: ClassRun) -> Iterator[ClassRun]:
    """The runs in order, the new one where it belongs; it parts one that goes on around it."""
    at, is_in = new.first, False
    for run in runs:
        if not is_in and run.first < at <= run.last:
            share = (at - run.first) / max(1, run.last - run.first)
            before = min(run.count - 1, max(1, round(run.count * share)))
            yield ClassRun(run.first, at - 1, run.rank, before)
            yield new
            if at < run.last:
                yield ClassRun(at + 1, run.last, run.rank, run.count - before)
            is_in = True
            continue
        if not is_in and at <= run.first:
            yield new
            is_in = True
        yield run
    if not is_in:
        yield new


def rank_at(hot: HotState, channel: Channel, at: int) -> int:
    """The highest level met by what was taken at ``at``; -1: it was within all limits."""
    runs = hot.runs.get(channel.key, ())
    return max((run.rank for run in runs if run.first <= at <= run.last), default=NO_LEVEL)


def is_outweighed(hot: HotState, channel: Channel, read: Reading) -> bool:
    """Two devices under one id: a milder reading so soon after a worse one neither counts nor resets."""
    runs = hot.runs.get(channel.key)
    if not runs or channel.point.report_mode != "periodic":
        return False
    window_ms = OUTWEIGHED_INTERVALS * channel.point.expected_every_s * 1000
    rank = highest_met(channel, read.value)
    return any(0 < read.at - run.last < window_ms and rank < run.rank for run in runs[-2:])


def stretch(hot: HotState, channel: Channel, level: Level, at: int) -> tuple[int, int, int] | None:
    """First, last and number of the readings around ``at`` that met a level; none between them did not."""
    runs = hot.runs.get(channel.key, ())
    here = (i for i, run in enumerate(runs) if run.first <= at <= run.last and run.rank >= level.rank)
    index = next(here, None)
    if index is None:
        return None
    begin, end = index, index
    while begin > 0 and _is_one(hot, channel, level, runs[begin - 1], runs[begin]):
        begin -= 1
    while end + 1 < len(runs) and _is_one(hot, channel, level, runs[end + 1], runs[end]):
        end += 1
    return runs[begin].first, runs[end].last, sum(run.count for run in runs[begin : end + 1])


def _is_one(hot: HotState, channel: Channel, level: Level, other: ClassRun, here: ClassRun) -> bool:
    """The other run meets the level, too, and nothing was taken between that did not."""
    if other.rank < level.rank:
        return False
    start, end = (other.last, here.first) if other.first < here.first else (here.last, other.first)
    return end - start <= channel.bridge_ms and not was_scanned_between(hot, channel.point.code, start, end)


def tell(hot: HotState, channel: Channel, alert: Alert) -> None:
    """An alert of the channel is over: remember when it was, and how severe."""
    if not channel.keeps_runs or alert.cleared_at is None:
        return
    new = ToldDanger(alert.onset_at, alert.cleared_at, rank_of(alert))
    told = tuple(sorted((*hot.told.get(channel.key, ()), new), key=lambda one: one.first))
    while len(told) > MAX_TOLD:
        distances = [b.first - a.last for a, b in pairwise(told)]
        index = distances.index(min(distances))
        one, other = told[index], told[index + 1]
        merged = ToldDanger(one.first, max(one.last, other.last), max(one.rank, other.rank))
        told = (*told[:index], merged, *told[index + 2 :])
    begin = new.last - HORIZON_MS
    hot.told = {**hot.told, channel.key: tuple(one for one in told if one.last > begin)}


def was_told(hot: HotState, channel: Channel, first: int, last: int, rank: int) -> bool:
    """Tells if an alert that is over has told of such a danger at that time."""
    told = hot.told.get(channel.key, ())
    return any(one.first <= last and first <= one.last and rank <= one.rank for one in told)


def rank_of(alert: Alert) -> int:
    """The highest severity that an alert has had, as far as its timeline goes back."""
    return max(SEVERITY_RANK[one.severity] for one in alert.timeline)


def _bounded(runs: tuple[ClassRun, ...]) -> tuple[ClassRun, ...]:
    while len(runs) > MAX_RUNS:
        distances = [(abs(b.rank - a.rank), b.first - a.last) for a, b in pairwise(runs)]
        index = distances.index(min(distances))
        one, other = runs[index], runs[index + 1]
        merged = ClassRun(one.first, other.last, max(one.rank, other.rank), one.count + other.count)
        runs = (*runs[:index], merged, *runs[index + 2 :])
    return runs
