"""Readings that come late, twice, in the wrong order: no danger is hidden, none is told twice."""

from itertools import permutations

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, plan_of, point, rule

from schemas.base import Severity
from schemas.events import Scan
from schemas.kinds import Measure, RuleKind
from schemas.plan import Comparator, Delay, Rate
from schemas.rejects import RejectReason
from services.rules.effects import Rejected

HOUR = 60 * MINUTE


def log_of(*levels: Comparator) -> Log:
    """A methane detector; without levels: warn 10, critical 50, at once."""
    usual = (above(Severity.WARN, 10), above(Severity.CRITICAL, 50))
    gas = rule("gas.test", *(levels or usual), life_safety=True)
    return Log(plan_of(point("ch4", "gas.test", life_safety=True), rules=(gas,)))


def send(log: Log, *seconds_and_values: tuple[int, float], arrival: int) -> None:
    """A frame of scans, so many seconds after T0 each."""
    log.play(
        log.frame(*(Scan(at=T0 + s * SECOND, values={"ch4": v}) for s, v in seconds_and_values)), arrival
    )


def test_newest_first_in_a_frame_is_sorted() -> None:
    """The danger stands where it was, and is over after it."""
    log = log_of()
    send(log, (30, 1.0), (15, 80.0), (0, 1.0), arrival=T0 + 30 * SECOND)
    assert log.changes() == [("raised", "B", "critical", 15), ("cleared", "D", "critical", 30)]


def test_a_backlog_behind_a_live_frame_is_judged() -> None:
    """Ten minutes of danger come after the all-clear: told late, and over at once."""
    log = log_of()
    send(log, (1_200, 1.0), arrival=T0 + 1_200 * SECOND)
    for second in range(300, 900, 15):
        send(log, (second, 80.0), arrival=T0 + 1_201 * SECOND)
    assert [entry[:3] for entry in log.changes()] == [
        ("raised", "B", "critical"),
        ("cleared", "D", "critical"),
    ]
    (first, *_) = log.alerts()
    assert (first.late, first.onset_at) == (True, T0 + 300 * SECOND)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_any_order_the_same_danger_is_found(order: tuple[int, ...]) -> None:
    """Two samples and 30 s are needed; they are there, whatever came first."""
    log = log_of(above(Severity.MAJOR, 20, on=Delay(ms=30 * SECOND, samples=2)))
    readings = [(15, 60.0), (30, 60.0), (45, 60.0), (60, 1.0)]
    for number in order:
        send(log, readings[number], arrival=T0 + 70 * SECOND)
    raised = [alert for alert in log.alerts() if alert.timeline[-1].reason == "raised"]
    assert [alert.severity for alert in raised] == [Severity.MAJOR]
    assert raised[0].onset_at == T0 + 15 * SECOND


def test_a_late_reading_that_is_worse_is_told() -> None:
    """The live alert stood at warn; that it was critical in between is news."""
    log = log_of()
    send(log, (0, 20.0), arrival=T0)
    send(log, (60, 20.0), arrival=T0 + 60 * SECOND)
    send(log, (30, 70.0), arrival=T0 + 61 * SECOND)
    assert Severity.CRITICAL in {alert.severity for alert in log.alerts()}


def test_a_late_reading_within_what_was_told_says_nothing_new() -> None:
    """The live alert lasted then, and was as severe."""
    log = log_of()
    for second in (0, 60):
        send(log, (second, 60.0), arrival=T0 + second * SECOND)
    send(log, (30, 55.0), arrival=T0 + 61 * SECOND)
    assert [entry[0] for entry in log.changes()] == ["raised"]


def test_sending_any_part_again_changes_nothing() -> None:
    """The whole day once more, and each frame on its own: no alert, no figure."""
    log = log_of()
    parts = [
        [(second, 80.0 if second == 300 else 1.0) for second in range(begin, begin + 300, 15)]
        for begin in range(0, 7_200, 300)
    ]
    for part in parts:
        send(log, *part, arrival=T0 + 7_200 * SECOND)
    told, state = log.changes(), log.state
    effects = len([e for e in log.effects if not isinstance(e, Rejected)])
    for part in parts:
        send(log, *part, arrival=T0 + 7_200 * SECOND)
        for one in part:
            send(log, one, arrival=T0 + 7_200 * SECOND)
    assert log.changes() == told
    assert len([e for e in log.effects if not isinstance(e, Rejected)]) == effects
    assert log.state.hot.buckets == state.hot.buckets


