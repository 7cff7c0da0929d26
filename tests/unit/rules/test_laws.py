"""Invariants of the engine, attacked with random histories."""

import copy
from collections import defaultdict
from dataclasses import asdict, replace
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.engine_log import SECOND, T0, Log, above, below, plan_of, point, rule

from schemas.aggregates import AggregatePart
from schemas.base import Severity
from schemas.events import Scan
from schemas.kinds import Measure, RuleKind
from schemas.plan import Delay, Member, Rate, Ratio, Share
from services.rules.builtin import CLOCK_RULE
from services.rules.effects import AggregateClosed, AlertChanged, Effect
from services.rules.judging_plan import JudgingPlan
from services.rules.pipeline import frame as pipeline
from services.rules.state import HotState
from services.rules.state.scan_times import remember, was_scanned

VALUES = st.one_of(st.none(), st.just(1.0), st.floats(-20, 130, allow_nan=False))
SCANS = st.lists(
    st.tuples(st.integers(0, 600), VALUES, VALUES), min_size=1, max_size=40, unique_by=lambda s: s[0]
)
CUTS = st.lists(st.integers(1, 8), min_size=1, max_size=40)


def plan() -> JudgingPlan:
    """Two points under rules of nearly every kind, and two points computed from them."""
    high = rule(
        "r.high",
        above(Severity.WARN, 60, on=Delay(samples=2)),
        above(Severity.CRITICAL, 90, off=Delay(ms=20 * SECOND)),
    )
    band = rule(
        "r.band",
        below(Severity.NOTICE, 10, on=Delay(ms=30 * SECOND)),
        above(Severity.MAJOR, 80, off=Delay(samples=2)),
    )
    clock = rule(CLOCK_RULE, above(Severity.WARN, 60, clear=60))
    rise = Rate(direction="rise", window_ms=40 * SECOND, per_ms=60 * SECOND)
    rate = rule(
        "r.rate", above(Severity.MAJOR, 100, clear=100), kind=RuleKind.RATE, measure=Measure.RATE, rate=rise
    )
    mean = rule("r.mean", above(Severity.WARN, 70, clear=60), mean_ms=60 * SECOND)
    bad = rule("r.bad", above(Severity.NOTICE, 2, clear=2), kind=RuleKind.QUALITY, measure=Measure.BAD_SCANS)
    silent = rule(
        "r.silent",
        above(Severity.NOTICE, 3, clear=3),
        kind=RuleKind.NO_DATA,
        measure=Measure.INTERVALS_MISSED,
    )
    ratio = Ratio(part="a", whole="b")
    share = Share(members=(Member(point="a"), Member(point="b")), state=1)
    return plan_of(
        point("a", "r.high", "r.band", "r.rate", "r.bad", "r.silent"),
        point("b", "r.band", "r.silent", life_safety=True),
        point("ratio", "r.mean", unit="%", high=1e6, computed=ratio),
        point("share", "r.high", unit="%", report_mode="on_change", computed=share),
        rules=(high, band, clock, rate, mean, bad, silent),
    )


def cut(readings: list, sizes: list[int]) -> list[list]:
    """The readings in frames of those sizes, over and over."""
    frames, start, number = [], 0, 0
    while start < len(readings):
        size = sizes[number % len(sizes)]
        frames.append(readings[start : start + size])
        start, number = start + size, number + 1
    return frames


def run(readings: list, sizes: list[int]) -> list[Effect]:
    """All effects of the history in frames of those sizes, and of a last tick."""
    log = Log(plan())
    for frame in cut(readings, sizes):
        scanned = [Scan(at=T0 + s * SECOND, values={"a": a, "b": b}) for s, a, b in frame]
        log.play(log.frame(*scanned), T0 + 700 * SECOND)
    log.tick(T0 + 1_000 * SECOND)
    return log.effects


