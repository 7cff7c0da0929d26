"""Limits, hysteresis and delays: tables of histories, each row a law."""

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, below, plan_of, point, rule

from schemas.base import Severity
from schemas.kinds import Measure
from schemas.plan import Delay

WARN, MAJOR, CRITICAL = Severity.WARN, Severity.MAJOR, Severity.CRITICAL


def log_of(*comparators: object, **point_changes: object) -> Log:
    """A log on one point ``ch4`` watched by one rule."""
    one = rule("gas.test", *comparators)  # type: ignore[arg-type]
    return Log(plan_of(point("ch4", "gas.test", **point_changes), rules=(one,)))


HISTORIES = [
    pytest.param(
        (above(WARN, 10),),
        [(0, 9.9), (15, 10.0), (30, 7.0), (45, 6.9)],
        [("raised", "B", "warn", 15), ("cleared", "D", "warn", 45)],
        id="above: raises at the limit, clears below clear, not at it",
    ),
    pytest.param(
        (below(WARN, 18),),
        [(0, 18.0), (15, 17.9), (30, 20.9), (45, 21.0)],
        [("raised", "B", "warn", 15), ("cleared", "D", "warn", 45)],
        id="below: at the limit is compliant, clears at clear",
    ),
    pytest.param(
        (above(WARN, 10, on=Delay(samples=3)),),
        [(0, 11), (15, 11), (30, 9), (45, 11), (60, 11), (75, 11)],
        [("raised", "B", "warn", 75)],
        id="three in a row, a good reading between begins anew",
    ),
    pytest.param(
        (above(WARN, 10, on=Delay(ms=30 * SECOND)),),
        [(0, 11), (15, 11), (29, 11), (30, 11)],
        [("raised", "B", "warn", 30)],
        id="a delay in time ends with the first scan at or after it",
    ),
    pytest.param(
        (above(WARN, 10, on=Delay(samples=2)),),
        [(0, 11), (15, None), (30, 11)],
        [("raised", "B", "warn", 30)],
        id="no value neither counts nor resets",
    ),
    pytest.param(
        (above(WARN, 10, off=Delay(ms=60 * SECOND)),),
        [(0, 11), (15, 5), (30, 8), (45, 5), (90, 5), (105, 5)],
        [("raised", "B", "warn", 0), ("cleared", "D", "warn", 105)],
        id="inside the hysteresis the off-delay begins anew",
    ),
    pytest.param(
        (above(WARN, 10), above(MAJOR, 20, on=Delay(samples=2)), above(CRITICAL, 50)),
        [(0, 12), (15, 30), (30, 30), (45, 60), (60, 30), (75, 12), (90, 1)],
        [
            ("raised", "B", "warn", 0),
            ("escalated", "B", "major", 30),
            ("escalated", "B", "critical", 45),
            ("deescalated", "B", "major", 60),
            ("deescalated", "B", "warn", 75),
            ("cleared", "D", "warn", 90),
        ],
        id="severity moves both ways with its own delays",
    ),
    pytest.param(
        (above(WARN, 10), above(CRITICAL, 50)),
        [(0, 60)],
        [("raised", "B", "critical", 0)],
        id="straight to the highest level",
    ),
    pytest.param(
        (below(WARN, 20), above(WARN, 80)),
        [(0, 50), (15, 85), (30, 50), (45, 15)],
        [("raised", "B", "warn", 15), ("cleared", "D", "warn", 30), ("reopened", "B", "warn", 45)],
        id="a band has two sides and one alert",
    ),
    pytest.param(
        (above(WARN, 10, on=Delay(samples=2)),),
        [(0, 11), (46, 11), (60, 11)],
        [("raised", "B", "warn", 46)],
        id="what both sides of a gap say has lasted through it",
    ),
    pytest.param(
        (above(WARN, 10, on=Delay(samples=2)),),
        [(0, 11), (3_601, 11), (3_615, 11)],
        [("raised", "B", "warn", 3_615)],
        id="a gap of more than an hour is not bridged",
    ),
    pytest.param(
        (above(WARN, 10, off=Delay(samples=2)),),
        [(0, 11), (15, 5), (100, 5), (115, 5)],
        [("raised", "B", "warn", 0), ("cleared", "D", "warn", 100)],
        id="a pending return is bridged",
    ),
    pytest.param(
        (above(Severity.NOTICE, 10),),
        [(0, 11), (15, 5)],
        [("raised", "B", "notice", 0), ("cleared", "A", "notice", 15)],
        id="a notice that cleared needs no acknowledgement",
    ),
]


