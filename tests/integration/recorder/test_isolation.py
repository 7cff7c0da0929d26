"""One bad row takes nothing else with it."""

from dataclasses import replace

import pytest
from support.output_records import BUCKET, Output, Outputs, changed, part
from support.shown_alerts import alert

from schemas.alerts import Headline
from schemas.topics import TopicName
from services.recorder import positions
from services.recorder.entries import Reject, entry_of
from services.recorder.isolation import store_isolating
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


def bad(kind: str, outputs: Outputs) -> Output:
    """A record that decodes, and that PostgreSQL (or its driver) refuses."""
    good = alert("bad-0000", seq=9)
    match kind:
        case "nul in a headline":
            return outputs.alert(replace(good, headline=Headline(zh="甲烷\x00", en="x")))
        case "time beyond the calendar":
            return outputs.alert(replace(good, raised_at=2**62))
        case "seq beyond integer":
            return outputs.alert(replace(good, seq=2**40))
        case "id beyond an index entry":
            return outputs.alert(replace(good, alert_id="".join(f"{n:x}" for n in range(9_000))))
        case "n beyond integer":
            return outputs.minute("s", BUCKET, {"p": replace(part(1.0), n=2**40)}, 3)
        case "number beyond 64 bits":
            return outputs.minute("s", 2**63, {"p": part(1.0)}, 3)
        case _:
            raise AssertionError(kind)


KINDS = {
    "nul in a headline": "22P05",
    "time beyond the calendar": "22008",
    "seq beyond integer": "22003",
    "id beyond an index entry": "54000",
    "n beyond integer": "Error",
    "number beyond 64 bits": "Error",
}


@pytest.mark.parametrize("kind", KINDS)
async def test_bad_row_is_isolated(kind: str, database: Connection, outputs: Outputs) -> None:
    """The row goes to rejects with its SQLSTATE and place; all around it is stored, and the offsets."""
    records = [outputs.alert(alert(f"{n:08x}-0"), offset=n) for n in range(20)]
    records += [outputs.minute(f"s{n}", BUCKET, {"p": part(n)}, n) for n in range(13)]
    culprit = bad(kind, outputs)
    records.append(culprit)
    records += [outputs.minute(f"s{n}", BUCKET, {"p": part(n)}, n) for n in range(13, 20)]
    records += [outputs.alert(alert(f"{n:08x}-1"), offset=n) for n in range(5)]
    stored = await store_isolating(database, [entry_of(record) for record in records])
    assert sum(isinstance(entry.body, Reject) for entry in stored) == 1
    assert await database.fetchval("SELECT count(*) FROM alerts") == 25
    assert await database.fetchval("SELECT count(*) FROM aggregates_1m") == 20
    row = await database.fetchrow("SELECT * FROM rejects")
    assert row is not None
    assert (row["reason"], row["source"]) == ("data_error", "recorder")
    assert (row["topic"], row["partition"], row["offset"]) == (
        culprit.topic.partition(".")[2],
        culprit.partition,
        culprit.offset,
    )
    assert KINDS[kind] in row["detail"]
    assert row["original"] == (culprit.value or b"")[:65_536]
    reached = await positions.stored(database)
    assert all(reached[place].next == end for place, end in outputs.ends.items())


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (b"\xff{", "alert", "not_json"),
        (b"", "alert", "not_json"),
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
    await store_isolating(database, [entry_of(record) for record in (good, unreadable)])
    row = await database.fetchrow("SELECT reason, topic, original FROM rejects")
    assert row is not None
    assert tuple(row) == (reason, TopicName.ALERTS, value)
    assert await database.fetchval("SELECT count(*) FROM alerts") == 1


async def test_record_without_our_headers_is_a_reject(database: Connection, outputs: Outputs) -> None:
    """A part of a minute that does not say which event closed it cannot be known again: refused."""
    record = outputs.minute("s", BUCKET, {"p": part(1)}, 5)
    bare = changed(record, headers=[h for h in record.headers if not h[0].startswith("src_")])
    await store_isolating(database, [entry_of(bare)])
    assert await database.fetchval("SELECT count(*) FROM aggregates_1m") == 0
    assert await database.fetchval("SELECT reason FROM rejects") == "invalid"


async def test_endless_ids_are_cut(database: Connection, outputs: Outputs) -> None:
    """A header that no index could hold does not stop the recorder."""
    endless = "".join(f"{n:x}" for n in range(9_000)).encode()
    reject = outputs.reject(b"{", offset=7)
    headers = [(name, endless if name in ("ce_id", "epoch") else text) for name, text in reject.headers]
    await store_isolating(database, [entry_of(changed(reject, headers=headers))])
    assert await database.fetchval("SELECT reason FROM rejects") == "invalid"
    assert await database.fetchval("SELECT next_offset FROM consumer_offsets") == 1
