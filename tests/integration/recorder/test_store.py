"""What stands in the tables after batches were stored, on a real PostgreSQL with TimescaleDB."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from support.output_records import BUCKET, MINUTE, Output, Outputs, part
from support.shown_alerts import AT, alert

from schemas.alerts import TransitionReason
from schemas.base import MIN_TIME_MS
from schemas.outcomes import CommandOutcome, Finding, InspectionTaken, StationStateChanged
from schemas.outputs import decode
from services.recorder.store import store_bisecting
from services.runtime.following.offsets import StoredElsewhereError
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

TABLES = (
    "alerts",
    "alert_transitions",
    "aggregates_1m",
    "aggregate_parts",
    "station_states",
    "inspections",
    "audit",
    "rejects",
)
OTHER = "89ab0123-0000-5000-8000-000000000000"


async def store(connection: Connection, records: Sequence[Output]) -> None:
    await store_bisecting(connection, [decode(record) for record in records])


async def tables(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, without ids that the database gives."""
    found = {}
    for table in TABLES:
        rows = await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608
        found[table] = sorted((repr([v for k, v in row.items() if k != "id"]),) for row in rows)
    return found


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


def inspection(**changes: Any) -> InspectionTaken:
    """A camera found a broken pipe, a day before its record came."""
    found = InspectionTaken(
        inspection_id="cctv-7",
        station="sewer-1",
        system="sewer",
        town_code="110118001000",
        kind="cctv",
        point="pipe_grade",
        at=AT - 86_400_000,
        taken_at=AT,
        inspector="zhao",
        grade="IV",
        defect="PL",
        note="破裂",
        nature="simulated",
    )
    return replace(found, **changes)


def everything(outputs: Outputs) -> list[Output]:
    """One of each kind, and some of them changing."""
    return [
        outputs.alert(alert(seq=1), offset=7),
        outputs.alert(alert(seq=2, reason=TransitionReason.ACKNOWLEDGED, actor="li"), offset=9),
        outputs.alert(alert(OTHER, closed=True), offset=10),
        outputs.minute("gas-1", BUCKET, {"ch4_pct_lel": part(1, 2), "h2s": part()}, offset=5),
        outputs.minute("gas-1", BUCKET, {"ch4_pct_lel": part(9, at=BUCKET + 5_000)}, offset=6),
        outputs.outcome(
            CommandOutcome(
                command_id="c1",
                station="gas-1",
                name="ack",
                target="x",
                actor="li",
                signer="cli",
                result="refused",
                reason="stale_view",
                at=AT,
            ),
            3,
            11,
        ),
        outputs.outcome(
            StationStateChanged(
                station="gas-1",
                system="gas",
                town_code="110118001000",
                state="partial",
                silent_points=("h2s",),
                points=2,
                sources=("gw-03",),
                at=AT,
            ),
            3,
            12,
        ),
        outputs.outcome(inspection(), 3, 14),
        outputs.outcome(
            Finding(kind="input_gap", partition=3, offset=13, station=None, detail="7 lost", at=AT), 3, 13
        ),
        outputs.reject(b"\x00\xff" * 40_000),
    ]


async def test_same_records_delivered_twice_change_nothing(database: Connection, outputs: Outputs) -> None:
    """Whatever the monitor sends again after a crash is known: every table stays as it was."""
    records = everything(outputs)
    await store(database, records)
    once = await tables(database)
    assert all(once.values()), "each table has a row"
    await store(database, [outputs.again(record) for record in records])
    assert await tables(database) == once


async def test_repeats_within_one_batch_change_nothing(database: Connection, outputs: Outputs) -> None:
    """A batch may hold a record and its repeat."""
    records = everything(outputs)
    await store(database, records)
    once = await tables(database)
    for table in (*TABLES, "consumer_offsets"):
        await database.execute(f"TRUNCATE {table}")
    fresh = Outputs(outputs.namespace)
    await store(database, [r for record in everything(fresh) for r in (record, fresh.again(record))])
    again = await tables(database)
    assert {k: v for k, v in again.items() if k != "alert_transitions"} == {
        k: v for k, v in once.items() if k != "alert_transitions"
    }


