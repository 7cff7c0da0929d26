"""A frame of readings on its way: placed in time, sorted by point, recognised, weighed, counted, judged."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.aggregates import MINUTE_MS, AggregatePart
from schemas.events import MendedTelemetry, Scan, Telemetry
from schemas.rejects import Rejection, RejectReason
from services.rules.builtin import CLOCK_POINT
from services.rules.effects import Counted, Rejected
from services.rules.judging_plan import NEVER, PointPlan
from services.rules.pipeline import clocks, late, silence
from services.rules.pipeline.channels import judge_value
from services.rules.pipeline.computed import SCHEDULE, Computer
from services.rules.pipeline.held_values import catch_up
from services.rules.pipeline.instruments import judge_quality, resume
from services.rules.pipeline.levels import Reading
from services.rules.pipeline.quiet import Sample, take_quiet
from services.rules.pipeline.values import Weighed, bus_faults, weigh
from services.rules.state import PointState
from services.rules.state.minutes import add, bucket_for, close_due, minute_of, tell_closed
from services.rules.state.scan_times import remember, was_scanned
from services.rules.state.timers import arm
from services.rules.state.working import WorkingState
from services.rules.words.headline import clock_words

REFUSED = {"out_of_range": RejectReason.OUT_OF_RANGE, "no_state": RejectReason.NO_STATE}
"""Why a value that is there is none of its instrument."""
MAX_NOTES = 5
"""Notes that a rejection spells out; the rest is counted."""


@dataclass(slots=True)
class Batch:
    """A frame under way: its scans where they belong, and their readings by point."""

    frame: Telemetry
    placed: clocks.PlacedScans
    series: dict[str, list[Sample]]
    scanned: list[tuple[int, tuple[str, ...]]]
    """When which points were scanned, those that are computed from them, too."""


@dataclass(slots=True)
class AtPoint:
    """The readings of one point under way, which are judged at length. ``state`` is changed in place."""

    working: WorkingState
    planned: PointPlan
    state: PointState
    batch: Batch


Stage = Callable[[WorkingState, Batch], None]


def judge_frame(working: WorkingState, frame: Telemetry, stages: Iterable[Stage]) -> None:
    """Take a frame through the stages; one that came before under a wrong clock is rejected as a whole."""
    placed = clocks.place(working, frame)
    if placed is None:
        detail = f"seq {frame.seq} of {clocks.stream_key(frame)} came again"
        working.effects.append(_rejected(RejectReason.DUPLICATE_FRAME, detail, frame))
        return
    batch = _sorted_by_point(working, frame, placed)
    for stage in stages:
        stage(working, batch)


def _sorted_by_point(working: WorkingState, frame: Telemetry, placed: clocks.PlacedScans) -> Batch:
    """The readings of the scans, each with those that are computed from it, by point."""
    working.hot.nature = frame.nature
    if isinstance(frame, MendedTelemetry):
        for text in frame.refused:
            working.note(RejectReason.ODD_VALUE, text)
    series: dict[str, list[Sample]] = {}
    computer = Computer(working) if working.plan.computed else None
    scanned = []
    for at, scan in placed.scans:
        codes = _taken(working, at, scan, series, faulty=placed.fault)
        if computer is not None:
            codes = (*codes, *_computed(computer, at, scan, series, faulty=placed.fault))
        scanned.append((at, codes))
    return Batch(frame, placed, series, scanned)


def _taken(
    working: WorkingState, at: int, scan: Scan, series: dict[str, list[Sample]], *, faulty: bool
) -> tuple[str, ...]:
    """Put the readings of a scan where they are judged. Returns the points that they are of."""
    quality, foreign = scan.quality, False
    for code, value in scan.values.items():
        if code not in series:
            if not _takes(working, code):
                foreign = True
                continue
            series[code] = []
        series[code].append((at, value, quality.get(code, "good") if quality else "good", faulty))
    return tuple(code for code in scan.values if code in series) if foreign else tuple(scan.values)


def _computed(
    computer: Computer, at: int, scan: Scan, series: dict[str, list[Sample]], *, faulty: bool
) -> Iterable[str]:
    computed = computer.computed(at, scan)
    for code, (when, value) in computed.items():
        series.setdefault(code, []).append((when, value, "good", faulty))
    return computed


def _takes(working: WorkingState, code: str) -> bool:
    """Points that a device may report: none of the engine's own."""
    planned = working.plan.points.get(code)
    if planned is None or code == CLOCK_POINT or planned.point.computed is not None:
        working.note(RejectReason.UNKNOWN_POINT, code)
        return False
    return True