@pytest.mark.parametrize(
    "seqs",
    [(65_535, 0, 1), (4_000_000_000, 3, 4), (7, 7, 7), (2**63 - 1, 0, 5), (5, 4, 3)],
    ids=["rollover", "a wild one", "it stands", "the largest", "backwards"],
)
def test_counters_refuse_nothing(seqs: tuple[int, ...]) -> None:
    """A reading is new by its time, whatever its frame's number."""
    log = log_of()
    for number, seq in enumerate(seqs):
        scan = Scan(at=T0 + 15 * SECOND * number, values={"ch4": 80.0 if number == 2 else 1.0})
        log.play(log.frame(scan, seq=seq), scan.at)
    assert [entry[:3] for entry in log.changes()] == [("raised", "B", "critical")]
    assert not [e for e in log.effects if isinstance(e, Rejected)]


def test_of_two_values_at_one_time_the_worse_is_judged() -> None:
    """Two devices under one id: which of them comes first decides nothing."""
    log = log_of()
    send(log, (0, 1.0), arrival=T0)
    send(log, (0, 60.0), arrival=T0 + SECOND)
    assert [entry[:3] for entry in log.changes()] == [("raised", "B", "critical")]
    reasons = [e.rejection.reason for e in log.effects if isinstance(e, Rejected)]
    assert reasons == [RejectReason.CONFLICTING_SCAN]


def test_the_milder_of_two_devices_resets_nothing() -> None:
    """40 and 1 in turn, seven seconds apart, against two in a row: it is raised, and stays."""
    log = log_of(above(Severity.MAJOR, 20, on=Delay(samples=2), off=Delay(samples=2)))
    for number in range(20):
        send(log, (15 * number, 40.0), arrival=T0 + 15 * number * SECOND)
        send(log, (15 * number + 7, 1.0), arrival=T0 + (15 * number + 7) * SECOND)
    assert log.changes() == [("raised", "B", "major", 15)]


def test_the_late_alert_ends_by_quiet_readings() -> None:
    """What was told late is over when readings within limits say so, also by the short way."""
    log = log_of(above(Severity.MAJOR, 20, off=Delay(samples=3)))
    send(log, (600, 1.0), arrival=T0 + 600 * SECOND)
    send(log, (300, 60.0), arrival=T0 + 601 * SECOND)
    for second in (615, 630, 645):
        send(log, (second, 1.0), arrival=T0 + second * SECOND)
    assert [entry[0] for entry in log.changes()] == ["raised", "cleared"]
    assert log.state.hot.channels == {}


def test_a_late_day_is_beyond_nothing_and_older_is_listed() -> None:
    """Within 24 h all is taken; before that it is named, and not counted."""
    log = log_of()
    send(log, (0, 1.0), arrival=T0)
    send(log, (-23 * 3_600, 1.0), (-25 * 3_600, 1.0), arrival=T0 + SECOND)
    reasons = [e.rejection.reason for e in log.effects if isinstance(e, Rejected)]
    assert reasons == [RejectReason.BEYOND_HORIZON]


def test_what_a_broken_stretch_told_is_over_when_newer_readings_show_it() -> None:
    """Another stretch of the backlog begins beyond a taken reading: the first one's alert does not stay."""
    rate = Rate(direction="rise", window_ms=60 * SECOND, per_ms=60 * SECOND)
    rises = rule(
        "r.rate",
        above(Severity.MAJOR, 10, clear=5, off=Delay(ms=5 * MINUTE)),
        kind=RuleKind.RATE,
        measure=Measure.RATE,
        rate=rate,
        life_safety=True,
    )
    log = Log(plan_of(point("ch4", "r.rate", life_safety=True), rules=(rises,)))
    for minute in (0, 30, 60):
        log.read("ch4", T0 + minute * MINUTE, 1.0)
    now = T0 + 60 * MINUTE + SECOND
    for second, value in enumerate((1.0, 20.0, 40.0, 60.0)):
        log.read("ch4", T0 + 10 * MINUTE + second * 20 * SECOND, value, arrival=now + second)
    log.read("ch4", T0 + 40 * MINUTE, 60.0, arrival=now + 10)
    assert log.story()[0][0] == "raised"
    assert log.alerts()[-1].cleared_at is None
    for minute in (61, 67):
        log.read("ch4", T0 + minute * MINUTE, 1.0)
    assert log.alerts()[-1].cleared_at is not None
