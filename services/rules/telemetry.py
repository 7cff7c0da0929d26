"""A frame of readings: admitted, weighed, aggregated and judged, point by point."""

from collections.abc import Iterable

from schemas.aggregates import MINUTE_MS, AggregatePart
from schemas.base import Quality
from schemas.events import Scan, Telemetry
from schemas.rejects import RejectReason
from services.rules import frames, scans
from services.rules.arranged import PointPlan, StationPlan
from services.rules.builtin import CLOCK_POINT
from services.rules.computed import Computer
from services.rules.device_clock import ClockFault, clock_fault
from services.rules.draft import Draft
from services.rules.instrument import judge_quality
from services.rules.minutes import add, bucket_for, minute_of
from services.rules.quality import usable
from services.rules.quiet import Sample, take_quiet
from services.rules.silence import hear, is_lost, resume, silent_from, tell_condition
from services.rules.state import PointState
from services.rules.tally import Tally, rejected
from services.rules.values import Value, judge_value


def judge_frame(draft: Draft, frame: Telemetry, place: StationPlan) -> None:
    """The order of judging: admit, believe the clock, weigh, aggregate, judge by the rules."""
    key = frames.stream_key(frame)
    admission = frames.admit(draft.hot.streams.get(key), frame)
    if not admission.accepted:
        detail = f"seq {frame.seq} of {key} came again"
        draft.effects.append(rejected(RejectReason.DUPLICATE_FRAME, detail, frame))
        return
    frames.remember(draft.hot.streams, key, admission.window)
    _FrameJudge(draft, frame, place).run()


class _FrameJudge:
    """One admitted frame on its way through the draft."""

    __slots__ = ("changed", "computer", "draft", "frame", "place", "series", "tally")

    def __init__(self, draft: Draft, frame: Telemetry, place: StationPlan) -> None:
        self.draft = draft
        self.frame = frame
        self.place = place
        self.tally = Tally()
        self.series: dict[str, list[Sample]] = {}
        self.changed = False
        """Whether something silent was heard."""
        self.computer = Computer(draft.hot, place) if place.computed else None

    def run(self) -> None:
        """Sort the scans by point, judge each point, then remember what was scanned when."""
        self.draft.hot.nature = self.frame.nature
        believed = [(scan.at, codes) for scan in self.frame.scans if (codes := self._sort(scan)) is not None]
        for code, samples in self.series.items():
            planned = self.place.points[code]
            taken = take_quiet(self.draft, planned, samples)
            if taken < len(samples):
                self._judge_point(planned, samples[taken:])
        for at, codes in believed:
            scans.remember(self.draft.hot, at, codes)
        self._hear_station()
        self.draft.effects.extend(self.tally.effects(self.frame))

    def _hear_station(self) -> None:
        place, hot, arrival = self.place, self.draft.hot, self.draft.cause.arrival
        was_silent = place.silence is not None and place.silence.key in hot.channels
        if was_silent and not is_lost(hot, place, arrival):
            hear(self.draft, place.silence, place, arrival)
        if not hot.condition.startswith(("reporting", "partial")):
            self.changed = True
            hot.due = hot.silence_due = (
                0  # of a station that was silent, points still are: the tick says which
            )
        if self.changed:
            tell_condition(self.draft, place)

    def _sort(self, scan: Scan) -> tuple[str, ...] | None:
        """What was scanned, or None: of a wrong clock. Then only life safety is judged, on arrival time."""
        arrival = self.draft.cause.arrival
        fault = clock_fault(scan.at, arrival)
        self._watch_clock(fault)
        at = scan.at
        if fault is not None:
            at = arrival
            note = f"scan at {scan.at} is {fault.error_ms / 1000:.0f} s off ({fault.cause})"
            self.tally.note(RejectReason.CLOCK_FAULT, note)
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
        planned = self.place.points.get(code)
        if planned is None or code == CLOCK_POINT or planned.point.computed is not None:
            self.tally.note(RejectReason.UNKNOWN_POINT, code)
            return False
        return planned.point.life_safety or not faulty

    def _watch_clock(self, fault: ClockFault | None) -> None:
        """The built-in point ``clock_error_s`` is read only when something is, or was, wrong."""
        watched = self.place.points.get(CLOCK_POINT)
        if watched is None:
            return
        idle = not any(c.key in self.draft.hot.channels for c in watched.channels)
        if fault is None and idle and CLOCK_POINT not in self.series:
            return
        error_s = 0.0 if fault is None else abs(fault.error_ms) / 1000
        sample: Sample = (self.draft.cause.arrival, error_s, "good", True)
        self.series.setdefault(CLOCK_POINT, []).append(sample)

    def _judge_point(self, planned: PointPlan, samples: list[Sample]) -> None:
        code, low, high = planned.point.code, planned.point.low, planned.point.high
        hot, state = self.draft.hot, self.draft.point(code)
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
                self._hear_point(planned, state, when)
                self._judge_scan(planned, state, (when, value), faulty=faulty)
                state.at = when

    def _repeated(self, state: PointState, at: int, code: str, late: set[int]) -> bool:
        """A scan that is not new: seen before, or late (counted, aggregated, not judged)."""
        if at == state.at or at in late or scans.seen(self.draft.hot, at, code):
            self.tally.note(RejectReason.DUPLICATE_SCAN, f"{code} at {at}")
            return True
        late.add(at)
        self.tally.late += 1
        return False

    def _weigh(self, raw: float | None, quality: Quality, planned: PointPlan) -> float | None:
        weighed = usable(raw, quality, planned.point)
        if weighed.reason == "clamped":
            self.tally.clamped += 1
        elif weighed.reason == "out_of_range":
            self.tally.note(RejectReason.OUT_OF_RANGE, f"{planned.point.code}={raw:g}")
        return weighed.value

    def _hear_point(self, planned: PointPlan, state: PointState, at: int) -> None:
        """A fresh scan, usable or not: the point is not silent."""
        hot, arrival = self.draft.hot, self.draft.cause.arrival
        if state.silent:
            state.silent, self.changed = False, True
            hot.due = hot.silence_due = 0
        elif state.heard == 0:
            due = silent_from(planned, arrival)
            hot.due, hot.silence_due = min(hot.due, due), min(hot.silence_due, due)
        state.heard = max(state.heard, arrival)
        hear(self.draft, planned.silence, self.place, at)

    def _judge_scan(
        self, planned: PointPlan, state: PointState, read: tuple[int, float | None], *, faulty: bool
    ) -> None:
        """Judge a fresh scan: its value by the rules, or its want of one by the instrument's quality."""
        at, value = read
        nature = self.frame.nature
        if value is None:
            state.bad += 1
            judge_quality(self.draft, planned, self.place, at=at, bad=state.bad)
            return
        resume(self.draft, planned, self.place, at)
        if state.bad:
            state.bad = 0
            judge_quality(self.draft, planned, self.place, at=at, bad=0)
        first = state.good_at == 0
        judged = Value(
            at=at,
            value=value,
            before=None if first else state.value,
            gap=not first and at - state.good_at > planned.max_gap_ms,
            nature=nature,
            clock_fault=faulty and planned.point.life_safety,
        )
        judge_value(self.draft, planned, self.place, judged)
        state.good_at, state.value = at, value
