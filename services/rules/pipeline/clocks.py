"""Device clocks: which of them are wrong, and where their scans belong (JUDGING 3).

Each stream (source, boot) has a clock of its own. The scans of a faulty one are placed by a correction, so
that their distances stay right; what no correction places is judged at its arrival where life depends on it.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from operator import itemgetter

from schemas.events import Scan, Telemetry
from services.rules.judging_plan import NEVER
from services.rules.state import ClockFaultKind, HotState, Lagging, StreamState
from services.rules.state.scan_times import was_scanned
from services.rules.state.timers import arm
from services.rules.state.working import WorkingState

AHEAD_MS, AHEAD_OVER_MS = 60_000, 30_000
"""A scan later than its arrival by the first is ahead, until it is so by less than the second."""
OLDEST_MS = 24 * 3_600_000
YEAR_2001_MS = 978_307_200_000
STANDS_MS = 5_000
"""Frames that arrive so far apart were not sent at the same instant."""
SAME_LAG_MS, STEADY_FRAMES, STEADY_MS = 5_000, 3, 120_000
"""So equal, so often, for so long: it is not the way that is slow, but the clock."""
OFF_MS, OFF_FRAMES = 60_000, 3
"""A correction that places so many frames in a row so far from their arrival is renewed."""
MAX_STREAMS, MAX_FRAMES = 8, 32
UNITS: tuple[tuple[int, int], ...] = ((1_000, 1), (1, 1_000), (1, 1_000_000))
"""What turns seconds, micro- and nanoseconds into milliseconds: times the first, by the second."""
_instant = itemgetter(0)
CLOCK = "clock"
"""Kind of the timers that decide about a clock that leapt back."""


@dataclass(slots=True)
class PlacedScans:
    """A frame's scans with the instants at which they are judged, oldest first.

    ``fault``: the clock is wrong. ``undecided``: it may be. ``astray``: scans that belong nowhere.
    ``moved_on``: the frame is another one than the last of its stream. ``anew``: it was corrected otherwise.
    """

    scans: list[tuple[int, Scan]]
    fault: bool = False
    undecided: bool = False
    astray: tuple[Scan, ...] = ()
    moved_on: bool = True
    anew: bool = False


def stream_key(frame: Telemetry) -> str:
    """The stream that a frame belongs to."""
    return f"{frame.source}|{frame.boot or ''}"


def place(working: WorkingState, frame: Telemetry) -> PlacedScans | None:
    """Believe the frame's times, or correct them; None: a frame of a faulty clock that has come before."""
    hot, arrival = working.hot, working.cause.arrival
    key = stream_key(frame)
    before = hot.streams.get(key)
    scans = _sorted(frame.scans)
    oldest, newest = scans[0][0], scans[-1][0]
    if (
        newest <= arrival + AHEAD_MS
        and newest >= arrival - working.plan.stale_after_ms
        and oldest >= arrival - OLDEST_MS
        and (before is None or (not before.fault and before.lagging is None))
        and not _stands(before, frame, newest, arrival)
    ):
        _keep(hot, key, StreamState(frame.seq, frame.sent_at, newest, arrival))
        return PlacedScans(scans)
    return _examined(working, frame, key, before)


def _sorted(scans: list[Scan]) -> list[tuple[int, Scan]]:
    """The scans with their times, oldest first."""
    placed = [(scan.at, scan) for scan in scans]
    if len(placed) > 1:
        placed.sort(key=_instant)
    return placed


def _keep(hot: HotState, key: str, stream: StreamState) -> None:
    hot.streams[key] = stream
    if len(hot.streams) > MAX_STREAMS:
        del hot.streams[min(hot.streams, key=lambda name: hot.streams[name].arrival)]


