"""One bad row takes nothing else with it."""

from dataclasses import replace
from typing import Any

import pytest
from support.output_records import BUCKET, Output, Outputs, changed, part
from support.shown_alerts import alert

from schemas.aggregates import AggregatePart
from schemas.base import Bilingual
from schemas.outputs import decode
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.recorder.store import OFFSETS, store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


BAD: dict[str, dict[str, Any]] = {
    "nul in a headline": {"headline": Bilingual(zh="甲烷\x00", en="x")},
    "time beyond the calendar": {"raised_at": 2**62},
    "seq beyond integer": {"seq": 2**40},
    "id beyond an index entry": {"alert_id": "".join(f"{n:x}" for n in range(9_000))},
}
BESIDE = {"number beyond any": b"1e400000", "number below any": b"1e-400000"}


def bad(kind: str, outputs: Outputs) -> Output:
    """A record that nobody can store."""
    if kind == "n beyond integer":
        return outputs.minute("s", BUCKET, {"p": replace(part(1.0), n=2**40)}, 3)
    if kind == "number beyond 64 bits":
        return outputs.minute("s", 2**63, {"p": part(1.0)}, 3)
    record = outputs.alert(replace(alert("bad-0000", seq=9), **BAD.get(kind, {})))
    return beside(record, BESIDE[kind]) if kind in BESIDE else record


def beside(record: Output, value: bytes) -> Output:
    """The record with a field that no release of ours knows."""
    return changed(record, value=b'{"later":' + value + b"," + (record.value or b"")[1:])


KINDS = {
    "nul in a headline": ("invalid", "NUL"),
    "time beyond the calendar": ("invalid", "$.raised_at"),
    "seq beyond integer": ("invalid", "$.seq"),
    "id beyond an index entry": ("invalid", "$.alert_id"),
    "n beyond integer": ("invalid", "$.points[...].n"),
    "number beyond 64 bits": ("invalid", "$.bucket"),
    "number beyond any": ("data_error", "22003"),
    "number below any": ("data_error", "22003"),
}
"""Why it is refused: what decoding notices, or what only PostgreSQL does (and its SQLSTATE)."""


@pytest.mark.parametrize("kind", KINDS)
async def test_bad_row_is_isolated(kind: str, database: Connection, outputs: Outputs) -> None:
    """It goes to rejects with its reason and place; all around it is stored, and the offsets."""
    records = [outputs.alert(alert(f"{n:08x}-0"), offset=n) for n in range(20)]
    records += [outputs.minute(f"s{n}", BUCKET, {"p": part(n)}, n) for n in range(13)]
    culprit = bad(kind, outputs)
    records.append(culprit)
    records += [outputs.minute(f"s{n}", BUCKET, {"p": part(n)}, n) for n in range(13, 20)]
    records += [outputs.alert(alert(f"{n:08x}-1"), offset=n) for n in range(5)]
    stored = await store_bisecting(database, [decode(record) for record in records])
    assert sum(isinstance(output.body, Rejection) for output in stored) == 1
    assert await database.fetchval("SELECT count(*) FROM alerts") == 25
    assert await database.fetchval("SELECT count(*) FROM aggregates_1m") == 20
    row = await database.fetchrow("SELECT * FROM rejects")
    assert row is not None
    reason, detail = KINDS[kind]
    assert (row["reason"], row["source"]) == (reason, "recorder")
    assert (row["topic"], row["partition"], row["offset"]) == (
        culprit.topic.partition(".")[2],
        culprit.partition,
        culprit.offset,
    )
    assert detail in row["detail"]
    assert row["original"] == (culprit.value or b"")[:65_536]
    reached = await OFFSETS.stored(database)
    assert all(reached[place].next == end for place, end in outputs.ends.items())


@pytest.mark.parametrize("huge", [part(1e308), replace(part(1.0), n=2**31 - 1, n_good=1)], ids=["sum", "n"])
async def test_parts_that_do_not_add_up_are_isolated(
    huge: AggregatePart, database: Connection, outputs: Outputs
) -> None:
    """Each alone is a part like any other; together they are beyond what a column takes."""
    records = [outputs.minute("s", BUCKET, {"p": huge}, n) for n in (1, 2)]
    records += [outputs.minute("t", BUCKET, {"p": part(1.0)}, n) for n in (3, 4)]
    await store_bisecting(database, [decode(record) for record in records])
    rows = await database.fetch("SELECT station_id, n, revision FROM aggregates_1m ORDER BY station_id")
    assert [tuple(row) for row in rows] == [("s", huge.n, 1), ("t", 2, 2)]
    refused = await database.fetch('SELECT reason, detail, "offset" FROM rejects')
    assert [(row["reason"], row["offset"]) for row in refused] == [("data_error", 1)]
    assert "22003" in refused[0]["detail"]


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (b"\xff{", "alert", "not_json"),
        (b"", "alert", "not_json"),
        (b'{"later":' + b"[" * 5_000, "alert", "not_json"),
        (b'{"later":"\xff"}', "alert", "not_json"),
        (b'{"seq":"1"}', "alert", "invalid"),
        (b"{}", "spell", "unknown_kind"),
    ],
)
async def test_unreadable_record_is_a_reject(
    value: bytes, kind: str, reason: str, database: Connection, outputs: Outputs
) -> None:
    """What is not a message of ours is kept with its reason, and does not stop the rest."""
    good = outputs.alert(alert())
    headers = [(n, kind.encode() if n == "ce_type" else v) for n, v in good.headers]
    unreadable = changed(outputs.again(good), value=value, headers=headers)
    await store_bisecting(database, [decode(record) for record in (good, unreadable)])
    row = await database.fetchrow("SELECT reason, topic, original FROM rejects")
    assert row is not None
    assert tuple(row) == (reason, TopicName.ALERTS, value)
    assert await database.fetchval("SELECT count(*) FROM alerts") == 1


async def test_record_without_our_headers_is_a_reject(database: Connection, outputs: Outputs) -> None:
    """A part of a minute that does not say which event closed it cannot be known again: refused."""
    record = outputs.minute("s", BUCKET, {"p": part(1)}, 5)
    bare = changed(record, headers=[h for h in record.headers if not h[0].startswith("src_")])
    await store_bisecting(database, [decode(bare)])
    assert await database.fetchval("SELECT count(*) FROM aggregates_1m") == 0
    assert await database.fetchval("SELECT reason FROM rejects") == "invalid"


async def test_endless_ids_are_cut(database: Connection, outputs: Outputs) -> None:
    """A header that no index could hold does not stop the recorder."""
    endless = "".join(f"{n:x}" for n in range(9_000)).encode()
    reject = outputs.reject(b"{", offset=7)
    headers = [(name, endless if name in ("ce_id", "epoch") else text) for name, text in reject.headers]
    await store_bisecting(database, [decode(changed(reject, headers=headers))])
    assert await database.fetchval("SELECT reason FROM rejects") == "invalid"
    assert await database.fetchval("SELECT next_offset FROM consumer_offsets") == 1
