"""What the recorder's statements, and those of who follows topics, do to tables in memory.

Times stay epoch ms where statements are given them so. No plan is stored here, and so nothing of the city.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from simulation.servers.database import Answer, Row, Statement, Work

from services.recorder.store import OFFSETS
from services.runtime.following.offsets import OffsetsTable
from services.runtime.queries import queries

_named: dict[str, Statement] = {}


def _statement(name: str) -> Callable[[Statement], Statement]:
    def noted(work: Statement) -> Statement:
        _named[name] = work
        return work

    return noted


def recorder_statements() -> dict[str, Statement]:
    """By their texts, with those on the recorder's positions."""
    texts = queries("services.recorder")
    known = {texts[name]: work for name, work in _named.items()}
    return known | of_positions(OFFSETS) | {"SELECT 1": _nothing, "TRUNCATE incoming_parts": _truncate}


def of_positions(table: OffsetsTable) -> dict[str, Statement]:
    """Statements on a table of positions, and on the lock of who is the only one."""
    works = {
        "offsets_of": _offsets_of,
        "offsets_lock": _offsets_lock,
        "offsets_upsert": _offsets_upsert,
        "offsets_pass_over": _offsets_pass_over,
    }
    known: dict[str, Statement] = {table.query(name): partial(work, table) for name, work in works.items()}
    return known | {queries("services.runtime.following")["only_one"]: _only_one}


def _nothing(_: Work, *__: Any) -> Answer:
    return 0


for _name in ("temporary_tables", "plans_active", "plans_prune", "plan_parts_prune"):
    _statement(_name)(_nothing)
for _name in ("plan_stations", "plan_points", "plan_valves", "plan_key_users", "plan_links"):
    _statement(_name)(_nothing)
for _name in ("rejects_prune", "rejects_cut", "audit_prune", "audit_cut"):
    _statement(_name)(_nothing)  # few rows of one day: none is old
for _name in ("alerts_prune", "inspections_prune"):
    _statement(_name)(_nothing)


@_statement("chunks_of")
@_statement("rows_by_day")
def _no_rows(_: Work, *__: Any) -> Answer:
    return []


def _truncate(work: Work) -> Answer:
    work.incoming("incoming_parts").clear()
    return 0


def _only_one(work: Work, name: str) -> Answer:
    assert work.connection is not None
    locks = work.connection._database.named_locks
    return [Row(taken=locks.setdefault(name, work.connection) is work.connection)]


def _offsets_of(table: OffsetsTable, work: Work) -> Answer:
    return [Row(row) for row in work.table(table.name).values()]


def _offsets_lock(table: OffsetsTable, work: Work, topics: Sequence[str], numbers: Sequence[int]) -> Answer:
    rows = work.table(table.name)
    return [Row(rows[place]) for place in zip(topics, numbers, strict=True) if place in rows]


def _offsets_upsert(table: OffsetsTable, work: Work, *columns: Sequence[Any]) -> Answer:
    rows = work.table(table.name)
    names = ("topic", "partition", "epoch", "next_offset", "last_ce_id")
    for values in zip(*columns, strict=True):
        row = dict(zip(names, values, strict=True))
        rows[values[:2]] = {**rows.get(values[:2], {}), **row}
    return None


def _offsets_pass_over(table: OffsetsTable, work: Work, *columns: Sequence[Any]) -> Answer:
    rows = work.table(table.name)
    for topic, number, next_ in zip(*columns, strict=True):
        new = {"topic": topic, "partition": number, "epoch": "", "next_offset": 0, "last_ce_id": ""}
        old = rows.get((topic, number), new)
        rows[topic, number] = {**old, "next_offset": max(old["next_offset"], next_)}
    return None


@_statement("city_note")
def _city_note(work: Work, *columns: Sequence[Any]) -> Answer:
    rows = work.table("consumer_offsets")
    for topic, number, city_ms in zip(*columns, strict=True):
        if (topic, number) in rows:
            old = rows[topic, number]
            rows[topic, number] = {**old, "city_at": max(old.get("city_at", 0), city_ms)}
    return None


@_statement("alerts_merge")
def _alerts_merge(work: Work) -> Answer:
    alerts = work.table("alerts")
    for epoch, partition, offset, text in work.incoming("incoming_alerts"):
        snapshot = json.loads(text)
        alert_id, seq = snapshot["alert_id"], snapshot["seq"]
        if alert_id not in alerts or alerts[alert_id]["seq"] < seq:
            alerts[alert_id] = {
                "snapshot": snapshot,
                "epoch": epoch,
                "src_partition": partition,
                "src_offset": offset,
                "orphaned_at": None,
                "alert_id": alert_id,
                "seq": seq,
                "closed_at": snapshot["closed_at"],
                "raised_at": snapshot["raised_at"],
            }
    return None


TRANSITION = (
    *("at", "detected_at", "recorded_at", "alert_id", "seq", "from_state", "to_state", "severity", "reason"),
    *("actor", "note", "value", "limit_value", "clear", "delay_ms", "samples", "plan", "engine_version"),
    "event_ref",
)
"""The columns of a transition, in order."""


@_statement("transitions_merge")
def _transitions_merge(work: Work) -> Answer:
    stored = work.table("alert_transitions")
    for values in work.incoming("incoming_transitions"):
        row = dict(zip(TRANSITION, values, strict=True))
        stored.setdefault((row["alert_id"], row["seq"], row["reason"], row["at"]), row)
    return None


