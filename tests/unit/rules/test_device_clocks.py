"""Devices whose clocks are wrong: each fault is named, their readings stand where they belong (JUDGING 3)."""

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, plan_of, point, rule

from schemas.alerts import Alert
from schemas.base import Severity
from schemas.events import Scan
from services.rules.builtin import CLOCK_RULE

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
GAS = rule("gas.test", above(Severity.WARN, 10), above(Severity.CRITICAL, 50), life_safety=True)
CLOCK = rule(CLOCK_RULE, above(Severity.WARN, 60, clear=60), unit="s")


def log_of() -> Log:
    """A methane detector, and the rule about clocks."""
    return Log(plan_of(point("ch4", "gas.test", life_safety=True), rules=(GAS, CLOCK)))


def send(log: Log, at: int, value: float, *, arrival: int, **frame: object) -> None:
    """A frame of one scan, which the device stamps ``at`` and sends at that time."""
    log.play(log.frame(Scan(at=at, values={"ch4": value}), **frame), arrival)


def of(log: Log, rule_id: str) -> list[Alert]:
    """The snapshots of a rule's alerts."""
    return [alert for alert in log.alerts() if alert.rule_id == rule_id]


FAULTS = [
    pytest.param(lambda now: now - T0 + 5_000, "慢", id="reset to 1970"),
    pytest.param(lambda now: now - T0 + 946_684_800_000, "慢", id="reset to 2000"),
    pytest.param(lambda now: now + DAY, "快", id="a day ahead"),
    pytest.param(lambda now: now + 8 * HOUR, "快", id="local time as UTC"),
    pytest.param(lambda now: now + 61 * SECOND, "快", id="just ahead"),
    pytest.param(lambda now: 4_294_967_295_000 + now - T0, "快", id="2106, all ones"),
    pytest.param(lambda now: now // 1000, "慢", id="seconds"),
    pytest.param(lambda now: now * 1_000, "快", id="microseconds"),
    pytest.param(lambda now: now * 1_000_000, "快", id="nanoseconds"),
    pytest.param(lambda now: now - T0 - 2**62, "慢", id="far below zero"),
]


@pytest.mark.parametrize(("stamp", "way"), FAULTS)
def test_a_wrong_clock_hides_nothing(stamp: object, way: str) -> None:
    """Before and after it the clock is right; the danger is found within its frame, and the fault named."""
    log = log_of()
    send(log, T0, 1.0, arrival=T0)
    for number, value in enumerate((1.0, 80.0, 80.0, 1.0), 1):
        now = T0 + 15 * SECOND * number
        send(log, stamp(now), value, arrival=now)  # type: ignore[operator]
    send(log, T0 + 75 * SECOND, 1.0, arrival=T0 + 75 * SECOND)
    gas, clock = of(log, "gas.test"), of(log, CLOCK_RULE)
    assert [one.timeline[-1].reason for one in gas] == ["raised", "cleared"]
    assert gas[0].severity is Severity.CRITICAL
    assert gas[0].clock_fault
    assert [abs(one.timeline[-1].at - T0) // SECOND for one in gas] == [30, 60]
    assert [one.timeline[-1].reason for one in clock] == ["raised", "cleared"]
    assert f"时钟{way}" in clock[0].headline.zh


def test_a_clock_set_back_is_decided_when_nothing_fresh_follows() -> None:
    """One leap from a fresh frame, then silence: the danger is told at once, the fault after two minutes."""
    log = log_of()
    send(log, T0, 1.0, arrival=T0)
    send(log, T0 + 15 * SECOND - HOUR, 80.0, arrival=T0 + 15 * SECOND)
    (gas,) = of(log, "gas.test")
    assert (gas.severity, gas.late, gas.cleared_at) == (Severity.CRITICAL, True, None)
    log.tick(T0 + 200 * SECOND)
    (clock,) = of(log, CLOCK_RULE)
    assert clock.raised_at == T0 + 15 * SECOND + 2 * MINUTE
    assert "时钟慢1小时" in clock.headline.zh
    assert "clock slow by 1 h" in clock.headline.en


@pytest.mark.parametrize("behind", [11 * MINUTE, HOUR, 5 * DAY, 19 * 365 * DAY])
def test_a_clock_that_is_steadily_behind_is_found(behind: int) -> None:
    """Equal lags over three frames and two minutes, be it an hour or a roll-over to 2006."""
    log = log_of()
    send(log, T0, 1.0, arrival=T0)
    for number in range(1, 14):
        now = T0 + 15 * SECOND * number
        send(log, now - behind, 80.0 if number > 11 else 1.0, arrival=now)
    (clock,) = of(log, CLOCK_RULE)
    assert clock.raised_at <= T0 + 15 * SECOND * 10
    assert of(log, "gas.test")[0].severity is Severity.CRITICAL


def test_stored_frames_are_no_clock_fault() -> None:
    """A backlog is sent faster than it was measured: its lags differ."""
    log = log_of()
    for number in range(40):
        send(log, T0 + 15 * SECOND * number, 1.0, arrival=T0 + HOUR + number * SECOND)
    send(log, T0 + HOUR + MINUTE, 1.0, arrival=T0 + HOUR + MINUTE)
    log.tick(T0 + HOUR + 10 * MINUTE)
    assert log.alerts() == []


def test_live_first_and_then_the_backlog_is_no_clock_fault() -> None:
    """The stamps leap back, and live frames follow."""
    log = log_of()
    for number in range(10):
        send(log, T0 + 15 * SECOND * number, 1.0, arrival=T0 + 15 * SECOND * number)
        old = T0 - HOUR + 15 * SECOND * number
        send(log, old, 1.0, arrival=T0 + 15 * SECOND * number + SECOND)
    send(log, T0 + 150 * SECOND, 1.0, arrival=T0 + 150 * SECOND)
    log.tick(T0 + 10 * MINUTE)
    assert of(log, CLOCK_RULE) == []


def test_a_clock_that_stands_still_is_found() -> None:
    """The time of sending stays, counter and arrival go on."""
    log = log_of()
    send(log, T0, 1.0, arrival=T0)
    send(log, T0, 80.0, arrival=T0 + 15 * SECOND)
    send(log, T0, 80.0, arrival=T0 + 30 * SECOND)
    assert of(log, "gas.test")[0].severity is Severity.CRITICAL
    assert len(of(log, CLOCK_RULE)) == 1


def test_two_devices_of_which_one_is_wrong_make_one_steady_alert() -> None:
    """The clock of a stream is right only when that stream says so."""
    log = log_of()
    for number in range(40):
        now = T0 + 15 * SECOND * number
        send(log, now, 1.0, arrival=now, source="right")
        send(log, now + HOUR, 1.0, arrival=now + SECOND, source="wrong")
    assert [one.timeline[-1].reason for one in of(log, CLOCK_RULE)] == ["raised"]


def test_under_a_faulty_clock_a_frame_that_comes_again_is_told() -> None:
    """Its stamps prove nothing; counter, time of sending and scans do."""
    log = log_of()
    frame = log.frame(Scan(at=5_000, values={"ch4": 80.0}))
    log.play(frame, T0)
    effects = log.play(frame, T0 + SECOND)
    assert "came again" in effects[-1].rejection.detail  # type: ignore[union-attr]


def test_one_impossible_scan_does_not_move_the_others() -> None:
    """The frame was sent now; what it says of tomorrow is judged as of now, the rest where it stands."""
    log = log_of()
    scans = [Scan(at=T0 + second * SECOND, values={"ch4": 1.0}) for second in (0, 15, 30)]
    wild = Scan(at=T0 + DAY, values={"ch4": 60.0})
    log.play(log.frame(*scans, wild, sent_at=T0 + 31 * SECOND), T0 + 32 * SECOND)
    (gas,) = of(log, "gas.test")
    assert (gas.severity, gas.clock_fault, gas.raised_at) == (Severity.CRITICAL, True, T0 + 32 * SECOND)
    log.tick(T0 + 5 * MINUTE)
    assert log.state.hot.points["ch4"].at <= T0 + 32 * SECOND
