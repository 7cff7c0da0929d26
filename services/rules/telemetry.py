"""A frame of readings: admitted, weighed, aggregated and judged, point by point."""

from schemas.aggregates import MINUTE_MS, AggregatePart
from schemas.alerts import TransitionReason
from schemas.base import Quality
from schemas.events import Scan, Telemetry
from schemas.rejects import RejectReason
from services.rules import frames, lifecycle, scans
from services.rules.channels import Reading, judge_channel
from services.rules.device_clock import ClockFault, clock_fault
from services.rules.draft import Draft
from services.rules.index import CLOCK_POINT, PointPlan, StationPlan
from services.rules.minutes import add, bucket_for, minute_of
from services.rules.quality import usable
from services.rules.quiet import Sample, take_quiet
from services.rules.silence import silent_from, station_state
from services.rules.state import PointState
from services.rules.tally import Tally, rejected


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

    __slots__ = ("draft", "frame", "place", "resumed", "series", "tally")

    def __init__(self, draft: Draft, frame: Telemetry, place: StationPlan) -> None:
        self.draft = draft
        self.frame = frame
        self.place = place
        self.tally = Tally()
        self.series: dict[str, list[Sample]] = {}
        self.resumed = False

    def run(self) -> None:
        """Sort the scans by point, judge each point, then remember what was scanned when."""
        believed = [scan for scan in self.frame.scans if self._sort(scan)]
        for code, samples in self.series.items():
            planned = self.place.points[code]
            taken = take_quiet(self.draft, planned, samples)
            if taken < len(samples):
                self._judge_point(planned, samples[taken:])
        for scan in believed:
            scans.remember(self.draft.hot, scan.at, tuple(scan.values))
        if self.resumed:
            self.draft.effects.append(station_state(self.draft, self.place))
        self.draft.effects.extend(self.tally.effects(self.frame))

    def _sort(self, scan: Scan) -> bool:
        """Readings of a wrong clock are put aside, but for life safety: judged on arrival time."""
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
        return not faulty

    def _takes(self, code: str, *, faulty: bool) -> bool:
        planned = self.place.points.get(code)
        if planned is None or code == CLOCK_POINT:
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
        heard = max(state.heard, self.draft.cause.arrival)
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
            if when <= state.at:
                continue
            if value is not None:
                self._judge_value(planned, state, (when, value), faulty=faulty)
                state.good_at, state.value, state.heard = when, value, heard
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

    def _judge_value(
        self, planned: PointPlan, state: PointState, read: tuple[int, float], *, faulty: bool
    ) -> None:
        """Judge a fresh usable value, read at an event time, by every rule that watches the point."""
        at, value = read
        if state.heard == 0:
            due = silent_from(planned, self.draft.cause.arrival)
            hot = self.draft.hot
            hot.due, hot.silence_due = min(hot.due, due), min(hot.silence_due, due)
        elif state.silent:
            self._resume(planned, state, at)
        channels = self.draft.hot.channels
        for planned_channel in planned.channels:
            channel = planned_channel
            if at >= channel.until and channel.after is not None:
                channel = channel.after
            if channel.key not in channels and (
                channel.quiet_from <= channel.scale * value + channel.shift < channel.quiet_to
            ):
                continue
            first = state.good_at == 0
            reading = Reading(
                at=at,
                value=value,
                before=None if first else state.value,
                gap=not first and at - state.good_at > planned.max_gap_ms,
                nature=self.frame.nature,
                clock_fault=faulty and planned.point.life_safety,
            )
            judge_channel(self.draft, channel, self.place, reading)

    def _resume(self, planned: PointPlan, state: PointState, at: int) -> None:
        """Data came back: held alerts of the point are judged again."""
        state.silent = False
        self.resumed = True
        draft = self.draft
        draft.hot.due = draft.hot.silence_due = 0
        for channel in planned.channels:
            alert = draft.cold.alerts.get(channel.key)
            if alert is not None and alert.held:
                note = lifecycle.Note(reason=TransitionReason.RESUMED, at=at, held=False)
                noted = lifecycle.noted(alert, note, self.place, draft.cause)
                draft.put_alert(channel.key, noted)
