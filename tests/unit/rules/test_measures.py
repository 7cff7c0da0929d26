"""Rules over more than one value: rates, means, schedules, ratios and shares."""

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, below, plan_of, point, rule

from schemas.base import Severity
from schemas.events import Scan
from schemas.kinds import Measure, RuleKind
from schemas.plan import Delay, Flatline, Member, Rate, Ratio, Scheduled, Share
from services.rules.effects import AggregateClosed, Rejected
from services.rules.state.arrivals import brought_back

WARN, MAJOR = Severity.WARN, Severity.MAJOR
HOUR = 60 * MINUTE


def rate_rule(direction: str = "rise", **changes: object) -> object:
    """10 a minute over the last 60 s, cleared below 5."""
    rate = Rate(direction=direction, window_ms=60 * SECOND, per_ms=60 * SECOND)  # type: ignore[arg-type]
    fields = {"kind": RuleKind.RATE, "measure": Measure.RATE, "rate": rate, "unit": "%LEL/min"}
    return rule("r.rate", above(MAJOR, 10, clear=5), **{**fields, **changes})


def played(log: Log, code: str, values: list[float | None], every_s: int = 15, start: int = T0) -> None:
    """One frame a value."""
    for number, value in enumerate(values):
        log.read(code, start + number * every_s * SECOND, value)


def test_a_rate_is_taken_over_the_window() -> None:
    """(last - first) / time over 60 s: 3 per 15 s is 12 a minute; under half a window says nothing."""
    log = Log(plan_of(point("a", "r.rate"), rules=(rate_rule(),)))  # type: ignore[arg-type]
    played(log, "a", [0, 3, 6])
    assert log.story() == [("raised", "B", "major", 30)]
    assert log.alerts()[0].value == 12.0
    assert "上升12 %LEL/min≥10" in log.alerts()[0].headline.zh.replace("(0.6 %VOL)", "")


def test_a_drop_counts_downwards_and_in_the_rules_unit() -> None:
    """0.04 MPa in 60 s is 40 kPa a minute; rising as fast is no drop."""
    rate = Rate(direction="drop", window_ms=60 * SECOND, per_ms=60 * SECOND, factor=1_000.0)
    one = rate_rule(rate=rate, unit="kPa/min")
    log = Log(plan_of(point("a", "r.rate", high=1.0, unit="MPa", expected_every_s=60), rules=(one,)))  # type: ignore[arg-type]
    played(log, "a", [0.30, 0.34], every_s=60)
    assert log.story() == []
    played(log, "a", [0.30], start=T0 + 120 * SECOND)
    assert log.alerts()[0].value == pytest.approx(40.0)


def test_sparse_scans_give_a_rate_of_the_last_two_but_not_across_a_gap() -> None:
    """A detector that reports each 15 minutes: its last two good scans count, unless 3 are missing."""
    one = rate_rule()
    log = Log(plan_of(point("a", "r.rate", expected_every_s=900), rules=(one,)))  # type: ignore[arg-type]
    log.read("a", T0, 0.0)
    log.read("a", T0 + 46 * MINUTE, 99.0)
    assert log.story() == []
    log.read("a", T0 + 61 * MINUTE, 0.0)
    log.read("a", T0 + 65 * MINUTE, 60.0)
    assert [entry[0] for entry in log.story()] == ["raised"]
    log.read("a", T0 + 80 * MINUTE, 61.0)
    assert [entry[0] for entry in log.story()] == ["raised", "cleared"]


def test_a_mean_waits_for_a_third_of_its_window() -> None:
    """The mean of an hour of minutes is judged once 20 of them are covered, bad ones are left out."""
    one = rule("r.mean", above(WARN, 50, clear=40), mean_ms=HOUR)
    log = Log(plan_of(point("a", "r.mean", expected_every_s=60), rules=(one,)))
    played(log, "a", [60.0, None] + [60.0] * 40, every_s=60)
    assert [(entry[0], entry[3]) for entry in log.story()] == [("raised", 19 * 60)]
    assert "1小时均值60" in log.alerts()[0].headline.zh


def test_a_mean_forgets_what_has_left_its_window() -> None:
    """An hour of 60 and half an hour of 10: the mean falls below 40 when 36 of 60 minutes read 10 less."""
    one = rule("r.mean", above(WARN, 50, clear=40), mean_ms=HOUR)
    log = Log(plan_of(point("a", "r.mean", expected_every_s=60), rules=(one,)))
    played(log, "a", [60.0] * 60 + [10.0] * 40, every_s=60)
    reason, _, _, second = log.story()[-1]
    assert (reason, second) == ("cleared", (60 + 24) * 60)


