"""What becomes of a record: judged, rejected with a reason, or skipped because it is included already."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.engine_log import EPOCH, MINUTE, SECOND, T0
from support.monitor_city import STATIONS, Sent, city_plan, event, frame, index_of, tick

from schemas.codec import decode
from schemas.events import CommandName, Genesis
from schemas.headers import ce_headers, time_text
from schemas.outcomes import CommandOutcome, InspectionTaken, PlanActivated, StationStateChanged
from schemas.plan import PublicKey
from schemas.rejects import RejectReason
from schemas.topics import control_key, partition_of
from services.judging.partitions import Partition
from services.judging.processor import Group, NeedsPlan, Processor
from services.judging.records import records_of
from services.rules.effects import AggregateClosed, AlertChanged, Decided, Effect, Rejected
from services.rules.judging_plan import JudgingPlan
from services.runtime.following.positions import Position
from services.runtime.signing import CLI, SigningKey, ensure_key, sign_command, sign_plan_event
from services.streaming.checkpoint import AssignedPartition

Assigned = AssignedPartition[Partition]
STATION = STATIONS[0]
HOME = partition_of(STATION)
INDEX = index_of(city_plan())


def held(index: JudgingPlan | None = INDEX, *, number: int = HOME, **changes: Any) -> Assigned:
    """A partition as a worker holds it, with a plan; the home partition of the station if none is named."""
    state = Partition(number=number, epoch=EPOCH, plan=index, **changes)
    return AssignedPartition(number=number, next=0, written=Position(EPOCH, 0, None), state=state)


def judged(
    processor: Processor,
    partition: Assigned,
    *records: Sent,
    plan: JudgingPlan | None = None,
    anchor: str | None = None,
) -> list[Effect]:
    """All effects of records at the partition's next offsets."""
    return [
        effect
        for record in records
        for group in groups_of(processor, partition, replace(record, offset=partition.next), plan, anchor)
        for effect in group.effects
    ]


def groups_of(
    processor: Processor,
    partition: Assigned,
    record: Sent,
    plan: JudgingPlan | None = None,
    anchor: str | None = None,
) -> list[Group]:
    """What comes of a record; the partition goes on behind it.

    ``plan``: what is found under any name; ``anchor``: the key that plan events are believed by.
    """
    groups = processor.judge(partition.state, record)
    if isinstance(groups, NeedsPlan):
        refused = processor.believe(partition.state, groups, anchor)
        groups = processor.activate(partition.state, groups, plan) if refused is None else refused
    partition.passed(record)
    return groups


def reasons(effects: Sequence[Effect]) -> list[RejectReason]:
    """Why records were rejected."""
    return [effect.rejection.reason for effect in effects if isinstance(effect, Rejected)]


