"""States that points report when they change: the value holds, and the clock lets its delays pass."""

from support.engine_log import MINUTE, SECOND, T0, Log, above, plan_of, point, rule

from schemas.base import Bilingual, Severity
from schemas.kinds import RuleKind
from schemas.plan import Delay

NOTICE, WARN = Severity.NOTICE, Severity.WARN
STATES = {0: Bilingual(zh="关闭", en="closed"), 1: Bilingual(zh="打开", en="open")}
NIGHT = ((T0 + 10 * MINUTE, T0 + 20 * MINUTE), (T0 + 60 * MINUTE, T0 + 70 * MINUTE))


def door(gate: str | None = None) -> Log:
    """A door that may stand open for 5 minutes, and no longer than 2 hours."""
    one = rule(
        "r.door",
        above(NOTICE, 0.5, clear=0.5, on=Delay(ms=5 * MINUTE), off=Delay(ms=MINUTE)),
        above(WARN, 0.5, clear=0.5, on=Delay(ms=120 * MINUTE), off=Delay(ms=MINUTE)),
        kind=RuleKind.STATE,
        unit="",
        gate=gate,
    )
    opened = point(
        "door", "r.door", unit="", high=1.0, report_mode="on_change", states=STATES, expected_every_s=3_600
    )
    return Log(plan_of(opened, rules=(one,), calendars={"night": NIGHT}))


def test_delays_pass_by_the_clock_at_their_own_instant() -> None:
    """The alert rises 5 minutes after the door opened, whenever the tick comes that passes that instant."""
    log = door()
    log.read("door", T0, 1.0)
    log.tick(T0 + 4 * MINUTE)
    log.tick(T0 + 7 * MINUTE)
    log.tick(T0 + 130 * MINUTE)
    assert log.story() == [("raised", "B", "notice", 300), ("escalated", "B", "warn", 7200)]
    assert log.alerts()[0].headline.zh.endswith("打开,持续5分钟")


def test_how_often_ticks_come_decides_nothing() -> None:
    """Ticks of 5 seconds and one tick at the end give the same transitions."""
    stories = []
    for every in (5 * SECOND, 3 * MINUTE):
        log = door()
        log.read("door", T0, 1.0)
        for at in range(T0, T0 + 9 * MINUTE + 1, every):
            log.tick(at)
        log.read("door", T0 + 9 * MINUTE, 0.0)
        for at in range(T0 + 9 * MINUTE, T0 + 15 * MINUTE + 1, every):
            log.tick(at)
        stories.append(log.story())
    assert stories[0] == stories[1] == [("raised", "B", "notice", 300), ("cleared", "A", "notice", 600)]


def test_a_gate_that_opens_starts_the_delay() -> None:
    """A door that was open before its gate opened has been open since the gate did."""
    log = door("night")
    log.read("door", T0, 1.0)
    log.tick(T0 + 9 * MINUTE)
    assert log.state.hot.due == NIGHT[0][0]
    log.tick(T0 + 16 * MINUTE)
    assert log.story() == [("raised", "B", "notice", 15 * 60)]


def test_a_gate_that_closes_ends_the_alert_and_the_next_night_begins_anew() -> None:
    """Nobody has to send anything for that; the second night is a second alert."""
    log = door("night")
    log.read("door", T0, 1.0)
    log.tick(T0 + 80 * MINUTE)
    assert [(entry[0], entry[3] // 60) for entry in log.story()] == [
        ("raised", 15),
        ("gate_closed", 20),
        ("raised", 65),
        ("gate_closed", 70),
    ]


def test_a_quiet_station_is_not_looked_at() -> None:
    """A closed door costs no look until it can be silent."""
    log = door("night")
    log.read("door", T0, 0.0)
    log.tick(T0 + 5 * MINUTE)
    assert log.state.hot.due > T0 + 10 * MINUTE - 1
    assert not log.state.hot.channels