def test_a_reference_follows_its_schedule() -> None:
    """Half the lamps, half the current; outside the schedule nothing is expected and nothing judged."""
    band = rule(
        "r.current",
        below(WARN, -30, clear=-28),
        above(WARN, 30, clear=28),
        kind=RuleKind.BAND,
        measure=Measure.PERCENT_FROM_SCHEDULE,
        unit="%",
    )
    schedule = (Scheduled(gate="all", share=1.0), Scheduled(gate="half", share=0.5))
    calendars = {"all": ((T0, T0 + HOUR),), "half": ((T0 + HOUR, T0 + 2 * HOUR),)}
    lamp = point("a", "r.current", unit="A", reference=20.0, schedule=schedule, expected_every_s=300)
    log = Log(plan_of(lamp, rules=(band,), calendars=calendars))
    log.read("a", T0 + 10 * MINUTE, 20.0)
    log.read("a", T0 + 70 * MINUTE, 10.0)
    log.read("a", T0 + 130 * MINUTE, 0.0)
    assert log.story() == []
    log.read("a", T0 + 80 * MINUTE, 20.0, arrival=T0 + 131 * MINUTE)
    assert [(alert.value, alert.late) for alert in log.alerts()] == [(100.0, True)], "judged by its own hour"
    log = Log(plan_of(lamp, rules=(band,), calendars=calendars))
    log.read("a", T0 + 80 * MINUTE, 20.0)
    assert log.alerts()[0].value == 100.0


def ratio_log() -> Log:
    """Make-up water as a share of what circulates."""
    one = rule("r.makeup", above(WARN, 1.0, clear=0.9), unit="%")
    ratio = point("pct", "r.makeup", unit="%", computed=Ratio(part="part", whole="whole"))
    return Log(plan_of(point("part"), point("whole", high=3_000.0), ratio, rules=(one,)))


def test_a_ratio_needs_both_parts_in_one_scan() -> None:
    """Parts of different scans are never divided by each other, nor is anything by 0."""
    log = ratio_log()
    log.play(log.frame(Scan(at=T0, values={"part": 50.0})), T0)
    log.play(log.frame(Scan(at=T0 + 1, values={"whole": 10.0})), T0 + 1)
    log.play(log.frame(Scan(at=T0 + 2, values={"part": 50.0, "whole": 0.0})), T0 + 2)
    assert log.story() == []
    log.play(log.frame(Scan(at=T0 + 3, values={"part": 50.0, "whole": 1000.0})), T0 + 3)
    assert log.alerts()[0].value == 5.0


def test_a_computed_point_has_minutes_and_cannot_be_reported() -> None:
    """Its values are aggregated like any other's; a device that sends one is told that it is unknown."""
    log = ratio_log()
    log.play(log.frame(Scan(at=T0, values={"part": 5.0, "whole": 1000.0, "pct": 99.0})), T0)
    log.tick(T0 + 2 * MINUTE)
    rejected = [effect.rejection.detail for effect in log.effects if isinstance(effect, Rejected)]
    minutes = [effect.minute.points for effect in log.effects if isinstance(effect, AggregateClosed)]
    assert rejected == ["pct"]
    assert minutes[0]["pct"].sum == 0.5


def shared(expected: str | None = None, **calendars: tuple[tuple[int, int], ...]) -> Log:
    """Circuits that are dark (state 0) of two; ``c2`` may be expected only at times."""
    one = rule("r.dark", above(WARN, 1, clear=1), above(MAJOR, 100, clear=100), unit="%")
    share = Share(members=(Member(point="c1"), Member(point="c2", expected=expected)), state=0)
    computed = point("dark", "r.dark", unit="%", report_mode="on_change", computed=share)
    circuits = [point(one, report_mode="on_change", high=1.0, expected_every_s=3600) for one in ("c1", "c2")]
    return Log(plan_of(*circuits, computed, rules=(one,), calendars=calendars))


def test_a_share_counts_its_members_last_known_states() -> None:
    """One of two dark: 50 %; both: 100 %; lit again: over."""
    log = shared()
    log.play(log.frame(Scan(at=T0, values={"c1": 1.0, "c2": 1.0})), T0)
    log.read("c1", T0 + SECOND, 0.0)
    log.read("c2", T0 + 2 * SECOND, 0.0)
    log.play(log.frame(Scan(at=T0 + 3 * SECOND, values={"c1": 1.0, "c2": 1.0})), T0 + 3 * SECOND)
    assert log.story() == [
        ("raised", "B", "warn", 1),
        ("escalated", "B", "major", 2),
        ("cleared", "D", "major", 3),
    ]
    assert [alert.value for alert in log.alerts()] == [50.0, 100.0, 0.0]