def judged(effects: list[Effect]) -> tuple[list, dict]:
    """What matters of a run: alert transitions by alert (offsets aside), and minutes."""
    stories = defaultdict(list)
    figures: dict[tuple[int, str], AggregatePart] = {}
    for effect in effects:
        if isinstance(effect, AlertChanged):
            alert = effect.alert
            entry = alert.timeline[-1]
            stories[alert.alert_id].append(
                (alert.seq, alert.state, alert.severity, entry.reason, entry.at, alert.headline)
            )
        elif isinstance(effect, AggregateClosed):
            for code, part in effect.minute.points.items():
                place = effect.minute.bucket, code
                figures[place] = merged(figures.get(place), part)
    shown = {place: asdict(replace(part, sum=round(part.sum, 6))) for place, part in figures.items()}
    return sorted(stories.items()), shown


def merged(one: AggregatePart | None, other: AggregatePart) -> AggregatePart:
    """Two parts of a minute as one; sums as far as their order lets them be equal."""
    if one is None:
        return other
    ends = [
        [part for part in (one, other) if part.min is not None],
        [part for part in (one, other) if part.last_at is not None],
    ]
    last = max(ends[1], key=lambda part: part.last_at or 0, default=one)
    return AggregatePart(
        n=one.n + other.n,
        n_good=one.n_good + other.n_good,
        sum=one.sum + other.sum,
        min=min((part.min for part in ends[0]), default=None),  # type: ignore[type-var]
        max=max((part.max for part in ends[0]), default=None),  # type: ignore[type-var]
        last=last.last,
        last_at=last.last_at,
    )


@settings(max_examples=150, deadline=None)
@given(SCANS, CUTS)
def test_cutting_frames_otherwise_changes_nothing(readings: list, sizes: list[int]) -> None:
    """The same scans in frames of any size, in their order, give the same alerts and minutes."""
    in_order = sorted(readings, key=itemgetter(0))
    stories, figures = judged(run(in_order, sizes))
    expected, expected_figures = judged(run(in_order, [1]))
    assert stories == expected
    assert figures == expected_figures


@settings(max_examples=150, deadline=None)
@given(SCANS, CUTS)
def test_the_short_way_of_quiet_readings_is_only_shorter(readings: list, sizes: list[int]) -> None:
    """Judging every reading at length gives the same effects, to the last bit."""
    short = run(readings, sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "take_quiet", lambda draft, planned, samples: 0)
        assert run(readings, sizes) == short


@settings(max_examples=100, deadline=None)
@given(SCANS)
def test_a_step_leaves_the_old_state_as_it_was(readings: list) -> None:
    """States are values: stepping from one does not change it, so a failed event leaves no trace."""
    log = Log(plan())
    for second, a, b in readings:
        before, snapshot = log.state, copy.deepcopy(log.state)
        log.play(log.frame(Scan(at=T0 + second * SECOND, values={"a": a, "b": b})), T0 + 700 * SECOND)
        log.tick(T0 + 700 * SECOND)
        assert before == snapshot


@settings(max_examples=100, deadline=None)
@given(SCANS)
def test_one_open_alert_per_channel_and_seq_without_gaps(readings: list) -> None:
    """At most one alert of a channel is open; its snapshots are numbered 1, 2, 3 ..."""
    seen: dict[str, int] = defaultdict(int)
    opened: dict[tuple[str, str], str] = {}
    for effect in run(sorted(readings), [1]):
        if not isinstance(effect, AlertChanged):
            continue
        alert = effect.alert
        seen[alert.alert_id] += 1
        assert alert.seq == seen[alert.alert_id]
        channel = (alert.rule_id, alert.point)
        if alert.closed_at is None:
            assert opened.setdefault(channel, alert.alert_id) == alert.alert_id
        elif opened.get(channel) == alert.alert_id:
            del opened[channel]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2_000), max_size=300))
def test_scan_times_are_remembered(times: list[int]) -> None:
    """In any order, and nothing else."""
    hot = HotState()
    for at in times:
        remember(hot, T0 + at, ("a", "b"))
    found = [at for at in range(2_001) if was_scanned(hot, T0 + at, "a")]
    assert found == sorted(set(times))
    assert not was_scanned(hot, T0, "c")


def test_a_regular_day_is_one_run_per_group() -> None:
    """15-second and 60-second groups in one station."""
    hot = HotState()
    for second in range(0, 86_400, 15):
        remember(hot, T0 + second * SECOND, ("a",))
        if second % 60 == 0:
            remember(hot, T0 + second * SECOND + 7, ("b", "c"))
    assert [len(runs) for _, runs in hot.scanned] == [1, 1]