def _examined(
    working: WorkingState, frame: Telemetry, key: str, before: StreamState | None
) -> PlacedScans | None:
    """The long way: something about the frame's times is odd, or was about the last one's."""
    arrival, stale_ms = working.cause.arrival, working.plan.stale_after_ms
    digest = blake2b(f"{frame.seq}|{frame.sent_at}|{frame.scans}".encode(), digest_size=8).hexdigest()
    if before is not None and before.fault and digest in before.frames:
        return None
    newest = _newest(frame, arrival)
    fault = _seen_at_once(before, frame, newest, arrival)
    lagging = None
    if not fault and newest < arrival - stale_ms:
        lagging = _lagging(before, newest, arrival)
        if _is_repeat(working, frame, before, lagging):
            _keep(working.hot, key, before or StreamState(frame.seq, frame.sent_at, newest, arrival))
            return PlacedScans(_sorted(frame.scans))
        if (before is not None and before.fault == "behind") or _is_steady(lagging, arrival):
            fault, lagging = "behind", None
    now = StreamState(frame.seq, frame.sent_at, newest, arrival, lagging=lagging)
    if fault:
        now = _corrected(now, before, fault, arrival, stale_ms)
        now = replace(now, frames=((before.frames if before else ()) + (digest,))[-MAX_FRAMES:])
    _keep(working.hot, key, now)
    _set_decision(working, key, lagging)
    is_other = before is None or frame.seq != before.seq
    anew = bool(fault) and (before is None or now.correction != before.correction)
    return replace(_placed(frame, now, arrival), moved_on=is_other, anew=anew)


def _is_repeat(working: WorkingState, frame: Telemetry, before: StreamState | None, lagging: Lagging) -> bool:
    """Old scans that were all taken before, and come again: of the clock they say nothing.

    One that has just leapt back may fall on times that are taken: then the frames go on being new.
    """
    is_known = before is not None and (before.fault or before.lagging is not None)
    goes_on = before is not None and frame.seq > before.seq and (lagging.leapt or is_known)
    points = working.plan.points
    return not goes_on and all(
        was_scanned(working.hot, scan.at, code)
        for scan in frame.scans
        for code in scan.values
        if code in points
    )


def _newest(frame: Telemetry, arrival: int) -> int:
    """The newest scan time; an impossible one does not count while others, and the sending, are right."""
    times = [scan.at for scan in frame.scans]
    if abs(arrival - frame.sent_at) <= OFF_MS:
        times = [at for at in times if YEAR_2001_MS <= at <= arrival + AHEAD_MS] or times
    return max(times)


def _seen_at_once(before: StreamState | None, frame: Telemetry, newest: int, arrival: int) -> ClockFaultKind:
    """The fault that one frame shows."""
    was = before.fault if before is not None else ""
    if _unit(newest, arrival) is not None:
        return "wrong_unit"
    if newest < YEAR_2001_MS:
        return "reset"
    if newest > arrival + (AHEAD_OVER_MS if was == "ahead" else AHEAD_MS):
        return "ahead"
    return "stands_still" if _stands(before, frame, newest, arrival) else ""


def _stands(before: StreamState | None, frame: Telemetry, newest: int, arrival: int) -> bool:
    return (
        before is not None
        and frame.sent_at == before.sent_at
        and frame.seq != before.seq
        and newest <= before.newest
        and (arrival - before.arrival >= STANDS_MS or before.fault == "stands_still")
    )


def _unit(at: int, arrival: int) -> tuple[int, int] | None:
    """The unit other than milliseconds in which a time is near its arrival."""
    near = (unit for unit in UNITS if abs(_in_ms(at, unit) - arrival) <= OLDEST_MS)
    return next(near, None) if abs(at - arrival) > OLDEST_MS else None


def _in_ms(at: int, unit: tuple[int, int] | None) -> int:
    return at if unit is None else at * unit[0] // unit[1]


