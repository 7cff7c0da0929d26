"""A station's state under a time that is not believed: its timers wait, and what it kept is brought back.

Arrivals are kept up to the partition's clock, instants of readings up to a minute later: so far ahead a
device's clock may be.
"""

from dataclasses import replace

from services.rules.judging_plan import NEVER
from services.rules.pipeline.silence import SOUND
from services.rules.state import (
    ChannelState,
    ClassRun,
    LevelState,
    PointState,
    Run,
    ScanTimes,
    StationState,
    ToldDanger,
    Window,
)

AHEAD_MS = 60_000


def without_timers(state: StationState) -> StationState:
    """The state as an event judges it that does not let time pass: nothing is due, nobody is silent."""
    return replace(state, hot=replace(state.hot, due=NEVER, timers={}, condition=SOUND))


def with_timers_of(state: StationState, before: StationState) -> StationState:
    """The state after such an event: what was to be looked at still is, at its own instant."""
    timers = dict(state.hot.timers)
    for name, at in before.hot.timers.items():
        timers[name] = min(at, timers.get(name, NEVER))
    due = min(timers.values(), default=NEVER) if before.hot.due else 0
    condition = before.hot.condition
    return replace(state, hot=replace(state.hot, due=due, timers=timers, condition=condition))


def brought_back(state: StationState, clock: int) -> StationState:
    """The state without instants beyond a clock that has been set back; the same object if it has none."""
    hot, ahead = state.hot, clock + AHEAD_MS
    kept = replace(
        hot,
        streams={key: one for key, one in hot.streams.items() if one.arrival <= clock},
        scanned=_scanned(hot.scanned, ahead),
        points={code: _point(one, clock, ahead) for code, one in hot.points.items()},
        buckets={minute: parts for minute, parts in hot.buckets.items() if minute <= ahead},
        channels={key: _channel(one, clock, ahead) for key, one in hot.channels.items()},
        windows=_windows(hot.windows, ahead),
        runs={key: _runs(runs, clock, ahead) for key, runs in hot.runs.items()},
        told={key: _told(told, clock, ahead) for key, told in hot.told.items()},
        since=min(hot.since, clock),
        back=min(hot.back, clock),
    )
    if kept == hot:
        return state
    return replace(state, hot=replace(kept, due=0))


def _point(point: PointState, clock: int, ahead: int) -> PointState:
    at = point.at if point.at <= ahead else clock
    good_at = point.good_at if point.good_at <= ahead else clock
    return replace(point, at=at, good_at=good_at, heard=min(point.heard, clock))


def _channel(channel: ChannelState, clock: int, ahead: int) -> ChannelState:
    recent = tuple((at if at <= ahead else clock, value) for at, value in channel.recent)
    return replace(channel, levels=tuple(_level(one, clock, ahead) for one in channel.levels), recent=recent)


def _level(level: LevelState, clock: int, ahead: int) -> LevelState:
    since = level.since if level.since <= ahead else clock
    return replace(level, since=since, came=min(level.came, clock))


def _windows(windows: dict[str, Window], ahead: int) -> dict[str, Window]:
    """What of them is left; one of which nothing is left is gone: those who look back begin anew."""
    cut = {key: tuple(one for one in window if one[0] <= ahead) for key, window in windows.items()}
    return {key: left for key, left in cut.items() if left or not windows[key]}


def _scanned(scanned: tuple[ScanTimes, ...], ahead: int) -> tuple[ScanTimes, ...]:
    groups = ((codes, tuple(_run(run, ahead) for run in runs if run[0] <= ahead)) for codes, runs in scanned)
    return tuple((codes, runs) for codes, runs in groups if runs)


def _run(run: Run, ahead: int) -> Run:
    first, step, count = run
    if first + step * (count - 1) <= ahead:
        return run
    count = (ahead - first) // step + 1
    return (first, step if count > 1 else 0, count)


def _runs(runs: tuple[ClassRun, ...], clock: int, ahead: int) -> tuple[ClassRun, ...]:
    return tuple(replace(one, last=_until(one.last, clock, ahead)) for one in runs if one.first <= ahead)


def _told(told: tuple[ToldDanger, ...], clock: int, ahead: int) -> tuple[ToldDanger, ...]:
    return tuple(replace(one, last=_until(one.last, clock, ahead)) for one in told if one.first <= ahead)


def _until(last: int, clock: int, ahead: int) -> int:
    return last if last <= ahead else clock
