"""A frame of readings: admitted, weighed, aggregated and judged, point by point."""

from collections.abc import Iterable, Iterator

from schemas.aggregates import MINUTE_MS, AggregatePart
from schemas.base import Quality
from schemas.events import Scan, Telemetry
from schemas.rejects import Rejection, RejectReason
from services.rules import frames, scans, silence
from services.rules.builtin import CLOCK_POINT
from services.rules.channels import judge_value
from services.rules.comparators import Measurement
from services.rules.computed import Computer
from services.rules.device_clock import ClockFault, clock_fault
from services.rules.effects import Counted, Rejected
from services.rules.fast_path import Sample, take_quiet
from services.rules.judging_plan import PointPlan
from services.rules.minutes import add, bucket_for, minute_of
from services.rules.quality import usable
from services.rules.state import PointState
from services.rules.working_state import WorkingState

MAX_NOTES = 5
"""Notes that a rejection spells out; the rest is counted."""


def judge_frame(working: WorkingState, frame: Telemetry) -> None:
    """The order of judging: admit, believe the clock, weigh, aggregate, judge by the rules."""
    key = frames.stream_key(frame)
    window = frames.admit(working.hot.streams.get(key), frame)
    if window is None:
        detail = f"seq {frame.seq} of {key} came again"
        working.effects.append(_rejected(RejectReason.DUPLICATE_FRAME, detail, frame))
        return
    frames.remember(working.hot.streams, key, window)
    FramePipeline(working, frame).run()


def _rejected(reason: RejectReason, detail: str, frame: Telemetry) -> Rejected:
    """A rejection of (a part of) a frame."""
    rejection = Rejection(reason=reason, detail=detail, source=frame.source, station=frame.station)
    return Rejected(rejection)


