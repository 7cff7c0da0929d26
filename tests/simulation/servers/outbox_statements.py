"""What the notifier's statements do to tables in memory. The recorder's tables are empty for it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from simulation.servers.database import Answer, Row, Statement, Work
from simulation.servers.statements import of_positions

from services.notifier.intake import OFFSETS
from services.runtime.postgres import release_migrations
from services.runtime.queries import queries

_named: dict[str, Statement] = {}
QUEUED = (
    *("alert_id", "seq", "recipient", "channel", "kind", "severity", "nature", "language", "subject", "body"),
    *("headline", "at", "heard_at", "queued_at", "station_id", "gathered", "missed", "epoch"),
    *("src_partition", "src_offset"),
)
"""The columns that are given when a message is queued."""
TAKEN = (
    *("id", "alert_id", "seq", "recipient", "channel", "kind", "severity", "nature", "language", "subject"),
    *("body", "headline", "at", "heard_at", "attempts"),
)
LATE = (
    *("id", "alert_id", "recipient", "channel", "station_id", "nature", "kind", "severity", "headline"),
    *("language", "at"),
)
CALLS, ENDS = ("raised", "escalated"), ("cleared", "ended", "orphaned")
ARRIVED = ("delivered", "unknown")
Lane = tuple[str, str]


def _statement(name: str) -> Callable[[Statement], Statement]:
    def noted(work: Statement) -> Statement:
        _named[name] = work
        return work

    return noted


def notifier_statements() -> dict[str, Statement]:
    """By their texts, with those on the notifier's positions."""
    texts = queries("services.notifier")
    known = {texts[name]: work for name, work in _named.items()}
    return (
        known
        | of_positions(OFFSETS)
        | {
            "SELECT 1": lambda _: 0,
            "SELECT to_regclass('migrations')": lambda _: [Row(there="migrations")],
            "SELECT name FROM migrations": lambda _: [Row(name=name) for name in release_migrations()],
            "SELECT time_zone FROM city_clock": lambda _: [Row(time_zone="UTC")],
        }
    )


@_statement("standing_alerts")
@_statement("places_of")
@_statement("rules_of")
def _no_rows(_: Work, *__: Any) -> Answer:
    return []


@_statement("outbox_prune")
@_statement("attempts_drop")
def _nothing_is_old(_: Work, *__: Any) -> Answer:
    return 0


@_statement("begin_of")
def _begin_of(work: Work) -> Answer:
    return [Row(row) for row in work.table("notifier_begin").values()]


@_statement("begin_fix")
def _begin_fix(work: Work, at: datetime) -> Answer:
    work.table("notifier_begin")[True] = {"floor_at": at}
    return None


@_statement("channel_upsert")
def _channel_upsert(work: Work, channel: str, name: Any) -> Answer:
    work.table("delivery_channels")[channel] = {"name": name}
    return None


def _outbox(work: Work) -> list[Any]:
    """The messages in the order of their ids."""
    return sorted(work.table("outbox").values(), key=lambda it: it["id"])


def _lane(message: Any) -> Lane:
    return message["recipient"], message["channel"]


@_statement("queue")
def _queue(work: Work, *values: Any) -> Answer:
    outbox, row = work.table("outbox"), dict(zip(QUEUED, values, strict=True))
    key = tuple(row[name] for name in ("alert_id", "seq", "recipient", "channel", "kind"))
    if key not in outbox:
        state = {"id": len(outbox) + 1, "state": "waiting", "attempts": 0, "reason": "", "done_at": None}
        outbox[key] = {**row, **state, "key": key}
    return None


@_statement("notified")
def _notified(work: Work, ids: Collection[str]) -> Answer:
    found: dict[str, Row] = {}
    for it in _outbox(work):
        if it["alert_id"] in ids:
            row = found.setdefault(it["alert_id"], Row(alert_id=it["alert_id"], last_seq=0, lanes=[]))
            row["last_seq"] = max(row["last_seq"], it["seq"])
            if it["kind"] in CALLS and list(_lane(it)) not in row["lanes"]:
                row["lanes"].append(list(_lane(it)))
    return [Row({**row, "lanes": sorted(row["lanes"])}) for row in found.values()]


@_statement("told_of_partition")
def _told_of_partition(work: Work, partition: int) -> Answer:
    newest = {it["alert_id"]: it for it in _outbox(work) if it["kind"] != "acknowledged"}
    return [
        Row(alert_id=it["alert_id"], epoch=it["epoch"], src_offset=it["src_offset"])
        for it in newest.values()
        if it["src_partition"] == partition and it["kind"] not in ENDS
    ]


@_statement("newest_by_lane")
def _newest_by_lane(work: Work, ids: Collection[str]) -> Answer:
    newest = {(it["alert_id"], *_lane(it)): it for it in _outbox(work) if it["alert_id"] in ids}
    return [Row(newest[key]) for key in sorted(newest)]


def _set(work: Work, message: Any, **changes: Any) -> Row:
    row = {**message, **changes}
    work.table("outbox")[row["key"]] = row
    return Row(row)


@_statement("interrupted")
def _interrupted(work: Work, now: datetime) -> Answer:
    attempts, sending = (
        work.table("delivery_attempts"),
        [it for it in _outbox(work) if it["state"] == "sending"],
    )
    for message in sending:
        _set(work, message, state="waiting", due_at=now)
        for key, attempt in list(attempts.items()):
            if key[:2] == (message["id"], message["attempts"]) and attempt["result"] == "begun":
                attempts[key] = {**attempt, "result": "unknown", "reason": "interrupted", "ended_at": now}
    return [Row(count=len(sending))]