async def test_older_seq_never_overwrites(database: Connection, outputs: Outputs) -> None:
    """A snapshot that comes late, with a smaller seq, leaves the alert as it is."""
    await store(database, [outputs.alert(alert(seq=4, actor="wang"), offset=20)])
    await store(database, [outputs.alert(alert(seq=3, closed=True), offset=15)])
    row = await database.fetchrow("SELECT seq, closed_at, src_offset, state FROM alerts")
    assert row is not None
    assert (row["seq"], row["closed_at"], row["src_offset"]) == (4, None, 20)
    assert await database.fetchval("SELECT count(*) FROM alert_transitions") == 2


async def test_largest_seq_of_a_batch_stands(database: Connection, outputs: Outputs) -> None:
    """Within a batch the order does not matter, and each transition has its row."""
    await store(database, [outputs.alert(alert(seq=n), offset=n) for n in (1, 5, 3)])
    assert await database.fetchval("SELECT seq FROM alerts") == 5
    seqs = await database.fetch("SELECT seq FROM alert_transitions ORDER BY seq")
    assert [row["seq"] for row in seqs] == [1, 3, 5]


async def test_columns_say_what_the_snapshot_says(database: Connection, outputs: Outputs) -> None:
    """Times are times, words are words, and the snapshot is kept whole."""
    given = alert(seq=2)
    await store(database, [outputs.alert(given, offset=7)])
    row = await database.fetchrow("SELECT * FROM alerts")
    assert row is not None
    for column in ("alert_id", "rule_id", "severity", "state", "limit_value", "flapping", "annunciated_seq"):
        assert row[column] == getattr(given, column), column
    assert row["raised_at"].timestamp() * 1000 == given.raised_at
    assert row["headline"] == {"zh": given.headline.zh, "en": given.headline.en}
    assert row["snapshot"]["timeline"][0]["limit"] == 20.0
    assert row["suppressions"] == []


async def test_parts_merge_into_their_minute(database: Connection, outputs: Outputs) -> None:
    """n, n_good and sum add up, min and max extend, last is the latest by time, mean is over good ones."""
    late, early = part(9, at=BUCKET + 30_000), part(1, 2)
    await store(database, [outputs.minute("s", BUCKET, {"p": late}, offset=5)])
    await store(database, [outputs.minute("s", BUCKET, {"p": early}, offset=6)])
    await store(database, [outputs.minute("s", BUCKET, {"p": part()}, offset=7)])
    row = await database.fetchrow("SELECT * FROM aggregates_1m")
    assert row is not None
    assert (row["n"], row["n_good"], row["min"], row["max"], row["mean"]) == (4, 3, 1, 9, 4)
    assert (row["last"], row["revision"]) == (9, 3)


async def test_minute_without_a_usable_value_has_no_figures(database: Connection, outputs: Outputs) -> None:
    """Mean of nothing is nothing, not zero."""
    await store(database, [outputs.minute("s", BUCKET, {"p": part()}, offset=5)])
    row = await database.fetchrow("SELECT n, n_good, mean, min, last, last_at FROM aggregates_1m")
    assert row is not None
    assert tuple(row) == (1, 0, None, None, None, None)


async def test_batch_stored_by_another_process_is_refused(database: Connection, outputs: Outputs) -> None:
    """Offsets that are stored already are not stored again."""
    record = outputs.minute("s", BUCKET, {"p": part(1)}, offset=5)
    await store(database, [record])
    with pytest.raises(StoredElsewhereError, match="another process"):
        await store(database, [record])


async def test_reject_keeps_headers_and_the_first_64_kb(database: Connection, outputs: Outputs) -> None:
    """The original is cut, its size is not."""
    await store(database, [outputs.reject(b"\xfe" * 100_000, station="", offset=44)])
    row = await database.fetchrow("SELECT * FROM rejects")
    assert row is not None
    assert (len(row["original"]), row["original_bytes"]) == (65_536, 100_000)
    assert (row["source"], row["station_id"], row["reason"]) == ("gw-03", None, "invalid")
    assert (row["topic"], row["partition"], row["offset"]) == ("events", 3, 44)
    assert row["headers"]["ce_type"] == "reject"