def test_a_member_counts_only_while_it_is_expected() -> None:
    """A circuit that is off by its schedule is not dark; when it should be lit and is not, it is."""
    log = shared("night", night=((T0 + 10 * MINUTE, T0 + 20 * MINUTE),))
    log.play(log.frame(Scan(at=T0, values={"c1": 1.0, "c2": 0.0})), T0)
    log.tick(T0 + 9 * MINUTE)
    assert log.story() == []
    log.tick(T0 + 10 * MINUTE + 4 * SECOND)
    log.tick(T0 + 30 * MINUTE)
    assert [(entry[0], entry[3]) for entry in log.story()] == [("raised", 600), ("cleared", 1200)]


def test_a_late_scan_does_not_move_a_share() -> None:
    """What was scanned before the share's newest scan says nothing about now."""
    log = shared()
    log.play(log.frame(Scan(at=T0 + MINUTE, values={"c1": 1.0, "c2": 1.0})), T0 + MINUTE)
    log.read("c1", T0, 0.0, arrival=T0 + MINUTE)
    assert log.story() == []


def test_a_windowed_rule_that_changes_begins_anew() -> None:
    """Pending delays and windows belong to the rule as it was."""
    one = rate_rule(comparators=(above(MAJOR, 10, clear=5, on=Delay(samples=2)),))
    log = Log(plan_of(point("a", "r.rate"), rules=(one,)))  # type: ignore[arg-type]
    played(log, "a", [0, 3])
    assert log.state.hot.windows
    from services.rules.engine import change_plan

    other = plan_of(point("a"), rules=())
    log.state, _ = change_plan(log.state, log.cause(T0 + MINUTE), old=log.plan, new=other)
    assert not log.state.hot.windows
    assert not log.state.hot.channels


def test_a_step_of_a_coarse_sensor_is_no_rise() -> None:
    """Readings in steps of 8: one step of noise is nothing, a rise that is sure is told."""
    coarse = point("a", "r.rate", resolution=8.0, high=1_000.0)
    log = Log(plan_of(coarse, rules=(rate_rule(),)))  # type: ignore[arg-type]
    played(log, "a", [0, 8, 0, 8, 8, 16, 8, 16, 16, 16])
    assert log.story() == []
    played(log, "a", [40, 80, 120, 160], start=T0 + 150 * SECOND)
    assert [entry[0] for entry in log.story()] == ["raised"]
    fine = Log(plan_of(point("a", "r.rate", high=1_000.0), rules=(rate_rule(),)))  # type: ignore[arg-type]
    played(fine, "a", [0, 8, 0, 8, 8, 16])
    assert fine.story(), "without the step it would have been one"


def test_half_a_step_is_the_tolerance_of_a_limit() -> None:
    """31.5 may be 32 that was read in steps of 1."""
    high = rule("r.high", above(WARN, 32, clear=30))
    for step, told in ((None, 0), (1.0, 1)):
        log = Log(plan_of(point("a", "r.high", resolution=step), rules=(high,)))
        log.read("a", T0, 31.5)
        assert len(log.story()) == told


def flat_log(**calendars: tuple[tuple[int, int], ...]) -> Log:
    """A meter that moves by 2 or more within 10 minutes, while its pump runs."""
    flat = rule(
        "any.flatline", above(WARN, 1, clear=1), kind=RuleKind.FLATLINE, measure=Measure.SPANS_UNCHANGED
    )
    gated = rule("r.high", above(WARN, 90), gate="runs" if calendars else None)
    meter = point(
        "a",
        "any.flatline",
        "r.high",
        flatline=Flatline(least=2.0, within_ms=10 * MINUTE),
        expected_every_s=60,
    )
    return Log(plan_of(meter, rules=(flat, gated), calendars=calendars))


def test_a_reading_that_does_not_move_is_told_until_it_does() -> None:
    """Ten minutes within 2; at an end of its range it may stand for ever."""
    log = flat_log()
    played(log, "a", [50.0, 51.0, 50.5] * 4 + [53.0], every_s=60)
    assert log.story() == [("raised", "B", "warn", 600), ("cleared", "D", "warn", 720)]
    assert "10分钟内读数不变(51 %LEL)" in log.alerts()[0].headline.zh
    still = flat_log()
    played(still, "a", [0.0] * 60, every_s=60)
    assert still.story() == []


def test_nobody_looks_for_a_stuck_reading_while_a_gate_is_closed() -> None:
    """A pump that stands still reads the same for hours; when it runs again the time begins anew."""
    log = flat_log(runs=((T0 + 30 * MINUTE, T0 + 60 * MINUTE),))
    played(log, "a", [50.0] * 45, every_s=60)
    assert log.story() == [("raised", "B", "warn", 2_400)]


def test_a_clock_that_is_set_back_leaves_no_memory_without_a_reading() -> None:
    """What a meter read at a time that was not believed is forgotten, and the next reading is its first."""
    log = flat_log()
    log.read("a", T0 + 60 * MINUTE, 50.0)
    log.state = brought_back(log.state, T0)
    assert not log.state.hot.windows
    log.read("a", T0 + MINUTE, 50.0)
    assert log.story() == []
