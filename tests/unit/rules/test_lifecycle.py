"""The life of an alert: acknowledgement, comments, flapping, held data, changed rules."""

from dataclasses import replace

import msgspec
import pytest
from support.engine_log import (
    EPOCH,
    MINUTE,
    SECOND,
    STATION,
    T0,
    Log,
    above,
    alerts_of,
    plan_of,
    point,
    rule,
)

from schemas.alerts import MAX_ALERT_BYTES, AlertState, Suppression
from schemas.base import Severity
from schemas.events import Command, CommandName, Scan
from schemas.outcomes import CommandOutcome, StationStateChanged
from schemas.plan import LimitOverride
from services.rules.arranging import arrange
from services.rules.effects import Cause, Decided
from services.rules.engine import after_gap, change_plan, step
from services.rules.judging_plan import JudgingPlan
from services.rules.lifecycle.transitions import TABLE, Happening, letter

WARN, MAJOR, CRITICAL = Severity.WARN, Severity.MAJOR, Severity.CRITICAL


def gas_log() -> Log:
    """One point, warn at 10 and critical at 50 %LEL."""
    one = rule("gas.test", above(WARN, 10), above(CRITICAL, 50))
    return Log(plan_of(point("ch4", "gas.test"), rules=(one,)))


def command(log: Log, name: CommandName = CommandName.ACK, **changes: object) -> Command:
    """A command about the log's newest alert, as its actor sees it now."""
    alert = log.alerts()[-1]
    fields: dict[str, object] = {
        "id": f"c-{log.offset}",
        "station": STATION,
        "name": name,
        "target": alert.alert_id,
        "seen_seq": alert.seq,
        "actor": "zhang",
        "signer": "cli",
        "key_id": "k1",
        "issued": T0,
        "expires": T0 + 60 * MINUTE,
        "body": {},
        "signature": "",
    }
    return Command(**{**fields, **changes})  # type: ignore[arg-type]


def outcome(effects: list) -> tuple[str, str]:
    """(result, reason) of the command outcome among effects."""
    (decided,) = [e for e in effects if isinstance(e, Decided)]
    assert isinstance(decided.outcome, CommandOutcome)
    return decided.outcome.result, decided.outcome.reason


def test_acknowledged_then_cleared_is_closed() -> None:
    """B -> C by acknowledgement, C -> A when the condition ends; the actor stands on the alert."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    assert outcome(log.play(command(log), T0 + SECOND)) == ("applied", "ok")
    log.read("ch4", T0 + 15 * SECOND, 1.0)
    assert [s[:2] for s in log.story()] == [
        ("raised", "B"),
        ("acknowledged", "C"),
        ("cleared", "A"),
    ]
    last = log.alerts()[-1]
    assert (last.acked_by, last.acked_at) == ("zhang", T0 + SECOND)
    assert last.closed_at == T0 + 15 * SECOND


def test_returned_alert_waits_for_acknowledgement() -> None:
    """B -> D when the condition ends unseen; D -> A by acknowledgement."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    log.read("ch4", T0 + 15 * SECOND, 1.0)
    log.play(command(log), T0 + 20 * SECOND)
    assert [s[1] for s in log.story()] == ["B", "D", "A"]


def test_escalation_asks_for_attention_again() -> None:
    """An acknowledged alert that gets worse is unacknowledged again, by nobody."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    log.play(command(log), T0 + SECOND)
    log.read("ch4", T0 + 15 * SECOND, 60.0)
    last = log.alerts()[-1]
    assert (last.state, last.severity, last.acked, last.acked_by) == ("B", "critical", False, None)
    assert last.annunciated_seq == last.seq


REFUSALS = [
    pytest.param({"target": "nobody"}, "unknown_alert", id="unknown"),
    pytest.param({"seen_seq": 0}, "stale_view", id="older than the annunciation"),
    pytest.param({"seen_seq": 99}, "view_from_the_future", id="a seq that never was"),
    pytest.param({"name": CommandName.COMMENT, "body": {"text": "  "}}, "empty_comment", id="empty comment"),
    pytest.param(
        {"name": CommandName.COMMENT, "body": {"text": "漏" * 700}}, "comment_too_long", id="over 2 kB"
    ),
    pytest.param({"body": {"note": "漏" * 700}}, "comment_too_long", id="note over 2 kB"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSALS)
def test_refused_commands_change_nothing(changes: dict, reason: str) -> None:
    """A refusal names its reason; the station's alerts stay as they were."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    before = log.state.cold
    effects = log.play(command(log, **changes), T0 + SECOND)
    assert outcome(effects) == ("refused", reason)
    assert log.state.cold is before