def _lagging(before: StreamState | None, newest: int, arrival: int) -> Lagging:
    """Old scans, after what came before them."""
    lag, known = arrival - newest, None if before is None else before.lagging
    if known is not None and abs(lag - known.lag) <= SAME_LAG_MS:
        again = before is not None and arrival > before.arrival
        return Lagging(known.since, known.lag, known.frames + again, leapt=known.leapt and not again)
    leapt = before is not None and known is None and not before.fault and newest < before.newest
    return Lagging(arrival, lag, 1, leapt)


def _is_steady(lagging: Lagging, arrival: int) -> bool:
    return lagging.frames >= STEADY_FRAMES and arrival - lagging.since >= STEADY_MS


def _set_decision(working: WorkingState, key: str, lagging: Lagging | None) -> None:
    """A leap back is decided when nothing has followed it for a while."""
    name = f"{CLOCK}|{key}"
    if lagging is not None and lagging.leapt:
        wait_ms = max(STEADY_MS, working.plan.twice_quickest_ms)
        arm(working.hot, name, lagging.since + wait_ms)
    elif name in working.hot.timers:
        arm(working.hot, name, NEVER)


def decide(working: WorkingState, key: str, _at: int) -> None:
    """The timer: a stream leapt back and was silent since, so its clock is behind."""
    stream = working.hot.streams.get(key)
    if stream is None or stream.lagging is None:
        return
    now = replace(stream, lagging=None)
    working.hot.streams[key] = _corrected(now, None, "behind", stream.arrival, working.plan.stale_after_ms)


def _corrected(
    now: StreamState, before: StreamState | None, fault: ClockFaultKind, arrival: int, stale_ms: int
) -> StreamState:
    """The stream with its fault and correction: the one that it had, while that places it right.

    Nothing is read after it has arrived: a correction that says so is wrong.
    """
    newest = _in_ms(now.newest, _unit(now.newest, arrival))
    if before is not None and before.fault == fault != "stands_still" and now.newest >= before.newest:
        late_ms = arrival - (newest + before.correction)
        off = before.off + 1 if abs(late_ms) > OFF_MS else 0
        if off < OFF_FRAMES and late_ms >= -AHEAD_MS:
            return replace(now, fault=fault, correction=before.correction, error_ms=before.error_ms, off=off)
    sent = _in_ms(now.sent_at, _unit(now.sent_at, arrival))
    is_off = sent > arrival + AHEAD_MS or sent < arrival - stale_ms
    correction = arrival - (sent if is_off and fault != "stands_still" else newest)
    error_ms = now.newest - arrival if fault == "wrong_unit" else -correction
    return replace(now, fault=fault, correction=correction, error_ms=error_ms)


def _placed(frame: Telemetry, stream: StreamState, arrival: int) -> PlacedScans:
    """The frame's scans where they belong; those that are beyond a day, or ahead, belong nowhere."""
    here: list[tuple[int, Scan]] = []
    astray: list[Scan] = []
    unit = _unit(stream.newest, arrival) if stream.fault else None
    for scan in frame.scans:
        at = _in_ms(scan.at, unit) + (stream.correction if stream.fault else 0)
        if arrival - OLDEST_MS <= at <= arrival + AHEAD_MS:
            here.append((at, scan))
        else:
            astray.append(scan)
    here.sort(key=_instant)
    lagging = stream.lagging
    undecided = lagging is not None and (lagging.leapt or lagging.frames > 1)
    return PlacedScans(here, bool(stream.fault), undecided, tuple(astray))


def error_ms(hot: HotState) -> int:
    """How far the clock is off that is worst of those that are wrong now; negative: behind."""
    return max((stream.error_ms for stream in hot.streams.values() if stream.fault), key=abs, default=0)


def is_wrong(hot: HotState) -> bool:
    """Tells if a clock of the station's streams is known to be wrong."""
    return any(stream.fault for stream in hot.streams.values())


def stands(hot: HotState) -> bool:
    """Tells if a clock of the station's streams stands still."""
    return any(stream.fault == "stands_still" for stream in hot.streams.values())
