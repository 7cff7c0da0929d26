"""Whether points and stations are heard, can be trusted and are calibrated."""

from dataclasses import replace

from support.engine_log import EPOCH, MINUTE, SECOND, STATION, T0, Log, above, plan_of, point, rule

from schemas.base import Bilingual, Severity
from schemas.events import Scan
from schemas.kinds import Measure, RuleKind
from schemas.outcomes import StationStateChanged
from schemas.plan import Delay
from services.rules.arranging import arrange
from services.rules.effects import Cause, Decided
from services.rules.engine import expected_from

NOTICE, WARN = Severity.NOTICE, Severity.WARN
DAY = 24 * 60 * MINUTE
NO_DATA = rule(
    "any.no_data",
    above(NOTICE, 3, clear=3),
    above(WARN, 10, clear=10),
    kind=RuleKind.NO_DATA,
    measure=Measure.INTERVALS_MISSED,
    unit="intervals",
)
BAD = rule(
    "any.quality",
    above(NOTICE, 3, clear=3),
    kind=RuleKind.QUALITY,
    measure=Measure.BAD_SCANS,
    unit="scans",
)
DUE = rule(
    "any.calibration",
    above(NOTICE, 0, clear=0),
    kind=RuleKind.QUALITY,
    measure=Measure.DAYS_PAST_CALIBRATION,
    unit="d",
)


def two_points() -> Log:
    """``a`` reports every 15 s, ``b`` every minute."""
    return Log(
        plan_of(
            point("a", "any.no_data"),
            point("b", "any.no_data", expected_every_s=60, life_safety=True),
            rules=(NO_DATA,),
        )
    )


