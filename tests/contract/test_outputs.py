"""Decoding of our own topics is total, strict in types, bounded in size, and forgiving in age."""

import base64
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile_outputs import (
    WRONG_FIELDS,
    WRONG_SNAPSHOTS,
    bomb,
    hostile_alerts,
    hostile_others,
    hostile_plans,
    with_field,
)
from support.output_records import APPENDED, BUCKET, EPOCH, Output, Outputs, changed, part
from support.shown_alerts import alert

from schemas import outputs as reading
from schemas.aggregates import StationMinute
from schemas.alerts import Alert, Census
from schemas.outcomes import CommandOutcome, Finding, InspectionTaken, PlanActivated, StationStateChanged
from schemas.outputs import Content, Origin, PlanPart, PlanPublished, decode
from schemas.rejects import Reject, Rejection, RejectReason
from schemas.snapshots import MAX_STATE_BYTES, StateSnapshot, seal
from schemas.topics import TopicName

GOLDEN = Path(__file__).parents[1] / "data" / "outputs"
SHAPES: dict[str, type[Any]] = {
    "aggregates.aggregate": StationMinute,
    "alerts.alert": Alert,
    "alerts.census": Census,
    "monitor-state.full": StateSnapshot,
    "monitor-state.header": StateSnapshot,
    "monitor-state.hot": StateSnapshot,
    "outcomes.command": CommandOutcome,
    "outcomes.finding": Finding,
    "outcomes.inspection": InspectionTaken,
    "outcomes.plan": PlanActivated,
    "outcomes.station": StationStateChanged,
    "plans.plan_active": PlanPublished,
    "plans.plan_part": PlanPart,
    "rejects.reject": Reject,
}
OUTPUT_TOPICS = [topic for topic in TopicName if topic is not TopicName.EVENTS]


def golden() -> Iterator[Any]:
    """Each record that a release wrote, with its release and shape."""
    for file in sorted(GOLDEN.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            yield pytest.param(told["shape"], record_of(told), id=f"{file.stem}-{told['shape']}")


def record_of(told: dict[str, Any]) -> Output:
    """A record as it stands in the file."""
    value = told["value"]
    return Output(
        told["topic"],
        told["partition"],
        told["offset"],
        told["timestamp"],
        told["key"].encode(),
        base64.b64decode(value) if told["encoding"] == "base64" else value.encode(),
        [(name, text.encode()) for name, text in told["headers"]],
    )


@pytest.mark.parametrize(("shape", "record"), list(golden()))
def test_what_a_release_wrote_is_read(shape: str, record: Output) -> None:
    """As the type that it was, and with everything that it said."""
    output = decode(record)
    expected = next(model for prefix, model in SHAPES.items() if shape.startswith(prefix))
    assert type(output.body) is expected, output.body
    assert output.origin.offset == record.offset
    if record.topic.endswith(("alerts", "aggregates", "outcomes")):
        assert msgspec.json.encode(output.body) == record.value
        assert output.origin.src_offset >= 0


def test_every_shape_of_ours_has_a_golden_record() -> None:
    """Of each release that wrote it."""
    releases = {file.stem for file in GOLDEN.glob("*.jsonl")}
    assert "615371e" in releases
    shapes = [param.values[0] for param in golden()]
    assert {prefix for prefix in SHAPES if any(shape.startswith(prefix) for shape in shapes)} == set(SHAPES)


def test_a_good_alert_is_read_with_its_origin() -> None:
    """Where it stands, what it answers, and what time it was in the city."""
    told = alert(seq=3)
    record = Outputs("t").alert(told, offset=12)
    stamped = changed(record, headers=[*record.headers, ("ce_time", b"2026-01-13T11:00:00Z")])
    output = decode(stamped)
    assert output.body == told
    assert output.origin == Origin(
        topic=TopicName.ALERTS,
        partition=record.partition,
        offset=0,
        appended_at=APPENDED,
        ce_id=f"{told.alert_id}:3",
        epoch=EPOCH,
        src_partition=3,
        src_offset=12,
        city_ms=BUCKET,
    )


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(record, id=name)
        for make in (hostile_alerts, hostile_others, hostile_plans)
        for name, record in make(Outputs("t"))
    ],
)
def test_what_cannot_be_read_is_rejected(hostile: Output) -> None:
    """With a reason of the bounded set, and a detail that any database takes."""
    body = decode(hostile).body
    assert isinstance(body, Rejection), body
    assert body.reason in RejectReason
    assert body.detail
    assert "\x00" not in body.detail
    body.detail.encode()


@pytest.mark.parametrize("name", WRONG_FIELDS)
def test_the_detail_names_the_field(name: str) -> None:
    """So that whoever reads the log need not guess."""
    path, value = WRONG_FIELDS[name]
    body = decode(with_field(Outputs("t").alert(alert()), path, value)).body
    assert isinstance(body, Rejection)
    field = path.partition(".")[0]
    assert "NUL" in body.detail or f"$.{field}" in body.detail, body.detail