async def test_audit_names_who_did_what_to_what(database: Connection, outputs: Outputs) -> None:
    """Commands and findings are rows of the audit."""
    await store(database, everything(outputs))
    rows = await database.fetch("SELECT actor, action, target, result, reason, command_id FROM audit")
    assert {tuple(row) for row in rows} == {
        ("li", "ack", "x", "refused", "stale_view", "c1"),
        ("monitor", "input_gap", "events 3:13", "noted", "7 lost", None),
    }


async def test_a_finding_about_a_log_without_a_time_is_as_old_as_its_record(
    database: Connection, outputs: Outputs
) -> None:
    """A new partition has no clock: dated to the beginning of time, it would be pruned at the next start."""
    found = Finding(kind="new_partition", partition=3, offset=0, station=None, detail="", at=MIN_TIME_MS)
    record = outputs.outcome(found, 3, 0)
    await store(database, [record])
    at = await database.fetchval("SELECT at FROM audit WHERE action = 'new_partition'")
    assert at.timestamp() * 1000 == record.timestamp


async def test_several_minutes_in_one_batch(database: Connection, outputs: Outputs) -> None:
    """Minutes and points have rows of their own."""
    await store(
        database,
        [
            outputs.minute("s", BUCKET + n * MINUTE, {"p": part(n), "q": part(2 * n)}, offset=n)
            for n in range(5)
        ],
    )
    rows = await database.fetch("SELECT point, sum FROM aggregates_1m ORDER BY bucket, point")
    assert [tuple(row) for row in rows] == [(p, k * n) for n in range(5) for p, k in (("p", 1), ("q", 2))]


async def test_inspection_is_kept_as_it_was_taken_first(database: Connection, outputs: Outputs) -> None:
    """Class, defect and both times are columns; the same inspection told once more changes nothing."""
    await store(database, [outputs.outcome(inspection(), 3, 14)])
    await store(database, [outputs.outcome(inspection(grade="I", taken_at=AT + 1), 3, 15)])
    (row,) = await database.fetch("SELECT * FROM inspections")
    assert (row["inspection_id"], row["station_id"], row["point"]) == ("cctv-7", "sewer-1", "pipe_grade")
    assert (row["grade"], row["defect"], row["note"], row["inspector"]) == ("IV", "PL", "破裂", "zhao")
    assert [row[t].timestamp() * 1000 for t in ("at", "taken_at")] == [AT - 86_400_000, AT]


async def test_patrol_without_a_class_is_kept_too(database: Connection, outputs: Outputs) -> None:
    """What was not found is null."""
    patrol = inspection(inspection_id="walk-1", kind="patrol", point=None, grade=None, defect=None, note="")
    await store(database, [outputs.outcome(patrol, 3, 14)])
    row = await database.fetchrow("SELECT kind, point, grade, defect, note FROM inspections")
    assert row is not None
    assert tuple(row) == ("patrol", None, None, None, "")


@pytest.mark.parametrize("state", ["reporting", "partial", "silent", "unheard"])
async def test_state_names_the_sources(state: str, database: Connection, outputs: Outputs) -> None:
    """Who has sent a station's frames lately stands beside its state, whatever that is."""
    change = StationStateChanged(
        station="gas-1", system="gas", town_code="110118001000", state=state,  # type: ignore[arg-type]
        silent_points=("h2s",), points=2, sources=("gw-03", "gw-04"), at=AT,
    )  # fmt: skip
    await store(database, [outputs.outcome(change, 3, 12)])
    row = await database.fetchrow("SELECT state, silent_points, points, sources FROM station_states")
    assert row is not None
    assert tuple(row) == (state, ["h2s"], 2, ["gw-03", "gw-04"])