def test_a_command_id_is_single_use() -> None:
    """The same signed command a second time is refused."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    note = command(log, CommandName.COMMENT, body={"text": "crew on its way"})
    assert outcome(log.play(note, T0 + SECOND)) == ("applied", "ok")
    assert outcome(log.play(note, T0 + 2 * SECOND)) == ("refused", "repeated_command")
    assert log.alerts()[-1].timeline[-1].note == "crew on its way"


def test_a_snapshot_stays_within_its_size_whatever_is_written_on_it() -> None:
    """After 60 comments of 2 kB the newest stand on the alert, which still fits its topic."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    for number in range(60):
        text = f"{number} " + "漏" * 680
        log.play(command(log, CommandName.COMMENT, body={"text": text}), T0 + number * SECOND)
    last = log.alerts()[-1]
    assert len(msgspec.json.encode(last)) < MAX_ALERT_BYTES
    assert last.timeline[-1].note.startswith("59 ")
    assert last.seq == 62  # raised, held after 50 s, and 60 comments


def test_second_acknowledgement_is_refused() -> None:
    """Who comes second is told so."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    log.play(command(log), T0 + SECOND)
    assert outcome(log.play(command(log), T0 + 2 * SECOND)) == ("refused", "already_acknowledged")


def test_return_within_the_window_reopens_the_same_alert() -> None:
    """Flapping is one alert with a counter; after the window it is a new one."""
    log = gas_log()
    for second, value in ((0, 20.0), (15, 1.0), (30, 20.0), (45, 1.0)):
        log.read("ch4", T0 + second * SECOND, value)
    again = T0 + 45 * SECOND + 30 * MINUTE + 1
    log.read("ch4", again, 20.0)
    ids = [alert.alert_id for alert in log.alerts()]
    assert [s[0] for s in log.story()] == [
        "raised",
        "cleared",
        "reopened",
        "cleared",
        "superseded",
        "raised",
    ]
    assert len(set(ids[:5])) == 1
    assert ids[5] != ids[0]
    assert log.alerts()[2].flapping == 1


def test_seq_rises_by_one_and_ids_come_from_the_log() -> None:
    """Snapshots of an alert are numbered without gaps; the same log gives the same ids."""
    first, second = gas_log(), gas_log()
    for log in (first, second):
        for at, value in ((0, 20.0), (15, 60.0), (30, 1.0)):
            log.read("ch4", T0 + at * SECOND, value)
    assert [alert.seq for alert in first.alerts()] == [1, 2, 3]
    assert first.effects == second.effects


def test_data_that_stop_hold_the_alert() -> None:
    """An active alert whose data stop is held, not resolved; when data come back it resumes."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    assert not alerts_of(log.tick(T0 + 50 * SECOND - 1))
    log.tick(T0 + 50 * SECOND)
    held = log.alerts()[-1]
    assert (held.held, held.state) == (True, AlertState.UNACKNOWLEDGED)
    log.read("ch4", T0 + 10 * MINUTE, 20.0)
    assert [s[0] for s in log.story()] == ["raised", "held", "resumed"]
    assert log.alerts()[-1].held is False


def test_silence_is_told_once_per_change() -> None:
    """A station says which of its points are silent when that changes, and not again."""
    one = rule("gas.test", above(WARN, 10))
    log = Log(plan_of(point("a", "gas.test"), point("b", "gas.test"), rules=(one,)))
    log.read("a", T0, 1.0)
    log.read("b", T0, 1.0)
    log.read("a", T0 + 40 * SECOND, 1.0)
    for second in (46, 50, 90):
        log.tick(T0 + second * SECOND)
    log.read("b", T0 + 95 * SECOND, 1.0)
    states = [e.outcome for e in log.effects if isinstance(e, Decided)]
    assert [(s.state, s.silent_points) for s in states if isinstance(s, StationStateChanged)] == [
        ("reporting", ()),
        ("partial", ("b",)),
        ("silent", ("a", "b")),
        ("partial", ("a",)),
    ]


def changed(log: Log, *rules: object) -> JudgingPlan:
    """The log's plan with other rules on the point."""
    return plan_of(point("ch4", *[r.rule_id for r in rules]), rules=rules)  # type: ignore[attr-defined,arg-type]