@given(
    topic=st.sampled_from(OUTPUT_TOPICS),
    key=st.none() | st.binary(max_size=80) | st.sampled_from([b"a", b"a|hot", b"_p3|header", b"a|b"]),
    value=st.none() | st.binary(max_size=200),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["ce_type", "ce_id", "epoch", "src_partition", "src_offset", "reason", "x"]),
            st.none()
            | st.binary(max_size=12)
            | st.sampled_from([b"alert", b"census", b"plan_part", b"plan_active", b"7", b"9" * 40]),
        ),
        max_size=8,
    ),
)
def test_any_bytes_are_read_or_rejected(
    topic: TopicName, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    """Nothing that a record holds raises; no text of what is read holds what PostgreSQL refuses."""
    output = decode(Output(topic.within("t"), 0, 5, BUCKET, key, value, headers))
    assert output.origin.offset == 5
    for text in texts_of(output.origin, output.body):
        assert "\x00" not in text
        text.encode()


def texts_of(origin: Origin, body: Content | Rejection) -> list[str]:
    """The texts that a table would take."""
    told = [origin.ce_id, origin.epoch]
    if isinstance(body, Reject | Rejection):
        told += [body.reason, body.detail, body.source, body.station or ""]
    return told


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
WHOLE = msgspec.to_builtins(alert())


@given(st.sampled_from(sorted(WHOLE)), anything)
def test_any_field_may_hold_anything(name: str, value: Any) -> None:
    """An alert is read as one that encodes to what was said, or rejected: no value is bent to its type."""
    body = decode(with_field(Outputs("t").alert(alert()), name, value)).body
    assert isinstance(body, Alert | Rejection)
    if isinstance(body, Alert):
        said = msgspec.to_builtins(body)[name]
        assert said == value or isinstance(value, dict | list | tuple)


def test_fields_of_a_later_release_are_passed_over() -> None:
    """An older reader reads a newer record, as far as it knows its fields."""
    record = with_field(Outputs("t").alert(alert()), "later", {"zh": "新"})
    assert decode(record).body == alert()
    minute = Outputs("t").minute("s", BUCKET, {"p": part(1.0)}, 5)
    assert isinstance(decode(with_field(minute, "points.p.later", [1])).body, StationMinute)


def test_a_field_of_this_release_may_be_missing_in_an_older_record() -> None:
    """It has a default: here the sources of a station's state, which came later than the state."""
    told = StationStateChanged(
        station="s", system="gas", town_code="t", state="silent", silent_points=(), points=2, at=BUCKET
    )
    record = Outputs("t").outcome(told, 3, 5)
    older = changed(record, value=(record.value or b"").replace(b'"sources":[],', b""))
    assert older.value != record.value
    assert decode(older).body == told


def test_a_NUL_is_told_from_what_only_looks_like_one() -> None:  # noqa: N802  # its name
    """A backslash before it makes it six characters like any others."""
    record = with_field(Outputs("t").alert(alert()), "unit", "\\u0000")
    body = decode(record).body
    assert isinstance(body, Alert)
    assert body.unit == "\\u0000"


def test_whatever_stands_in_rejects_is_a_reject() -> None:
    """Also without a header of ours, or with those of another."""
    record = Outputs("t").reject(b"{", offset=7)
    bare = decode(changed(record, headers=[])).body
    assert isinstance(bare, Reject)
    assert (bare.source, bare.reason, bare.partition, bare.rejected_at) == (
        "unknown",
        "invalid",
        -1,
        APPENDED,
    )
    strange = changed(
        record, headers=[("rejected_at", b"\xff"), ("offset", "²".encode()), ("source", b"a\x00")]
    )
    body = decode(strange).body
    assert isinstance(body, Reject)
    assert (body.offset, body.source) == (-1, "a\\0")


def kept(value: bytes | None, key: bytes = b"gas-1") -> Output:
    """A record of ``monitor-state``."""
    return Output("t.monitor-state", 0, 5, BUCKET, key, value, [("epoch", EPOCH.encode())])


@pytest.mark.parametrize("name", WRONG_SNAPSHOTS)
def test_a_broken_envelope_is_a_rejection_of_its_station(name: str) -> None:
    """What is only broken inside is opened, and is the monitor's to judge."""
    body = decode(kept(WRONG_SNAPSHOTS[name])).body
    if name in ("no MessagePack", "another shape", "a list longer than it is", "a text longer than it is",
                "a hole without end"):  # fmt: skip
        assert isinstance(body, StateSnapshot)
    else:
        assert isinstance(body, Rejection), body
        assert body.station == "gas-1"


@pytest.mark.parametrize("key", [None, b"", b"|hot", b"\xff|hot", b"gas-1|cold", b"gas-1|full"])
def test_a_foreign_key_is_a_rejection_of_nobody(key: bytes | None) -> None:
    """It costs no station."""
    body = decode(replace(kept(seal(b"\x90", 2)), key=key)).body
    assert isinstance(body, Rejection)
    assert body.station is None


def test_a_bomb_allocates_no_more_than_a_state_may() -> None:
    """917 kB that would become 900 MB."""
    value = bomb()
    assert len(value) < 1 << 20
    tracemalloc.start()
    body = decode(kept(value)).body
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(body, Rejection)
    assert f"more than {MAX_STATE_BYTES}" in body.detail
    assert peak < 3 * MAX_STATE_BYTES


def test_a_tombstone_is_a_snapshot_that_is_forgotten() -> None:
    """Its key says of whom."""
    body = decode(kept(None, b"gas-1|hot")).body
    assert isinstance(body, StateSnapshot)
    assert (body.station, body.kind, body.payload) == ("gas-1", "hot", None)


def test_nothing_claims_more_parts_than_a_plan_has() -> None:
    """The largest number of parts is a constant, whatever a key says."""
    assert reading.MAX_PLAN_PARTS == 1_024
    record = Outputs("t").plan_parts("0" * 64, b"{}")[0]
    most = decode(changed(record, key=b"0" * 64 + b":1023/1024")).body
    assert isinstance(most, PlanPart)
    assert (most.part, most.parts) == (1_023, 1_024)