def _idle(work: Work, recipients: Sequence[str], channels: Sequence[str]) -> list[Any]:
    """Waiting messages of lanes that are neither busy nor named."""
    outbox = _outbox(work)
    busy = {_lane(it) for it in outbox if it["state"] == "sending"} | set(
        zip(recipients, channels, strict=True)
    )
    return [it for it in outbox if it["state"] == "waiting" and _lane(it) not in busy]


def _gathered(work: Work) -> set[tuple[str, str, str]]:
    """Lanes and alerts of which a gathered call waits."""
    waiting = (it for it in _outbox(work) if it["state"] == "waiting" and it["gathered"])
    return {(*_lane(it), it["alert_id"]) for it in waiting}


@_statement("heads")
def _heads(
    work: Work, recipients: Sequence[str], channels: Sequence[str], now: datetime, most: int
) -> Answer:
    gathered, heads = _gathered(work), {}
    for it in _idle(work, recipients, channels):
        if (*_lane(it), it["alert_id"]) not in gathered:
            heads.setdefault(_lane(it), it)
    rows = [_head(work, it, now) for it in heads.values()]
    return sorted(rows, key=lambda row: row["id"])[:most]


def _head(work: Work, head: Any, now: datetime) -> Row:
    arrived = {key[0] for key, it in work.table("delivery_attempts").items() if it["result"] in ARRIVED}
    others = [it for it in _outbox(work) if it["alert_id"] == head["alert_id"] and _lane(it) == _lane(head)]
    behind = [it["kind"] for it in others if it["state"] == "waiting" and it["id"] > head["id"]]
    return Row(
        **{name: head[name] for name in ("id", "recipient", "channel", "kind", "missed")},
        waited_s=(now - head["queued_at"]).total_seconds(),
        told=any(it["state"] == "sent" or it["id"] in arrived for it in others),
        behind=sorted(set(behind)),
    )


@_statement("late_waiting")
def _late_waiting(work: Work, recipients: Sequence[str], channels: Sequence[str]) -> Answer:
    gathered = _gathered(work)
    found = (it for it in _idle(work, recipients, channels) if (*_lane(it), it["alert_id"]) in gathered)
    return [Row({name: it[name] for name in LATE}) for it in found]


@_statement("drop")
def _drop(work: Work, ids: Sequence[int], reasons: Sequence[str], now: datetime) -> Answer:
    by_id = {it["id"]: it for it in _outbox(work) if it["state"] == "waiting"}
    for id_, reason in zip(ids, reasons, strict=True):
        if id_ in by_id:
            _set(work, by_id[id_], state="dropped", done_at=now, reason=str(reason))
    return None


@_statement("begin_attempts")
def _begin_attempts(
    work: Work,
    ids: Sequence[int],
    subjects: Sequence[str | None],
    bodies: Sequence[str | None],
    now: datetime,
) -> Answer:
    by_id, taken = {it["id"]: it for it in _outbox(work) if it["state"] == "waiting"}, []
    for id_, subject, body in zip(ids, subjects, bodies, strict=True):
        old = by_id[id_]
        texts = {"subject": subject or old["subject"], "body": body or old["body"]}
        new = _set(work, old, state="sending", attempts=old["attempts"] + 1, **texts)
        work.table("delivery_attempts")[id_, new["attempts"], now] = {"result": "begun", "reason": ""}
        taken.append(Row({name: new[name] for name in TAKEN}))
    return sorted(taken, key=lambda row: row["id"])


def _sending(work: Work, ids: Sequence[int], attempts: Sequence[int]) -> list[Any]:
    wanted = set(zip(ids, attempts, strict=True))
    return [it for it in _outbox(work) if it["state"] == "sending" and (it["id"], it["attempts"]) in wanted]


@_statement("sent")
def _sent(work: Work, ids: Sequence[int], attempts: Sequence[int], now: datetime) -> Answer:
    found = _sending(work, ids, attempts)
    for message in found:
        _set(work, message, state="sent", done_at=now, reason="")
    return [Row(id=it["id"]) for it in found]


@_statement("not_sent")
def _not_sent(
    work: Work,
    ids: Sequence[int],
    attempts: Sequence[int],
    reason: str,
    now: datetime,
    again_at: datetime,
    gives_up: bool,
) -> Answer:
    found = _sending(work, ids, attempts)
    changes = {"state": "failed", "done_at": now} if gives_up else {"state": "waiting", "done_at": None}
    for message in found:
        _set(work, message, **changes, reason=reason, due_at=again_at)
    return [Row(id=it["id"]) for it in found]


@_statement("attempt_end")
def _attempt_end(
    work: Work,
    ids: Sequence[int],
    attempts: Sequence[int],
    begun_at: datetime,
    now: datetime,
    result: str,
    reason: str,
) -> Answer:
    stored = work.table("delivery_attempts")
    for key in zip(ids, attempts, (begun_at for _ in ids), strict=True):
        if key in stored:
            stored[key] = {**stored[key], "result": str(result), "reason": reason, "ended_at": now}
    return None


@_statement("waiting")
def _waiting(work: Work) -> Answer:
    found: dict[str, Row] = {}
    for it in _outbox(work):
        if it["state"] in ("waiting", "sending"):
            row = found.setdefault(
                it["channel"], Row(channel=it["channel"], messages=0, since=it["queued_at"])
            )
            row["messages"] += 1
    return list(found.values())


@_statement("outbox_newest")
def _outbox_newest(work: Work, now: datetime) -> Answer:
    done = sorted(it["done_at"] for it in _outbox(work) if it["done_at"] is not None)
    return [Row(newest=min(now, done[-1]))] if done else []