def raised(log: Log) -> list[tuple[str, str, str, int]]:
    """(point, reason, severity, seconds) of each transition."""
    return [
        (a.point, a.timeline[-1].reason.value, a.severity.value, (a.timeline[-1].at - T0) // 1000)
        for a in log.alerts()
    ]


def states(log: Log) -> list[tuple[str, tuple[str, ...]]]:
    """What was told of the station."""
    told = [e.outcome for e in log.effects if isinstance(e, Decided)]
    return [(s.state, s.silent_points) for s in told if isinstance(s, StationStateChanged)]


def test_a_silent_sensor_is_told_while_its_station_is_heard() -> None:
    """Three intervals of 15 s missed: an alert of that point; a scan of it ends the alert."""
    log = two_points()
    log.play(log.frame(Scan(at=T0, values={"a": 1.0, "b": 1.0})), T0)
    log.read("b", T0 + 40 * SECOND, 1.0)
    log.tick(T0 + 49 * SECOND)
    assert raised(log) == []
    log.tick(T0 + 51 * SECOND)
    log.read("a", T0 + 55 * SECOND, 1.0)
    assert raised(log) == [("a", "raised", "notice", 50), ("a", "cleared", "notice", 55)]
    assert states(log) == [("reporting", ()), ("partial", ("a",)), ("reporting", ())]
    assert log.alerts()[0].headline.zh.endswith("已3个周期无数据")


def test_a_silent_station_is_one_alert_however_many_points_it_has() -> None:
    """First its quickest point's, then the station's once each point has missed three of its intervals."""
    log = two_points()
    log.play(log.frame(Scan(at=T0, values={"a": 1.0, "b": 1.0})), T0)
    for second in (51, 100, 200, 700):
        log.tick(T0 + second * SECOND)
    assert raised(log) == [
        ("a", "raised", "notice", 50),
        ("a", "escalated", "warn", 155),
        ("a", "superseded", "warn", 185),
        ("station", "raised", "notice", 185),
        ("station", "escalated", "warn", 605),
    ]
    assert states(log)[-1] == ("silent", ("a", "b"))


def test_the_pace_of_ticks_decides_nothing_about_silence() -> None:
    """Nor does a scan that overtakes one: the same transitions, at the same instants."""
    told = []
    for ticks in (range(0, 300, 5), (), (250,)):
        log = two_points()
        log.play(log.frame(Scan(at=T0, values={"a": 1.0, "b": 1.0})), T0)
        for second in ticks:
            log.tick(T0 + second * SECOND)
        log.play(log.frame(Scan(at=T0 + 300 * SECOND, values={"a": 1.0, "b": 1.0})), T0 + 300 * SECOND)
        told.append((raised(log), states(log)))
    assert told[0] == told[1] == told[2]
    assert len(told[0][0]) == 5


def test_two_dead_sensors_beside_slower_ones_are_no_silent_station() -> None:
    """Each has an alert of its own once the station was heard without it; the station has none."""
    points = [point(code, "any.no_data") for code in ("a", "b")]
    slow = [point(code, "any.no_data", expected_every_s=60) for code in ("c", "d")]
    log = Log(plan_of(*points, *slow, rules=(NO_DATA,)))
    log.play(log.frame(Scan(at=T0, values=dict.fromkeys("abcd", 1.0))), T0)
    for minute in range(1, 30):
        at = T0 + minute * MINUTE
        log.play(log.frame(Scan(at=at, values={"c": 1.0, "d": 1.0})), at)
    assert {(entry[0], entry[1]) for entry in raised(log)} == {
        ("a", "raised"),
        ("a", "escalated"),
        ("b", "raised"),
        ("b", "escalated"),
    }
    assert len(raised(log)) == 4


def test_who_is_heard_again_is_not_silent_and_what_of_it_is_not_is() -> None:
    """The first scan of anything ends a station's silence, but not that of its other sensors."""
    log = two_points()
    log.play(log.frame(Scan(at=T0, values={"a": 1.0, "b": 1.0})), T0)
    log.tick(T0 + 185 * SECOND)
    log.read("b", T0 + 190 * SECOND, 1.0)
    log.tick(T0 + 209 * SECOND)
    assert [entry[:2] for entry in raised(log)][-1] == ("station", "cleared"), "it has an interval to report"
    log.tick(T0 + 210 * SECOND)
    assert [entry[:2] for entry in raised(log)][-3:] == [
        ("station", "raised"),
        ("station", "cleared"),
        ("a", "raised"),
    ]
    assert states(log)[-1] == ("partial", ("a",))


def test_a_station_that_never_reported_is_unheard() -> None:
    """Expected since the plan became active: a silence like any other, and told as such."""
    log = two_points()
    log.state = expected_from(STATION, Cause(EPOCH, 0, 0, T0), nature="simulated")
    log.tick(T0 + 45 * SECOND)
    assert (raised(log), states(log)) == ([], [])
    log.tick(T0 + 186 * SECOND)
    assert raised(log)[-1] == ("station", "raised", "notice", 185)
    assert states(log)[-1] == ("unheard", ("a", "b"))
    assert log.alerts()[0].nature == "simulated"
    log.read("a", T0 + 190 * SECOND, 1.0)
    assert states(log)[-1] == ("partial", ("b",))


def test_points_that_report_on_change_confirm_that_they_live() -> None:
    """They hold their value, yet are silent after three of their intervals."""
    log = Log(plan_of(point("door", "any.no_data", report_mode="on_change"), rules=(NO_DATA,)))
    log.read("door", T0, 0.0)
    log.tick(T0 + 50 * SECOND)
    assert raised(log) == [("door", "raised", "notice", 50)]


def test_unusable_readings_in_a_row_are_an_alert_and_hold_others() -> None:
    """Bad, missing and impossible values count alike; a usable one ends it, and resumes what was held."""
    high = rule("r.high", above(WARN, 50, clear=40, off=Delay(samples=2)))
    log = Log(plan_of(point("a", "r.high", "any.quality"), rules=(high, BAD)))
    log.read("a", T0, 60.0)
    log.read("a", T0 + 15 * SECOND, None)
    log.read("a", T0 + 30 * SECOND, 500.0)
    scan = Scan(at=T0 + 45 * SECOND, values={"a": 1.0}, quality={"a": "bad"})
    log.play(log.frame(scan), scan.at)
    log.read("a", T0 + 60 * SECOND, 60.0)
    assert [(a.rule_id, a.timeline[-1].reason.value) for a in log.alerts()] == [
        ("r.high", "raised"),
        ("any.quality", "raised"),
        ("r.high", "held"),
        ("r.high", "resumed"),
        ("any.quality", "cleared"),
    ]


def test_two_bad_readings_are_no_alert() -> None:
    """A usable reading in between begins the count anew."""
    log = Log(plan_of(point("a", "any.quality"), rules=(BAD,)))
    for number, value in enumerate([1.0, None, None, 1.0, None, None, 1.0]):
        log.read("a", T0 + number * 15 * SECOND, value)
    assert log.story() == []


def test_a_calibration_that_is_overdue_is_told_by_the_clock_and_ended_by_a_new_date() -> None:
    """At the instant it falls due, without any reading; a plan with a later date ends it."""
    from services.rules.engine import change_plan

    due = T0 + 2 * DAY
    log = Log(plan_of(point("a", "any.calibration", calibration_due=due), rules=(DUE,)))
    log.read("a", T0, 1.0)
    log.tick(T0 + DAY)
    assert log.story() == []
    log.tick(due + SECOND)
    assert [entry[0] for entry in log.story()] == ["raised"]
    later = plan_of(point("a", "any.calibration", calibration_due=due + 300 * DAY), rules=(DUE,))
    log.state, _ = change_plan(log.state, log.cause(due + MINUTE), old=log.plan, new=later)
    log.plan = later
    log.tick(due + 2 * MINUTE)
    assert [entry[0] for entry in log.story()] == ["raised", "cleared"]


def test_a_logger_has_its_time_to_send() -> None:
    """It reads every 15 s and sends every ten minutes: silent after three of those, late beyond one."""
    high = rule("r.high", above(WARN, 50))
    plan = plan_of(point("a", "any.no_data", "r.high"), rules=(NO_DATA, high))
    station = replace(plan.document.stations[0], upload_every_s=600)
    log = Log(arrange(replace(plan.document, stations=(station,)), plan.plan_id))
    log.read("a", T0, 1.0)
    log.read("a", T0 + 15 * SECOND, 60.0, arrival=T0 + 600 * SECOND)
    log.read("a", T0 + 30 * SECOND, 40.0, arrival=T0 + 601 * SECOND)
    assert [(alert.rule_id, alert.late) for alert in log.alerts()] == [("r.high", False), ("r.high", False)]
    log.tick(T0 + 601 * SECOND + 1_804 * SECOND)
    assert [alert.rule_id for alert in log.alerts()][2:] == []
    log.tick(T0 + 601 * SECOND + 1_805 * SECOND)
    assert log.alerts()[-1].rule_id == "any.no_data"


def test_points_that_are_silent_together_are_one_alert_of_the_most_urgent() -> None:
    """It names all of them; when one that is more urgent falls silent, too, the alert becomes that one's."""
    urgent = rule(
        "any.urgent", above(WARN, 3, clear=3), kind=RuleKind.NO_DATA, measure=Measure.INTERVALS_MISSED
    )
    names = {code: Bilingual(zh=f"{code}点", en=f"point {code}") for code in "abcd"}
    points = [point(code, "any.no_data", name=names[code]) for code in "ab"]
    points.append(point("c", "any.urgent", name=names["c"], expected_every_s=30))
    points.append(point("d", "any.no_data", name=names["d"], expected_every_s=3_600))
    notice = rule(
        "any.no_data", above(NOTICE, 3, clear=3), kind=RuleKind.NO_DATA, measure=Measure.INTERVALS_MISSED
    )
    log = Log(plan_of(*points, rules=(notice, urgent)))
    log.play(log.frame(Scan(at=T0, values=dict.fromkeys("abcd", 1.0))), T0)
    log.tick(T0 + 60 * SECOND)
    assert raised(log) == [("a", "raised", "notice", 50)]
    assert "a点、b点均中断" in log.alerts()[-1].headline.zh
    log.tick(T0 + 100 * SECOND)
    assert sorted(raised(log)[1:]) == [("a", "superseded", "notice", 95), ("c", "raised", "warn", 95)]