def judge_points(working: WorkingState, batch: Batch) -> None:
    """Each point's readings, in their order: the quiet ones by the short way."""
    for code, samples in batch.series.items():
        planned = working.plan.points[code]
        taken = take_quiet(working, planned, samples)
        if taken < len(samples):
            _judge_point(AtPoint(working, planned, working.point(code), batch), samples[taken:])


def _judge_point(here: AtPoint, samples: Sequence[Sample]) -> None:
    state, code, hot = here.state, here.planned.point.code, here.working.hot
    if here.batch.placed.anew and samples[0][3]:
        state.at = min(state.at, samples[0][0] - 1)  # in what order the corrections lie says nothing
    behind: set[int] = set()
    minute, part = -MINUTE_MS, AggregatePart()
    for index, (at, raw, quality, faulty) in enumerate(samples):
        weighed = weigh(raw, quality, here.planned)
        when = max(at, state.at + 1) if faulty else at
        if when <= state.at and (when == state.at or when in behind or was_scanned(hot, when, code)):
            _take_again(here, when, weighed)
            continue
        if not minute <= when < minute + MINUTE_MS:
            minute = minute_of(when)
            part = bucket_for(hot, minute, code)
        add(part, when, weighed.value)
        _hear(here, when)
        if weighed.reason in REFUSED:
            here.working.note(REFUSED[weighed.reason], f"{code}={raw:g}")
        if when <= state.at:
            behind.add(when)
            _judge_late(here, when, weighed, samples[index + 1][0] if index + 1 < len(samples) else NEVER)
        else:
            _judge(here, when, raw, weighed)
            state.at = when
    if behind and state.good_at and not here.batch.placed.undecided:
        late.follow(here.working, here.planned, _reading(here, state.good_at, state.value))


def _take_again(here: AtPoint, at: int, weighed: Weighed) -> None:
    """A time that was taken before: the same reading again, or another one, of which the worse is judged."""
    value, state = weighed.value if weighed.end is None else weighed.end, here.state
    is_worse = (
        here.planned.keeps_runs and value is not None and late.is_worse(here.working, here.planned, at, value)
    )
    is_other = is_worse or (at == state.good_at and value is not None and value != state.value)
    placed = here.batch.placed
    if placed.moved_on and (placed.fault or placed.undecided):
        _hear(here, at)
    reason = RejectReason.CONFLICTING_SCAN if is_other else RejectReason.DUPLICATE_SCAN
    here.working.note(reason, f"{here.planned.point.code} at {at}")
    if value is None or not is_worse:
        return
    if at == state.at:
        judge_value(here.working, here.planned, _reading(here, at, value))
    else:
        late.judge_among_neighbours(here.working, here.planned, _reading(here, at, value))


def _judge_late(here: AtPoint, at: int, weighed: Weighed, until: int) -> None:
    """Behind a newer reading: counted, and judged. ``until``: when the point was read next, in this frame."""
    working, planned = here.working, here.planned
    working.late += 1
    value = weighed.value if weighed.end is None else weighed.end
    if value is None or not planned.channels:
        return
    late.judge_late(working, planned, _reading(here, at, value), until)


def _reading(here: AtPoint, at: int, value: float) -> Reading:
    """``before`` and the gap are those to the newest reading, where this one is newer."""
    state = here.state
    is_newer = 0 < state.good_at < at
    return Reading(
        at=at,
        value=value,
        before=state.value if is_newer else None,
        gap_ms=at - state.good_at if is_newer else 0,
        nature=here.batch.frame.nature,
        clock_fault=here.batch.placed.fault,
    )


def _hear(here: AtPoint, at: int) -> None:
    """A new reading, usable or not, that is not too old proves that the point reports."""
    placed, oldest = here.batch.placed, here.working.cause.arrival - here.planned.heard_within_ms
    if placed.fault or placed.undecided or at >= oldest:
        silence.hear(here.working, here.planned, here.state)


def _judge(here: AtPoint, at: int, raw: float | None, weighed: Weighed) -> None:
    """Judge a fresh reading: its value by the rules, or its want of one by the instrument's quality."""
    working, planned, state = here.working, here.planned, here.state
    if planned.point.report_mode == "on_change" and working.hot.channels:
        catch_up(working, planned, min(at, state.at + planned.silent_after_ms))
    if weighed.value is None:
        _judge_unusable(here, at, raw, weighed)
        return
    resume(working, planned, at)
    if state.bad:
        state.bad = 0
        judge_quality(working, planned, at=at, bad=0, holds=False)
    read = _reading(here, at, weighed.value)
    judge_value(working, planned, read)
    if working.hot.channels:
        late.follow(working, planned, read)
    state.good_at, state.value = at, weighed.value


