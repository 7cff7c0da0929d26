"""A station whose snapshot cannot be read: its open alerts stay, held until data come again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.engine_log import EPOCH, MINUTE, SECOND, STATION, T0, Log, above, below, plan_of, point, rule

from schemas.alerts import Alert
from schemas.base import Severity
from schemas.kinds import RuleKind
from schemas.plan import Delay
from services.rules.effects import Cause
from services.rules.engine import after_loss
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState

WARN, CRITICAL = Severity.WARN, Severity.CRITICAL
HIGH = rule("gas.high", above(WARN, 10), above(CRITICAL, 50))
BAND = rule("gas.band", above(CRITICAL, 80, clear=70), below(CRITICAL, 20, clear=30), kind=RuleKind.BAND)
SLOW = rule("gas.slow", above(WARN, 10, on=Delay(ms=0, samples=3)))


def gas_log(*rules: str) -> Log:
    """One point, watched by these rules; and another that only reports."""
    return Log(plan_of(point("ch4", *rules), point("h2s"), rules=(HIGH, BAND, SLOW)))


def lose(log: Log, told: Sequence[Alert], state: StationState | None = None) -> None:
    """The state is gone, or an earlier one is left; these alerts were told."""
    place = log.plan.stations[STATION]
    cause = Cause(EPOCH, 3, log.offset, T0 + 2 * MINUTE)
    log.state = after_loss(state or StationState(STATION), told, cause, place)


@pytest.mark.parametrize("value", [30.0, 60.0])
def test_an_active_alert_is_held_and_goes_on(value: float) -> None:
    """At the next tick; the first reading resumes it; it ends as it would have ended, under its own id."""
    log = gas_log("gas.high")
    log.read("ch4", T0, value)
    raised = log.alerts()[-1]
    lose(log, log.alerts())
    log.tick(T0 + 2 * MINUTE)
    log.read("ch4", T0 + 3 * MINUTE, value)
    log.read("ch4", T0 + 3 * MINUTE + 15 * SECOND, 1.0)
    after = [alert for alert in log.alerts() if alert.seq > raised.seq]
    assert [alert.timeline[-1].reason for alert in after] == ["held", "resumed", "cleared"]
    assert {alert.alert_id for alert in after} == {raised.alert_id}
    assert [alert.seq for alert in after] == [2, 3, 4]


def test_an_active_alert_escalates_and_comes_down_as_before() -> None:
    """Its levels are known by its severity."""
    log = gas_log("gas.high")
    log.read("ch4", T0, 30.0)
    lose(log, log.alerts())
    log.read("ch4", T0 + 3 * MINUTE, 60.0)
    log.read("ch4", T0 + 4 * MINUTE, 30.0)
    assert [entry[0] for entry in log.changes()] == ["raised", "escalated", "deescalated"]


@pytest.mark.parametrize(("value", "near", "back"), [(90.0, 75.0, 60.0), (10.0, 25.0, 40.0)])
def test_a_band_knows_its_side(value: float, near: float, back: float) -> None:
    """What is not yet back on the alert's side does not end it, what is does; at the first reading, too."""
    log = gas_log("gas.band")
    log.read("ch4", T0, value)
    lose(log, log.alerts())
    log.read("ch4", T0 + 3 * MINUTE, near)
    assert [entry[0] for entry in log.changes()] == ["raised"]
    log.read("ch4", T0 + 4 * MINUTE, back)
    assert [entry[0] for entry in log.changes()] == ["raised", "cleared"]


@pytest.mark.parametrize("value", [30.0, 60.0])
def test_an_alert_ends_when_the_first_reading_is_back(value: float) -> None:
    """It does not stay open for want of a reading that is beyond."""
    log = gas_log("gas.high")
    log.read("ch4", T0, value)
    lose(log, log.alerts())
    log.read("ch4", T0 + 3 * MINUTE, 1.0)
    assert [entry[0] for entry in log.changes()] == ["raised", "cleared"]


def test_what_returned_or_closed_is_not_raised_anew_by_the_loss() -> None:
    """A returned alert waits for its acknowledgement; of a closed one nothing is told."""
    log = gas_log("gas.high")
    log.read("ch4", T0, 30.0)
    log.read("ch4", T0 + MINUTE, 1.0)
    returned = log.alerts()[-1]
    lose(log, log.alerts())
    log.tick(T0 + 2 * MINUTE)
    log.read("ch4", T0 + 3 * MINUTE, 1.0)
    assert log.alerts()[-1] == returned
    assert log.state.cold.alerts == {"gas.high|ch4": returned}


def test_the_newest_of_what_was_told_and_what_is_left_counts() -> None:
    """By ``seq``, whatever the order; an open alert goes before a closed one of its channel."""
    log = gas_log("gas.high")
    log.read("ch4", T0, 30.0)
    early = log.state
    log.read("ch4", T0 + SECOND * 15, 60.0)
    raised, escalated = log.alerts()
    closed = replace(raised, alert_id="0", seq=9, closed_at=T0)
    for told in ([escalated, raised, closed], [closed, raised], []):
        lose(log, told, state=log.state if escalated not in told else early)
        assert log.state.cold.alerts == {"gas.high|ch4": escalated}


def test_pending_delays_begin_anew() -> None:
    """As after a gap: what was nearly raised has to last again."""
    log = gas_log("gas.slow")
    log.read("ch4", T0, 30.0)
    log.read("ch4", T0 + 15 * SECOND, 30.0)
    lose(log, [], state=log.state)
    for number in (2, 3):
        log.read("ch4", T0 + number * 15 * SECOND, 30.0)
    assert log.alerts() == []
    log.read("ch4", T0 + 4 * 15 * SECOND, 30.0)
    assert [alert.timeline[-1].reason for alert in log.alerts()] == ["raised"]


def test_alerts_of_rules_that_the_plan_has_not_are_let_go() -> None:
    """The census does not list them, so that storage closes them."""
    log = gas_log("gas.high")
    log.read("ch4", T0, 30.0)
    other = plan_of(point("ch4"), rules=(HIGH,))
    assert isinstance(other, JudgingPlan)
    lost = after_loss(StationState(STATION), log.alerts(), Cause(EPOCH, 3, 5, T0), other.stations[STATION])
    assert lost.cold.alerts == {}


def test_a_station_of_which_nothing_is_known_is_expected_from_now_on() -> None:
    """It falls silent as one that was never heard of."""
    log = gas_log("gas.high")
    lose(log, [])
    assert (log.state.hot.since, log.state.hot.as_of) == (T0 + 2 * MINUTE, log.offset)
    log.tick(T0 + 30 * MINUTE)
    assert log.state.hot.condition.startswith("unheard")