def test_a_frame_of_a_known_station_is_judged(processor: Processor) -> None:
    """It makes a state, moves the partition on and remembers what to write."""
    partition = held()
    effects = judged(processor, partition, frame(STATION, 0, 30.0))
    assert [type(effect) for effect in effects] == [AlertChanged, Decided]  # and that the station reports
    assert partition.state.states[STATION].hot.as_of == 0
    assert partition.state.changed == {STATION: True}
    assert partition.next == 1
    assert partition.state.clock == T0 + 45 * SECOND


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (frame(STATION, 0, 1.0, key=None), RejectReason.KEYLESS),
        (frame(STATION, 0, 1.0, value=b"{"), RejectReason.NOT_JSON),
        (frame(STATION, 0, 1.0, value=b'{"station": 1}'), RejectReason.INVALID),
        (frame(STATION, 0, 1.0, value=b"x" * 600_000), RejectReason.OVERSIZE),
        (frame(STATION, 0, 1.0, key=b"other"), RejectReason.KEY_MISMATCH),
        (frame(STATION, 0, 1.0, headers=[]), RejectReason.UNKNOWN_KIND),
        (frame(STATION, 0, 1.0, headers=ce_headers("telemetry", "t", "i")), RejectReason.NO_EVENT_TIME),
        (frame("nobody", 0, 1.0), RejectReason.UNKNOWN_STATION),
        (frame(control_key(3), 0, 1.0), RejectReason.UNKNOWN_STATION),
        (
            event(
                "report",
                STATION,
                HOME,
                b'{"station":"%s","report_id":"r","at":%d,"category":"c","text":""}' % (STATION.encode(), T0),
                T0,
            ),
            RejectReason.NOT_HANDLED,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_is_rejected_and_makes_no_state(
    processor: Processor, record: Sent, reason: RejectReason
) -> None:
    """The reject carries the original bytes; the partition goes on behind it."""
    partition = held(number=record.partition)
    record = replace(record, offset=0)
    groups = groups_of(processor, partition, record)
    assert reasons(groups[0].effects) == [reason]
    assert partition.state.states == {}
    assert partition.next == 1
    (sent,) = records_of(groups, record, partition.state)
    assert sent.value == record.value
    assert dict(sent.headers)["reason"] == reason.value.encode()


def test_an_output_says_what_time_it_was(processor: Processor) -> None:
    """``ce_time`` is the partition's clock; before the city has a time there is none."""
    partition = held()
    refused = replace(frame(STATION, 0, 1.0), value=b"?", offset=0)
    groups = groups_of(processor, partition, refused)
    (sent,) = records_of(groups, refused, partition.state)
    assert "ce_time" not in dict(sent.headers)
    partition.state.clock = T0
    (sent,) = records_of(groups, refused, partition.state)
    assert dict(sent.headers)["ce_time"] == time_text(T0).encode()


def test_before_the_first_plan_telemetry_is_rejected(processor: Processor) -> None:
    """There is nothing to judge it by."""
    assert reasons(judged(processor, held(None), frame(STATION, 0, 1.0))) == [RejectReason.NO_PLAN]


def test_a_station_skips_what_its_snapshot_includes(processor: Processor) -> None:
    """After a checkpoint that was cut in half, some stations are ahead of the partition."""
    partition = held()
    judged(processor, partition, frame(STATION, 0, 30.0), frame(STATION, 1, 45.0))
    state = partition.state.states[STATION]
    again = held(states={STATION: state})
    assert judged(processor, again, frame(STATION, 0, 30.0), frame(STATION, 1, 45.0)) == []
    assert again.state.states[STATION] is state
    assert judged(processor, again, frame(STATION, 2, 1.0))


def test_ids_of_a_ticks_effects_do_not_depend_on_which_stations_are_judged_again(
    processor: Processor,
) -> None:
    """A tick closes minutes of many stations; after a crash only some of them are judged again."""
    pair = [name for name in STATIONS if partition_of(name) == 3][:2]
    assert len(pair) == 2
    partition = held(number=3)
    judged(processor, partition, *(frame(name, 0, 1.0) for name in pair))
    before = dict(partition.state.states)
    late = replace(tick(3, T0 + 75 * SECOND), offset=2)
    groups = groups_of(processor, partition, late)
    ids = {r.key: dict(r.headers)["ce_id"] for r in records_of(groups, late, partition.state)}
    assert len(set(ids.values())) == 2
    ahead = held(number=3, states=before | {pair[0]: partition.state.states[pair[0]]})
    groups = groups_of(processor, ahead, late)
    assert [(r.key, dict(r.headers)["ce_id"]) for r in records_of(groups, late, ahead.state)] == [
        (pair[1].encode(), ids[pair[1].encode()])
    ]


def test_a_tick_closes_minutes_by_the_partitions_clock(processor: Processor) -> None:
    """A tick that arrives out of order does not turn the clock back."""
    partition = held()
    judged(processor, partition, frame(STATION, 0, 1.0), tick(HOME, T0 + 50 * SECOND))
    effects = judged(processor, partition, tick(HOME, T0 + 70 * SECOND), tick(HOME, T0 + 10 * SECOND))
    assert [type(effect) for effect in effects] == [AggregateClosed]
    assert partition.state.clock == T0 + 70 * SECOND


# --- genesis and plans ---


def genesis(epoch: str) -> Sent:
    """The first record of a partition."""
    value = Genesis(epoch=epoch, namespace="t", clock="log").model_dump_json().encode()
    return event("genesis", control_key(HOME), HOME, value, 946_684_800_000)


def test_a_genesis_of_our_epoch_is_taken_and_another_one_rejected(processor: Processor) -> None:
    """Two logs never mix in one partition."""
    partition = held(None)
    assert judged(processor, partition, genesis(EPOCH)) == []
    assert partition.state.clock == 0
    assert reasons(judged(processor, partition, genesis(EPOCH[:-1] + "7"))) == [RejectReason.INVALID]


def plan_record(key: SigningKey, plan: str, **changes: Any) -> Sent:
    """A plan event of the home partition."""
    fields = {"actor": "tester", "issued": T0, "expires": T0 + MINUTE, **changes}
    value = sign_plan_event(key, plan, **fields).model_dump_json().encode()
    return event("plan", control_key(HOME), HOME, value, T0)


def test_a_plan_is_looked_up_before_it_is_activated(processor: Processor, publisher: SigningKey) -> None:
    """Until then the partition stays where it is."""
    partition = held(None)
    record = replace(plan_record(publisher, INDEX.plan_id), offset=0)
    needed = processor.judge(partition.state, record)
    assert isinstance(needed, NeedsPlan)
    assert needed.event.plan == INDEX.plan_id
    assert partition.next == 0
    assert partition.state.plan is None
    (effect,) = judged(processor, partition, record, plan=INDEX, anchor=publisher.public_key)
    assert isinstance(effect, Decided)
    assert effect.outcome == PlanActivated(plan=INDEX.plan_id, partition=HOME, actor="tester", at=T0)
    assert partition.state.plan is INDEX


def test_a_station_that_never_reports_is_noticed(processor: Processor, publisher: SigningKey) -> None:
    """From the plan's activation on its stations are expected; those of other partitions are not ours."""
    partition = held(None)
    judged(
        processor, partition, plan_record(publisher, INDEX.plan_id), plan=INDEX, anchor=publisher.public_key
    )
    assert set(partition.state.states) == {name for name in STATIONS if partition_of(name) == HOME}
    effects = judged(processor, partition, *(tick(HOME, T0 + n * MINUTE) for n in range(1, 5)))
    told = [effect.outcome for effect in effects if isinstance(effect, Decided)]
    assert {(state.station, state.state) for state in told if isinstance(state, StationStateChanged)} == {
        (name, "unheard") for name in partition.state.states if name in STATIONS
    }


def test_an_inspection_reaches_the_engine(processor: Processor) -> None:
    """Of a station of the plan; the inspector of any other is told that it is unknown."""
    body = b'{"station":"%s","inspection_id":"i","kind":"patrol","at":%d,"inspector":"li"}'
    known = event("inspection", STATION, HOME, body % (STATION.encode(), T0), T0)
    (effect,) = judged(processor, held(), known)
    assert isinstance(effect, Decided)
    assert isinstance(effect.outcome, InspectionTaken)
    home = partition_of("nobody")
    partition = held(number=home)
    unknown = event("inspection", "nobody", home, body % (b"nobody", T0), T0)
    (rejected,) = judged(processor, partition, unknown)
    assert isinstance(rejected, Rejected)
    assert (rejected.rejection.reason, rejected.rejection.source) == (RejectReason.UNKNOWN_STATION, "li")


def test_another_plan_takes_over_for_every_station(processor: Processor, publisher: SigningKey) -> None:
    """The alert of a rule that changed ends, with that reason."""
    partition = held()
    judged(processor, partition, frame(STATION, 0, 30.0))
    other = index_of(city_plan(limit=35.0))
    _, changed = judged(
        processor, partition, plan_record(publisher, other.plan_id), plan=other, anchor=publisher.public_key
    )
    assert isinstance(changed, AlertChanged)
    assert changed.alert.timeline[-1].reason == "rule_changed"
    assert partition.state.plan is other


def test_an_unknown_plan_is_rejected_and_the_running_one_stays(
    processor: Processor, publisher: SigningKey
) -> None:
    """Publishing may be cut in half; judging goes on."""
    partition = held()
    assert reasons(
        judged(processor, partition, plan_record(publisher, "e" * 64), anchor=publisher.public_key)
    ) == [RejectReason.UNKNOWN_PLAN]
    assert partition.state.plan is INDEX


@pytest.mark.parametrize(
    "changes", [{"issued": T0 + 61 * SECOND}, {"expires": T0}], ids=["from the future", "expired"]
)
def test_a_plan_out_of_its_time_is_not_believed(
    processor: Processor, publisher: SigningKey, changes: dict[str, int]
) -> None:
    """Judged by the record's arrival, so that a replay decides the same."""
    record = plan_record(publisher, INDEX.plan_id, **changes)
    effects = judged(processor, held(), record, anchor=publisher.public_key)
    assert reasons(effects) == [RejectReason.BAD_SIGNATURE]


def test_only_the_publisher_of_this_installation_changes_the_plan(
    processor: Processor, publisher: SigningKey, tmp_path: Path
) -> None:
    """Not another signer, and not another publisher's key; without an anchor nobody does."""
    signer, stranger = ensure_key(tmp_path / "keys", CLI), ensure_key(tmp_path / "elsewhere", "publisher")
    believed = publisher.public_key
    for key, anchor in ((signer, believed), (stranger, believed), (publisher, None)):
        effects = judged(processor, held(), plan_record(key, INDEX.plan_id), anchor=anchor)
        assert reasons(effects) == [RejectReason.BAD_SIGNATURE]


# --- commands ---


def with_key(key: SigningKey, *, until: int | None = None) -> JudgingPlan:
    """The city's plan, which believes this key."""
    public = PublicKey(
        key_id=key.key_id,
        signer=key.signer,
        public_key=key.public_key,
        valid_from=T0 - MINUTE,
        valid_until=until,
    )
    return index_of(replace(city_plan(), keys=(public,)))


def ack(key: SigningKey, target: str, *, at: int = T0 + MINUTE, **changes: Any) -> Sent:
    """An acknowledgement of the first alert."""
    fields = {
        "station": STATION,
        "target": target,
        "seen_seq": 1,
        "actor": "li",
        "issued": at,
        "expires": at + MINUTE,
        "body": {},
        **changes,
    }
    value = sign_command(key, CommandName.ACK, **fields).model_dump_json().encode()
    return event("command", STATION, HOME, value, at)


def raised(processor: Processor, partition: Partition) -> str:
    """The id of an alert that was just raised."""
    effect, *_ = judged(processor, partition, frame(STATION, 0, 30.0))
    assert isinstance(effect, AlertChanged)
    return effect.alert.alert_id


def test_a_command_that_is_believed_reaches_the_engine(processor: Processor, tmp_path: Path) -> None:
    """The alert is acknowledged by the person who signed for it."""
    key = ensure_key(tmp_path / "keys", CLI)
    partition = held(with_key(key))
    effects = judged(processor, partition, ack(key, raised(processor, partition)))
    alerts = [effect.alert for effect in effects if isinstance(effect, AlertChanged)]
    assert [(alert.acked, alert.acked_by) for alert in alerts] == [(True, "li")]


def test_a_command_that_is_not_believed_is_rejected_and_refused(processor: Processor, tmp_path: Path) -> None:
    """Whoever sent it is told why; the alert stays as it is."""
    key, stranger = ensure_key(tmp_path / "keys", CLI), ensure_key(tmp_path / "elsewhere", CLI)
    forged = ack(key, "x")
    forged = replace(forged, value=(forged.value or b"").replace(b'"li"', b'"eve"'))
    cases = [
        (with_key(key), forged, "bad_signature"),
        (with_key(key), ack(stranger, "x"), "unknown_key"),
        (with_key(key, until=T0), ack(key, "x"), "key_not_valid"),
        (with_key(key), ack(key, "x", issued=T0 + 10 * MINUTE), "issued_in_future"),
        (with_key(key), ack(key, "x", expires=T0 + MINUTE), "expired"),
    ]
    for index, record, reason in cases:
        rejected, decided = judged(processor, held(index), record)
        assert reasons([rejected]) == [RejectReason.BAD_SIGNATURE]
        assert isinstance(decided, Decided)
        assert isinstance(decided.outcome, CommandOutcome)
        assert (decided.outcome.result, decided.outcome.reason) == ("refused", reason)


# --- the rejected share ---


def broken(number: int) -> Sent:
    """A record that is no JSON."""
    return frame(STATION, 0, 1.0, value=b"{%d" % number)


def share_alerts(effects: Sequence[Effect]) -> list[str]:
    """States of the alert about the rejected share."""
    return [
        effect.alert.state
        for effect in effects
        if isinstance(effect, AlertChanged) and effect.alert.rule_id == "monitor.reject_share"
    ]


def test_a_minute_of_rejections_raises_the_monitors_own_alert(processor: Processor) -> None:
    """And a minute without them clears it; ticks do not count as events."""
    partition = held()
    judged(processor, partition, tick(HOME, T0 + SECOND), *(broken(n) for n in range(30)))
    effects = judged(processor, partition, tick(HOME, T0 + 59 * SECOND), tick(HOME, T0 + 61 * SECOND))
    assert partition.state.reject_share_pct == 100.0
    assert share_alerts(effects) == ["B"]
    effects = judged(processor, partition, tick(HOME, T0 + 121 * SECOND))
    assert partition.state.reject_share_pct == 0.0
    assert share_alerts(effects) == ["D"]


@pytest.mark.parametrize("number", [HOME, 0, 15])
def test_a_person_acknowledges_the_monitors_own_alert(
    processor: Processor, tmp_path: Path, number: int
) -> None:
    """On the partition that it reports of; it is no exercise of a simulation. Nobody else reports for it."""
    key, control = ensure_key(tmp_path / "keys", CLI), control_key(number)
    assert partition_of(control) == number
    partition = held(with_key(key), number=number)
    bad = [replace(broken(n), partition=number) for n in range(30)]
    judged(processor, partition, tick(number, T0 + SECOND), *bad, tick(number, T0 + 61 * SECOND))
    (alert,) = partition.state.states[control].cold.alerts.values()
    assert (alert.system, alert.nature) == ("monitor", "real")
    signed = ack(key, alert.alert_id, station=control)
    effects = judged(processor, partition, replace(signed, key=control.encode(), partition=number))
    assert [effect.alert.acked_by for effect in effects if isinstance(effect, AlertChanged)] == ["li"]
    assert reasons(judged(processor, partition, frame(control, 2, 1.0))) == [RejectReason.UNKNOWN_STATION]


def test_a_minute_with_few_events_has_no_share(processor: Processor) -> None:
    """Nineteen rejections of nineteen events say little."""
    partition = held()
    judged(processor, partition, tick(HOME, T0 + SECOND), *(broken(n) for n in range(19)))
    assert share_alerts(judged(processor, partition, tick(HOME, T0 + 61 * SECOND))) == []
    assert partition.state.reject_share_pct == 0.0


def test_without_the_rule_in_the_plan_the_share_is_only_known(processor: Processor) -> None:
    """A plan may leave the monitor's own rule out."""
    plan = city_plan()
    rules = tuple(rule for rule in plan.rules if rule.rule_id != "monitor.reject_share")
    partition = held(index_of(replace(plan, rules=rules)))
    judged(processor, partition, tick(HOME, T0 + SECOND), *(broken(n) for n in range(20)))
    assert judged(processor, partition, tick(HOME, T0 + 61 * SECOND)) == []
    assert partition.state.reject_share_pct == 100.0


# --- census ---


def test_a_census_is_due_at_the_first_event_under_a_plan_and_on_each_new_day(processor: Processor) -> None:
    """By the partition's clock; before the first plan there is nobody to tell."""
    bare = held(None)
    judged(processor, bare, frame(STATION, 0, 1.0))
    assert not bare.state.census_is_due()
    partition = held()
    judged(processor, partition, frame(STATION, 0, 30.0))
    assert [partition.state.census_is_due(), partition.state.census_is_due()] == [True, False]
    (alert,) = partition.state.states[STATION].cold.alerts.values()
    assert partition.state.census(0).open_alerts == (alert.alert_id,)
    judged(processor, partition, *[tick(HOME, T0 + 24 * 60 * MINUTE)] * 3)
    assert [partition.state.census_is_due(), partition.state.census_is_due()] == [True, False]


def test_ids_follow_from_the_log_alone(processor: Processor) -> None:
    """Judged again, a record gives byte for byte the same output records."""
    runs = []
    for _ in range(2):
        partition, outputs = held(), []
        for record in (frame(STATION, 0, 30.0), frame(STATION, 0, 30.0), tick(HOME, T0 + 2 * MINUTE)):
            record = replace(record, offset=partition.next)
            groups = groups_of(processor, partition, record)
            outputs += records_of(groups, record, partition.state)
        runs.append(outputs)
    assert runs[0] == runs[1]
    ids = [dict(record.headers)["ce_id"] for record in runs[0]]
    assert len(ids) == len(set(ids)) >= 3


def test_a_group_names_its_station_only_where_a_record_concerns_many(processor: Processor) -> None:
    """The form of ids: epoch, partition, offset, then the station of a tick's effect, then its number."""
    partition = held()
    record = replace(broken(1), offset=5)
    partition.next = 5
    groups = groups_of(processor, partition, record)
    assert decode(record, "log")
    assert (
        dict(records_of(groups, record, partition.state)[0].headers)["ce_id"]
        == f"{EPOCH}:{HOME}:5:0".encode()
    )
    named = [Group(groups[0].effects, STATION)]
    assert dict(records_of(named, record, partition.state)[0].headers)["ce_id"] == (
        f"{EPOCH}:{HOME}:5:{STATION}:0".encode()
    )