def _judge_unusable(here: AtPoint, at: int, raw: float | None, weighed: Weighed) -> None:
    """No reading of the instrument. Beyond a dangerous end it is judged as that end, by levels alone."""
    working, planned, placed = here.working, here.planned, here.batch.placed
    here.state.bad += 1
    bad, end = here.state.bad, weighed.end
    if weighed.reason == "out_of_range" and at in bus_faults(placed.scans, working.plan):
        end = None
        if planned.quality is not None:
            bad = max(bad, round(planned.quality.quiet_to))
    if end is not None:
        read = replace(_reading(here, at, end), said=(f"读数{raw:g}", f"reading {raw:g}"))
        plain = tuple(one for one in planned.channels if one.rule.life_safety and one.is_plain)
        judge_value(working, replace(planned, channels=plain), read)
    judge_quality(working, planned, at=at, bad=bad, holds=end is None)


def judge_astray(working: WorkingState, batch: Batch) -> None:
    """Scans that belong nowhere: rejected by name; what life depends on is judged as if it were of now."""
    if not batch.placed.astray:
        return
    arrival = working.cause.arrival
    by_arrival = replace(batch, placed=replace(batch.placed, fault=True))
    for scan in batch.placed.astray:
        is_old = not batch.placed.fault and clocks.YEAR_2001_MS <= scan.at < arrival
        reason = RejectReason.BEYOND_HORIZON if is_old else RejectReason.CLOCK_FAULT
        working.note(reason, f"scan at {scan.at} is {(scan.at - arrival) / 1000:.0f} s off")
        for code, value in scan.values.items():
            planned = working.plan.points.get(code)
            if planned is not None and planned.point.life_safety and not is_old:
                sample: Sample = (arrival, value, scan.quality.get(code, "good"), True)
                _judge_point(AtPoint(working, planned, working.point(code), by_arrival), [sample])


def watch_clocks(working: WorkingState, _: Batch) -> None:
    """The clocks of the station's devices, as they are after the frame."""
    judge_clocks(working, working.cause.arrival)


def judge_clocks(working: WorkingState, at: int) -> None:
    """Raise, or end, the alert about the station's device clocks: judged only when one is, or was, wrong.

    One that stands still is wrong by at least what the rule minds, whatever it is off so far.
    """
    planned, hot = working.plan.points.get(CLOCK_POINT), working.hot
    if planned is None:
        return
    wrong = clocks.is_wrong(hot)
    if not wrong and not any(channel.key in hot.channels for channel in planned.channels):
        return
    error_ms, stands = clocks.error_ms(hot), clocks.stands(hot)
    least = min((one.quiet_to for one in planned.channels), default=0.0) if stands else 0.0
    value = max(abs(error_ms) / 1000, math.ceil(least))
    read = Reading(at=at, value=value, nature=hot.nature, said=clock_words(error_ms, stands=stands))
    judge_value(working, planned, read)


def remember_scans(working: WorkingState, batch: Batch) -> None:
    """What was scanned when, to tell what comes again."""
    for at, codes in batch.scanned:
        if codes:
            remember(working.hot, at, codes)


def note_return(working: WorkingState, _: Batch) -> None:
    """The station may be heard for the first time in a while."""
    silence.note_return(working)


def settle(working: WorkingState, batch: Batch) -> None:
    """The station is heard; late minutes are complete; what was not taken is said, by reason."""
    silence.settle(working)
    if working.plan.is_scheduled and SCHEDULE not in working.hot.timers:
        arm(working.hot, SCHEDULE, working.cause.arrival)
    if working.hot.due <= working.cause.arrival:
        due = close_due(working.hot, working.plan.station, working.cause.arrival)
        tell_closed(working.effects, due)
    if working.late:
        working.effects.append(Counted("late", working.late))
    for reason, notes in working.notes.items():
        more = f" and {len(notes) - MAX_NOTES} more" if len(notes) > MAX_NOTES else ""
        working.effects.append(_rejected(reason, ", ".join(notes[:MAX_NOTES]) + more, batch.frame))


def _rejected(reason: RejectReason, detail: str, frame: Telemetry) -> Rejected:
    """A rejection of (a part of) a frame."""
    rejection = Rejection(reason=reason, detail=detail, source=frame.source, station=frame.station)
    return Rejected(rejection)