@pytest.mark.parametrize(("comparators", "readings", "story"), HISTORIES)
def test_history(comparators: tuple, readings: list, story: list) -> None:
    """Readings (second, value) lead to exactly these transitions."""
    log = log_of(*comparators)
    for second, value in readings:
        log.read("ch4", T0 + second * SECOND, value)
    assert log.changes() == story


def test_onset_is_where_the_condition_began() -> None:
    """An alert that needed three samples says since when the condition held."""
    log = log_of(above(WARN, 10, on=Delay(samples=3)))
    for number in range(3):
        log.read("ch4", T0 + number * 15 * SECOND, 12.0)
    (alert,) = log.alerts()
    assert (alert.onset_at, alert.raised_at) == (T0, T0 + 30 * SECOND)
    assert [reading.value for reading in alert.readings] == [12.0, 12.0, 12.0]


def test_percent_of_reference_is_judged_in_percent() -> None:
    """2.9 kPa at a setpoint of 2.4 kPa is 20.8 % off and shown with its pressure."""
    one = rule("gas.lp", above(WARN, 15), measure=Measure.PERCENT_FROM_REFERENCE, unit="%")
    lp = point("outlet_kpa", "gas.lp", unit="kPa", high=10.0, reference=2.4)
    log = Log(plan_of(lp, rules=(one,)))
    log.read("outlet_kpa", T0, 2.9)
    (alert,) = log.alerts()
    assert alert.value == pytest.approx(20.833, abs=0.001)
    assert "20.8 %(2.9 kPa)≥15" in alert.headline.zh


def test_headline_says_everything() -> None:
    """Place, what, value with both units, limit, how long, trend: in both languages."""
    log = log_of(above(MAJOR, 20, on=Delay(samples=2)))
    log.read("ch4", T0, 24.0)
    log.read("ch4", T0 + 15 * SECOND, 32.0)
    (alert,) = log.alerts()
    assert alert.headline.zh == (
        "鼓楼街道 新南路×鼓楼东大街 3号阀井 甲烷 32 %LEL(1.6 %VOL)≥20,连续2次,上升中"
    )
    assert alert.headline.en == (
        "Gulou, Xinnan Rd x Gulou East St, valve pit 3, methane 32 %LEL(1.6 %VOL) ≥ 20, 2 in a row, rising"
    )


def test_gate_closed_judges_nothing_and_ends_what_is_open() -> None:
    """Outside its calendar a rule is blind; when the gate closes its alert ends, never re-opens."""
    gate = {"supply": ((T0, T0 + MINUTE),)}
    gated = rule("heat.test", below(WARN, 18), gate="supply")
    log = Log(plan_of(point("room", "heat.test"), rules=(gated,), calendars=gate))
    for second in (-15, 0, 15, 60, 75):
        log.read("room", T0 + second * SECOND, 10.0)
    assert log.changes() == [("raised", "B", "warn", 0), ("gate_closed", "A", "warn", 60)]
    assert log.state.cold.alerts == {}


def test_gate_that_opens_starts_onset() -> None:
    """A condition older than the gate's opening counts from the first scan inside."""
    gated = rule("heat.test", below(WARN, 18, on=Delay(ms=30 * SECOND)), gate="supply")
    gate = {"supply": ((T0, T0 + 10 * MINUTE),)}
    log = Log(plan_of(point("room", "heat.test"), rules=(gated,), calendars=gate))
    for second in (-30, -15, 0, 15, 30):
        log.read("room", T0 + second * SECOND, 10.0)
    assert log.changes() == [("raised", "B", "warn", 30)]
    assert log.alerts()[0].onset_at == T0


def test_a_headline_never_says_that_a_good_value_is_beyond_its_limit() -> None:
    """From major straight to nothing: until the warning's off-delay is over, it waits as a warning."""
    log = log_of(above(WARN, 10, off=Delay(samples=3)), above(MAJOR, 20))
    for number, value in enumerate((24.0, 6.0, 6.0)):
        log.read("ch4", T0 + number * 15 * SECOND, value)
    alert = log.alerts()[-1]
    assert alert.severity is WARN
    assert alert.headline.zh.endswith("甲烷 6 %LEL(0.3 %VOL),已回到限值10以内,下降中")
    assert alert.headline.en.endswith("methane 6 %LEL(0.3 %VOL), back within 10, falling")