def test_a_changed_rule_starts_its_channel_afresh() -> None:
    """The alert of the old rule ends, saying why; the new rule judges the next scan anew."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    new = changed(log, rule("gas.test", above(WARN, 15)))
    state, effects = change_plan(log.state, log.cause(T0 + SECOND), old=log.plan, new=new)
    assert [a.timeline[-1].reason for a in alerts_of(effects)] == ["rule_changed"]
    assert state.hot.channels == {}
    log.state, log.plan = state, new
    log.read("ch4", T0 + 15 * SECOND, 20.0)
    assert [s[0] for s in log.story()] == ["raised", "raised"]


def test_an_unchanged_rule_keeps_its_alert_over_a_new_plan() -> None:
    """A plan that changes something else does not touch the channel."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    same = rule("gas.test", above(WARN, 10), above(CRITICAL, 50))
    new = changed(log, same, rule("gas.other", above(MAJOR, 90)))
    state, effects = change_plan(log.state, log.cause(T0 + SECOND), old=log.plan, new=new)
    assert effects == []
    assert state.cold.alerts == log.state.cold.alerts


def test_a_points_own_limit_ends_when_it_expires() -> None:
    """Until then the override judges; from then on the rule's limit does, on a fresh channel."""
    one = rule("gas.test", above(WARN, 10))
    own = LimitOverride(
        rule_id="gas.test",
        comparators=(above(WARN, 30),),
        reason="works nearby",
        approver="li",
        expires=T0 + 30 * SECOND,
    )
    log = Log(plan_of(point("ch4", "gas.test", overrides=(own,)), rules=(one,)))
    for second, value in ((0, 20.0), (15, 35.0), (30, 20.0)):
        log.read("ch4", T0 + second * SECOND, value)
    assert log.story() == [
        ("raised", "B", "warn", 15),
        ("rule_changed", "A", "warn", 30),
        ("raised", "B", "warn", 30),
    ]
    assert [alert.limit_value for alert in log.alerts()] == [30, 30, 10]


def test_a_removed_station_ends_its_alerts_and_closes_its_minutes() -> None:
    """Nothing of a station that left the plan is lost or stays open."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    new = arrange(replace(log.plan.document, stations=()), "e" * 64)
    state, effects = change_plan(log.state, log.cause(T0 + SECOND), old=log.plan, new=new)
    assert [type(e).__name__ for e in effects] == ["AlertChanged", "AggregateClosed"]
    assert alerts_of(effects)[0].timeline[-1].reason == "rule_removed"
    assert not state.hot.buckets


def test_after_a_lost_piece_of_log_alerts_are_held() -> None:
    """A gap in the input resets what was pending and holds what is active."""
    log = gas_log()
    log.read("ch4", T0, 20.0)
    log.state = after_gap(log.state)
    log.tick(T0 + 5 * SECOND)
    assert log.story()[-1][0] == "held"


def test_every_state_can_take_a_note_and_no_alert_skips_acknowledgement() -> None:
    """Laws of the table: a note never moves; from B only a notice or an end leads to A."""
    for (state, happening), move in TABLE.items():
        if happening is Happening.NOTE:
            assert move.state is state
            assert not move.annunciate
        if state is AlertState.UNACKNOWLEDGED and move.state is AlertState.NORMAL:
            assert happening in (Happening.CLEAR_NOTICE, Happening.END)
        if move.annunciate:
            assert move.state is AlertState.UNACKNOWLEDGED


def test_the_strongest_suppression_gives_the_letter() -> None:
    """Out of service > by design > shelved > the state itself."""
    kinds = ["shelved", "by_design", "out_of_service"]
    held = [Suppression(kind=kind, actor="li", reason="works", until=None) for kind in kinds]
    assert [letter(AlertState.ACKNOWLEDGED, held[:n]) for n in range(4)] == ["C", "E", "F", "G"]


def test_the_epoch_is_part_of_the_id() -> None:
    """Another log's alert is another alert."""
    log = gas_log()
    frame = log.frame(Scan(at=T0, values={"ch4": 20.0}))
    here, there = (
        alerts_of(step(log.state, frame, Cause(epoch, 0, 1, T0), log.plan)[1])[0].alert_id
        for epoch in (EPOCH, EPOCH.replace("1", "2"))
    )
    assert here != there