@_statement("census_open")
def _census_open(work: Work, partition: int) -> Answer:
    return [
        Row(alert_id=it["alert_id"], epoch=it["epoch"], src_offset=it["src_offset"])
        for it in work.table("alerts").values()
        if it["src_partition"] == partition and it["closed_at"] is None
    ]


@_statement("census_close")
def _census_close(
    work: Work, partition: int, offset: int, at: int, ids: list[str], ce_id: str, recorded_at: int
) -> Answer:
    alerts, closed = work.table("alerts"), []
    for alert_id in ids:
        old = alerts.get(alert_id)
        if old is not None and old["closed_at"] is None:
            alerts[alert_id] = {**old, "orphaned_at": at, "closed_at": at}
            key = alert_id, old["seq"], "orphaned", at
            told = {"alert_id": alert_id, "seq": old["seq"], "reason": "orphaned", "at": at}
            told |= {"recorded_at": recorded_at, "event_ref": f"{partition}:{offset}"}
            work.table("alert_transitions").setdefault(key, told)
            work.table("audit").setdefault(f"{ce_id}:{alert_id}", {"at": at, "target": alert_id})
            closed.append(Row(alert_id=alert_id))
    return closed


@_statement("parts_remember")
def _parts_remember(work: Work, *columns: Sequence[Any]) -> Answer:
    parts, floors, new = work.table("aggregate_parts"), work.table("aggregate_floors"), []
    for key in zip(*columns, strict=True):
        station, bucket, epoch, partition, offset = key
        floor = floors.get((epoch, partition), {"floor_offset": -1})["floor_offset"]
        if offset > floor and key not in parts:
            parts[key] = Row(
                station_id=station, bucket=bucket, epoch=epoch, partition=partition, offset=offset
            )
            new.append(Row(parts[key]))
    return new


PART = (
    *("station_id", "point", "bucket", "system", "town_code"),
    *("n", "n_good", "sum", "min", "max", "last", "last_at"),
)


@_statement("parts_merge")
def _parts_merge(work: Work) -> Answer:
    minutes = work.table("aggregates_1m")
    for values in work.incoming("incoming_parts"):
        part = dict(zip(PART, values, strict=True))
        key = values[:3]
        minutes[key] = _merged(minutes.get(key), part)
    return None


def _merged(old: Any, part: dict[str, Any]) -> dict[str, Any]:
    if old is None:
        return {**part, "mean": part["sum"] / part["n_good"] if part["n_good"] else None, "revision": 1}
    good, total = old["n_good"] + part["n_good"], old["sum"] + part["sum"]
    newer = part["last_at"] is not None and part["last_at"] >= (old["last_at"] or 0)
    return {
        **old,
        "n": old["n"] + part["n"],
        "n_good": good,
        "sum": total,
        "min": _of(min, old["min"], part["min"]),
        "max": _of(max, old["max"], part["max"]),
        "mean": total / good if good else None,
        "last": part["last"] if newer else old["last"],
        "last_at": _of(max, old["last_at"], part["last_at"]),
        "revision": old["revision"] + 1,
    }


def _of(choose: Callable[..., Any], *values: Any) -> Any:
    """Of those that are not null, as SQL's least and greatest."""
    return choose((value for value in values if value is not None), default=None)


@_statement("parts_prune")
def _parts_prune(work: Work, horizon: timedelta) -> Answer:
    parts, floors = work.table("aggregate_parts"), work.table("aggregate_floors")
    newest: dict[tuple[str, int], datetime] = {}
    for _, bucket, epoch, partition, _ in parts:
        newest[epoch, partition] = max(bucket, newest.get((epoch, partition), bucket))
    kept: dict[tuple[str, int], int] = {}
    for _, bucket, epoch, partition, offset in parts:
        if bucket >= newest[epoch, partition] - horizon:
            kept[epoch, partition] = min(offset, kept.get((epoch, partition), offset))
    for place, oldest in kept.items():
        floor = max(oldest - 1, floors.get(place, {"floor_offset": -1})["floor_offset"])
        floors[place] = {"floor_offset": floor}
    gone = [key for key in parts if key[4] < kept[key[2], key[3]]]
    for key in gone:
        del parts[key]
    return len(gone)


@_statement("plan_current")
def _plan_current(work: Work) -> Answer:
    activations = work.table("plan_activations").values()
    newest = sorted(activations, key=lambda it: (-it["at"], it["partition"]))
    return [Row(plan_id=it["plan_id"]) for it in newest[:1]]


@_statement("activation_upsert")
def _activation_upsert(work: Work, partition: int, plan: str, at: int, actor: str) -> Answer:
    rows = work.table("plan_activations")
    if partition not in rows or rows[partition]["at"] <= at:
        rows[partition] = {"partition": partition, "plan_id": plan, "at": at, "actor": actor}
    return None


@_statement("judged_upsert")
def _judged_upsert(work: Work, *values: Any) -> Answer:
    rows, said_at = work.table("judged"), values[-1]
    if values[0] not in rows or rows[values[0]]["said_at"] <= said_at:
        rows[values[0]] = {"told": values, "said_at": said_at}
    return None


def _kept_once(table: str, key: Callable[[Sequence[Any]], Any], work: Work, *values: Any) -> Answer:
    work.table(table).setdefault(key(values), {"values": values})
    return None


_statement("audit_insert")(partial(_kept_once, "audit", lambda values: values[-1]))
_statement("station_state_insert")(
    partial(_kept_once, "station_states", lambda values: (values[1], values[0], values[-1]))
)
_statement("inspection_insert")(partial(_kept_once, "inspections", lambda values: values[0]))
_statement("reject_insert")(partial(_kept_once, "rejects", lambda values: values[0]))
