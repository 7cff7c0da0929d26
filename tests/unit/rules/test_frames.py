"""Repeats, restarts, wrong clocks, bad values, minutes: what of a frame counts."""

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, plan_of, point, rule

from schemas.aggregates import AggregatePart
from schemas.base import Severity
from schemas.events import Scan
from schemas.rejects import RejectReason
from services.rules.builtin import CLOCK_RULE
from services.rules.effects import AggregateClosed, Counted, Rejected

HOUR = 60 * MINUTE
CLOCK = rule(CLOCK_RULE, above(Severity.WARN, 60, clear=60), unit="s")


def log_of(**point_changes: object) -> Log:
    """One point watched by a warn limit of 10, and the clock rule."""
    one = rule("gas.test", above(Severity.WARN, 10))
    return Log(plan_of(point("ch4", "gas.test", **point_changes), rules=(one, CLOCK)))


def scan(second: float, **values: float | None) -> Scan:
    """A scan that many seconds after T0."""
    return Scan(at=T0 + round(second * SECOND), values=values)


def rejected(effects: list) -> dict[RejectReason, str]:
    """Reasons and details of the rejections among effects."""
    return {e.rejection.reason: e.rejection.detail for e in effects if isinstance(e, Rejected)}


def minutes(log: Log) -> dict[int, AggregatePart]:
    """All closed minutes of ``ch4``, by minutes after T0 (parts must be single)."""
    closed = [e.minute for e in log.effects if isinstance(e, AggregateClosed)]
    found = {(m.bucket - T0) // MINUTE: m.points["ch4"] for m in closed}
    assert len(found) == len(closed)
    return found


def test_a_repeated_frame_is_rejected_and_changes_no_figure() -> None:
    """Each of its readings was taken already: rejected with its origin."""
    log = log_of()
    frame = log.frame(scan(0, ch4=20.0))
    log.play(frame, T0)
    assert RejectReason.DUPLICATE_SCAN in rejected(log.play(frame, T0 + SECOND))
    log.tick(T0 + 2 * MINUTE)
    assert minutes(log)[0].n == 1


SEQUENCES = [
    pytest.param([(1, 0), (2, 15), (3, 30)], 3, id="in order"),
    pytest.param([(1, 0), (3, 30), (2, 15)], 3, id="a late frame fills its gap"),
    pytest.param([(1, 0), (3, 30), (2, 15), (2, 15)], 3, id="but only once"),
    pytest.param([(900, 0), (1, 15), (2, 30)], 3, id="lower seq, newer scans: a restart"),
    pytest.param([(900, 0), (880, 0), (900, 0)], 1, id="lower seq, no newer scans: repeats"),
    pytest.param([(1, 0), (5_000, 15), (4_990, 8)], 3, id="missing ones within the window"),
    pytest.param([(1, 0), (5_000, 15), (2, 8)], 3, id="one that was missing for long"),
    pytest.param([(65_535, 0), (0, 15), (1, 30)], 3, id="a counter that rolls over"),
]


@pytest.mark.parametrize(("arrivals", "taken"), SEQUENCES)
def test_which_frames_count(arrivals: list[tuple[int, int]], taken: int) -> None:
    """Frames (seq, second) of a source without boot: this many are taken."""
    log = log_of()
    for seq, second in arrivals:
        log.play(log.frame(scan(second, ch4=1.0), seq=seq, boot=None), T0 + MINUTE)
    refused = [e for e in log.effects if isinstance(e, Rejected)]
    assert len(arrivals) - len(refused) == taken


def test_a_scan_in_another_frame_is_still_a_repeat() -> None:
    """(point, at) twice is one reading, also when it comes late and under a new seq."""
    log = log_of()
    for second in (0, 15, 30):
        log.play(log.frame(scan(second, ch4=float(second))), T0 + MINUTE)
    effects = log.play(log.frame(scan(15, ch4=99.0), scan(30, ch4=99.0)), T0 + MINUTE)
    assert "ch4 at" in rejected(effects)[RejectReason.DUPLICATE_SCAN]
    log.tick(T0 + 5 * MINUTE)
    assert (minutes(log)[0].n, minutes(log)[0].max) == (3, 30.0)
    assert log.alerts()[0].value == 15.0


def test_a_late_scan_corrects_its_minute_and_is_told_beside_what_is() -> None:
    """It is aggregated and counted; a danger that it shows alone is told, and that the newer one is none."""
    log = log_of()
    log.read("ch4", T0 + 30 * SECOND, 1.0)
    effects = log.play(log.frame(scan(10, ch4=90.0)), T0 + 40 * SECOND)
    assert Counted("late", 1) in effects
    assert [entry[0] for entry in log.story()] == ["raised", "cleared"]
    log.tick(T0 + 2 * MINUTE)
    part = minutes(log)[0]
    assert (part.n, part.max, part.last) == (2, 90.0, 1.0)


def test_minutes_close_ten_seconds_after_their_end() -> None:
    """Whatever comes then closes what is due; a scan after that makes a further part, at once."""
    log = log_of()
    for second in (0, 15, 30, 45, 60):
        log.read("ch4", T0 + second * SECOND, second / 10)
    assert not log.tick(T0 + 69 * SECOND)
    (closed,) = log.tick(T0 + 70 * SECOND)
    assert isinstance(closed, AggregateClosed)
    assert closed.minute.points["ch4"] == AggregatePart(
        n=4, n_good=4, sum=9.0, min=0.0, max=4.5, last=4.5, last_at=T0 + 45 * SECOND
    )
    effects = log.play(log.frame(scan(50, ch4=9.0)), T0 + 71 * SECOND)
    (part,) = [e for e in effects if isinstance(e, AggregateClosed)]
    assert (part.minute.bucket, part.minute.points["ch4"].n) == (T0, 1)


QUALITIES = [
    pytest.param(150.0, "good", False, None, id="over range is bad"),
    pytest.param(150.0, "good", True, None, id="over range is bad for life safety, too"),
    pytest.param(104.0, "good", False, 100.0, id="a little over range is the upper end"),
    pytest.param(-6.0, "good", True, None, id="far under range is bad"),
    pytest.param(50.0, "bad", False, None, id="bad"),
    pytest.param(50.0, "substituted", False, None, id="substituted"),
    pytest.param(50.0, "uncertain", False, 50.0, id="uncertain was measured"),
    pytest.param(None, "good", False, None, id="no value"),
]


@pytest.mark.parametrize(("value", "quality", "life_safety", "judged"), QUALITIES)
def test_what_is_judged(value: float | None, quality: str, life_safety: bool, judged: float | None) -> None:
    """The value that a reading is judged by; unusable ones count in n but not in n_good."""
    log = log_of(life_safety=life_safety)
    reading = Scan(at=T0, values={"ch4": value}, quality={"ch4": quality})  # type: ignore[arg-type]
    log.play(log.frame(reading), T0)
    assert [alert.value for alert in log.alerts()] == ([] if judged is None else [judged])
    log.tick(T0 + 2 * MINUTE)
    assert (minutes(log)[0].n, minutes(log)[0].n_good) == (1, 0 if judged is None else 1)


def test_out_of_range_and_unknown_points_are_kept_with_their_reason() -> None:
    """Such values are rejected one by one; the rest of the frame counts."""
    log = log_of()
    effects = log.play(log.frame(scan(0, ch4=150.0, who=1.0), scan(15, ch4=20.0)), T0 + MINUTE)
    assert rejected(effects) == {
        RejectReason.OUT_OF_RANGE: "ch4=150",
        RejectReason.UNKNOWN_POINT: "who",
    }
    assert len(log.alerts()) == 1


def test_life_safety_is_judged_on_arrival_time_whatever_the_clock_says() -> None:
    """A gas detector with a wrong clock still raises its alert, marked."""
    log = log_of(life_safety=True)
    log.play(log.frame(Scan(at=86_400_000, values={"ch4": 20.0})), T0)
    gas = [alert for alert in log.alerts() if alert.rule_id == "gas.test"]
    assert [(a.raised_at, a.clock_fault) for a in gas] == [(T0, True)]


def test_sixty_seconds_ahead_is_still_believed() -> None:
    """Clocks drift: a minute is tolerated."""
    log = log_of()
    log.play(log.frame(scan(60, ch4=20.0)), T0)
    assert [alert.rule_id for alert in log.alerts()] == ["gas.test"]


def test_an_event_has_one_part_a_minute() -> None:
    """A frame may come when a minute is due, with more of it: parts are told apart by their events."""
    log = log_of()
    log.read("ch4", T0 + 15 * SECOND, 1.0)
    effects = log.play(log.frame(scan(30, ch4=3.0), scan(75, ch4=2.0)), T0 + 75 * SECOND)
    (closed,) = [effect for effect in effects if isinstance(effect, AggregateClosed)]
    part = closed.minute.points["ch4"]
    assert (part.n, part.sum, part.min, part.max, part.last) == (2, 4.0, 1.0, 3.0, 3.0)