class FramePipeline:
    """One admitted frame on its way through the working state.

    ``notes``: by reason, scans and values that were not taken. ``changed``: something silent reports again.
    """

    __slots__ = ("changed", "clamped", "computer", "frame", "late", "notes", "plan", "series", "working")

    def __init__(self, working: WorkingState, frame: Telemetry) -> None:
        self.working = working
        self.frame = frame
        self.plan = working.plan
        self.notes: dict[RejectReason, list[str]] = {}
        self.late = self.clamped = 0
        self.series: dict[str, list[Sample]] = {}
        self.changed = False
        self.computer = Computer(working) if working.plan.computed else None

    def run(self) -> None:
        """Sort the scans by point, judge each point, then remember what was scanned when."""
        self.working.hot.nature = self.frame.nature
        believed = [(scan.at, codes) for scan in self.frame.scans if (codes := self._sort(scan)) is not None]
        for code, samples in self.series.items():
            planned = self.plan.points[code]
            taken = take_quiet(self.working, planned, samples)
            if taken < len(samples):
                self._judge_point(planned, samples[taken:])
        for at, codes in believed:
            scans.remember(self.working.hot, at, codes)
        self._end_silence_of_station()
        self.working.effects.extend(self._effects())

    def _effects(self) -> Iterator[Rejected | Counted]:
        """One rejection per reason, then the counts."""
        for reason, notes in self.notes.items():
            more = f" and {len(notes) - MAX_NOTES} more" if len(notes) > MAX_NOTES else ""
            yield _rejected(reason, ", ".join(notes[:MAX_NOTES]) + more, self.frame)
        if self.late:
            yield Counted("late", self.late)
        if self.clamped:
            yield Counted("clamped", self.clamped)

    def _note(self, reason: RejectReason, text: str) -> None:
        """Remember one scan or value that was not taken."""
        self.notes.setdefault(reason, []).append(text)

    def _end_silence_of_station(self) -> None:
        channel, hot = self.plan.silence, self.working.hot
        if channel is not None and channel.key in hot.channels and not silence.is_lost(self.working):
            silence.end_silence(self.working, channel, self.working.cause.arrival)
        if not hot.condition.startswith(("reporting", "partial")):
            self.changed = True
            hot.due = hot.silence_due = 0  # points of a silent station still are: the tick says which
        if self.changed:
            silence.report_condition(self.working)

    def _sort(self, scan: Scan) -> tuple[str, ...] | None:
        """Returns the points scanned; None: by a wrong clock. Then only life safety is judged, by arrival."""
        arrival = self.working.cause.arrival
        fault = clock_fault(scan.at, arrival)
        self._watch_clock(fault)
        at = scan.at
        if fault is not None:
            at = arrival
            note = f"scan at {scan.at} is {fault.error_ms / 1000:.0f} s off ({fault.cause})"
            self._note(RejectReason.CLOCK_FAULT, note)
        faulty = fault is not None
        series, quality = self.series, scan.quality
        for code, value in scan.values.items():
            samples = series.get(code)
            if samples is None or faulty or code == CLOCK_POINT:
                if not self._takes(code, faulty=faulty):
                    continue
                samples = series.setdefault(code, [])
            samples.append((at, value, quality.get(code, "good") if quality else "good", faulty))
        if faulty:
            return None
        return tuple(scan.values) if self.computer is None else (*scan.values, *self._compute(scan))

    def _compute(self, scan: Scan) -> Iterable[str]:
        assert self.computer is not None
        computed = self.computer.computed(scan)
        for code, value in computed.items():
            self.series.setdefault(code, []).append((scan.at, value, "good", False))
        return computed

    def _takes(self, code: str, *, faulty: bool) -> bool:
        """Points that a device may report: none of the engine's own."""
        planned = self.plan.points.get(code)
        if planned is None or code == CLOCK_POINT or planned.point.computed is not None:
            self._note(RejectReason.UNKNOWN_POINT, code)
            return False
        return planned.point.life_safety or not faulty

    def _watch_clock(self, fault: ClockFault | None) -> None:
        """The built-in point ``clock_error_s`` is read only when something is, or was, wrong."""
        watched = self.plan.points.get(CLOCK_POINT)
        if watched is None:
            return
        idle = not any(c.key in self.working.hot.channels for c in watched.channels)
        if fault is None and idle and CLOCK_POINT not in self.series:
            return
        error_s = 0.0 if fault is None else abs(fault.error_ms) / 1000
        sample: Sample = (self.working.cause.arrival, error_s, "good", True)
        self.series.setdefault(CLOCK_POINT, []).append(sample)

    def _judge_point(self, planned: PointPlan, samples: list[Sample]) -> None:
        code, low, high = planned.point.code, planned.point.low, planned.point.high
        hot, state = self.working.hot, self.working.point(code)
        minute, bucket = -MINUTE_MS, AggregatePart()
        late: set[int] = set()
        for at, raw, quality, faulty in samples:
            when = max(at, state.at + 1) if faulty else at
            if when <= state.at and self._repeated(state, when, code, late):
                continue
            if raw is not None and quality == "good" and low <= raw <= high:
                value: float | None = raw
            else:
                value = self._weigh(raw, quality, planned)
            if not minute <= when < minute + MINUTE_MS:
                minute = minute_of(when)
                bucket = bucket_for(hot, minute, code) if code != CLOCK_POINT else AggregatePart()
            add(bucket, when, value)
            if when > state.at:
                self._end_silence_of_point(planned, state, when)
                self._judge_scan(planned, state, (when, value), faulty=faulty)
                state.at = when

    def _repeated(self, state: PointState, at: int, code: str, late: set[int]) -> bool:
        """A scan that is not new: seen before, or late (counted, aggregated, not judged)."""
        if at == state.at or at in late or scans.was_scanned(self.working.hot, at, code):
            self._note(RejectReason.DUPLICATE_SCAN, f"{code} at {at}")
            return True
        late.add(at)
        self.late += 1
        return False

    def _weigh(self, raw: float | None, quality: Quality, planned: PointPlan) -> float | None:
        weighed = usable(raw, quality, planned.point)
        if weighed.reason == "clamped":
            self.clamped += 1
        elif weighed.reason == "out_of_range":
            self._note(RejectReason.OUT_OF_RANGE, f"{planned.point.code}={raw:g}")
        return weighed.value

    def _end_silence_of_point(self, planned: PointPlan, state: PointState, at: int) -> None:
        """A fresh scan, usable or not: the point is not silent."""
        hot, arrival = self.working.hot, self.working.cause.arrival
        if state.silent:
            state.silent, self.changed = False, True
            hot.due = hot.silence_due = 0
        elif state.heard == 0:
            due = silence.silent_from(planned, arrival)
            hot.due, hot.silence_due = min(hot.due, due), min(hot.silence_due, due)
        state.heard = max(state.heard, arrival)
        silence.end_silence(self.working, planned.silence, at)

    def _judge_scan(
        self, planned: PointPlan, state: PointState, read: tuple[int, float | None], *, faulty: bool
    ) -> None:
        """Judge a fresh scan: its value by the rules, or its want of one by the instrument's quality."""
        at, value = read
        if value is None:
            state.bad += 1
            silence.judge_quality(self.working, planned, at=at, bad=state.bad)
            return
        silence.resume(self.working, planned, at)
        if state.bad:
            state.bad = 0
            silence.judge_quality(self.working, planned, at=at, bad=0)
        first = state.good_at == 0
        judged = Measurement(
            at=at,
            value=value,
            before=None if first else state.value,
            gap=not first and at - state.good_at > planned.max_gap_ms,
            nature=self.frame.nature,
            clock_fault=faulty and planned.point.life_safety,
        )
        judge_value(self.working, planned, judged)
        state.good_at, state.value = at, value
