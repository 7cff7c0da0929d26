"""Decoding is strict and total: any record becomes an event, or a rejection with its reason."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Decoded, decode
from schemas.events import MAX_EVENT_BYTES, EventKind, MendedTelemetry, Telemetry
from schemas.headers import ce_headers, time_ms, time_text
from schemas.rejects import Rejection, RejectReason
from schemas.topics import EVENT_PARTITIONS, control_key, partition_of

STATION = "gas-110118001-0013"
AT = 1_768_300_800_000
FRAME = {
    "station": STATION,
    "source": "gw-03",
    "boot": "f3",
    "seq": 1,
    "sent_at": AT,
    "nature": "simulated",
    "scans": [{"at": AT, "values": {"ch4_pct_lel": 1.2, "h2s_mg_m3": 0}}],
}


@dataclass
class Sent:
    """A record as a consumer sees it; by default a good frame on its own partition."""

    value: bytes | None = json.dumps(FRAME).encode()
    key: bytes | None = STATION.encode()
    partition: int = partition_of(STATION)
    offset: int = 7
    timestamp: int = AT + 5
    headers: list = field(default_factory=lambda: ce_headers("telemetry", "gw-03", "id-1", AT + 9))


def frame(**changes: object) -> bytes:
    """The good frame with other fields."""
    return json.dumps({**FRAME, **changes}).encode()


def scan(text: str) -> bytes:
    """The good frame with one scan whose values are this JSON text."""
    scans = f'[{{"at": {AT}, "values": {text}}}]'
    return frame(scans=None).replace(b'"scans": null', b'"scans": ' + scans.encode())


def test_a_good_frame_is_taken_with_its_arrival() -> None:
    """Under clock=wall arrival is the broker's append time, under clock=log the header's."""
    by_wall, by_log = decode(Sent(), "wall"), decode(Sent(), "log")
    assert isinstance(by_wall, Decoded)
    assert isinstance(by_log, Decoded)
    assert isinstance(by_wall.event, Telemetry)
    assert (by_wall.arrival, by_log.arrival, by_wall.ce_id) == (AT + 5, AT + 9, "id-1")


BAD_RECORDS = [
    pytest.param({"key": None}, "keyless", id="no key"),
    pytest.param({"value": None}, "invalid", id="no value"),
    pytest.param({"value": b"x" * (MAX_EVENT_BYTES + 1)}, "oversize", id="oversize"),
    pytest.param({"headers": []}, "unknown_kind", id="no kind"),
    pytest.param({"headers": [("ce_type", b"nonsense")]}, "unknown_kind", id="other kind"),
    pytest.param({"headers": [("ce_type", b"\xff")]}, "unknown_kind", id="kind not UTF-8"),
    pytest.param({"value": b"{"}, "not_json", id="broken JSON"),
    pytest.param({"value": b"\xff\xfe{}"}, "not_json", id="not UTF-8"),
    pytest.param({"key": b"other"}, "key_mismatch", id="foreign key"),
    pytest.param({"partition": (partition_of(STATION) + 1) % 16}, "wrong_partition", id="wrong partition"),
    pytest.param({"value": frame(station="a b")}, "invalid", id="space in an id"),
    pytest.param({"value": frame(scans=[])}, "invalid", id="no scans"),
    pytest.param({"value": frame(scans="x")}, "invalid", id="scans are none"),
    pytest.param({"value": frame(scans=["x", 5])}, "invalid", id="no scan is one"),
    pytest.param({"value": b"[1, 2]"}, "invalid", id="no frame"),
]


@pytest.mark.parametrize(("changes", "reason"), BAD_RECORDS)
def test_bad_records_are_rejected_with_a_reason(changes: dict, reason: str) -> None:
    """One defect, one reason, no exception, no NUL in the detail."""
    result = decode(Sent(**changes), "wall")
    assert isinstance(result, Rejection)
    assert result.reason == reason
    assert "\x00" not in result.detail


ODD_FRAMES = [
    pytest.param(frame(seq="1"), "seq '1'", id="seq as text"),
    pytest.param(frame(seq=-1), "seq -1", id="negative seq"),
    pytest.param(frame(seq=2**63), "seq 9223372036854775808", id="seq beyond 64 bits"),
    pytest.param(frame(seq=None).replace(b"null", b"NaN"), "seq nan", id="seq not finite"),
    pytest.param(frame(sent_at=10**20), "sent_at 100000000000000000000", id="20-digit time"),
    pytest.param(frame(sent_at=1.5), "sent_at 1.5", id="fraction of a millisecond"),
    pytest.param(frame(source="x\x00"), r"source 'x\x00'", id="NUL in an id"),
    pytest.param(frame(source="x" * 65), f"source '{'x' * 39}…", id="id too long"),
    pytest.param(frame(boot="x\n"), r"boot 'x\n'", id="newline after an id"),
    pytest.param(frame(nature="fake"), "nature 'fake'", id="unknown nature"),
    pytest.param(scan('{"a": 80, "b": "12.5"}'), "'b'='12.5'", id="number as text"),
    pytest.param(scan('{"a": 80, "b": true}'), "'b'=True", id="true as a number"),
    pytest.param(scan('{"a": 80, "b": [1]}'), "'b'=[1]", id="a list as a number"),
    pytest.param(scan('{"a": 80, "温度": 1}'), "'温度'=1", id="foreign point code"),
    pytest.param(scan('{"a": 80, "": 1}'), "''=1", id="empty point code"),
]


@pytest.mark.parametrize(("value", "note"), ODD_FRAMES)
def test_nothing_among_a_frame_costs_more_than_itself(value: bytes, note: str) -> None:
    """What is odd is left out or guessed, and named; the readings beside it are there."""
    result = decode(Sent(value=value), "wall")
    assert isinstance(result, Decoded)
    assert isinstance(result.event, MendedTelemetry)
    assert result.event.refused == (note,)
    assert next(iter(result.event.scans[0].values.values())) is not None


def test_a_scan_without_a_time_is_one_of_a_clock_that_was_reset() -> None:
    """Its readings are there; where they belong, the engine says."""
    value = frame(scans=[{"at": "now", "values": {"a": 80.0}, "quality": {"a": "splendid"}}, None])
    result = decode(Sent(value=value), "wall")
    assert isinstance(result, Decoded)
    assert isinstance(result.event, MendedTelemetry)
    assert [(one.at, one.values, one.quality) for one in result.event.scans] == [
        (0, {"a": 80.0}, {"a": "uncertain"})
    ]
    assert len(result.event.refused) == 3


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_non_finite_value_is_no_value_of_bad_quality(number: str) -> None:
    """The frame is taken, the value is not: NaN > limit would be false and clear a gas alert."""
    result = decode(Sent(value=scan(f'{{"a": {number}, "b": 2}}')), "wall")
    assert isinstance(result, Decoded)
    assert isinstance(result.event, Telemetry)
    only = result.event.scans[0]
    assert (only.values, only.quality) == ({"a": None, "b": 2.0}, {"a": "bad"})


@pytest.mark.parametrize("time", [None, "yesterday", "2026-01-13T19:00:00", "1999-01-01T00:00:00Z"])
def test_under_clock_log_every_event_needs_a_ce_time(time: str | None) -> None:
    """Missing, without offset or out of 2000-2100: rejected; irrelevant under clock=wall."""
    headers = ce_headers("telemetry", "gw-03", "id-1")
    if time is not None:
        headers.append(("ce_time", time.encode()))
    result = decode(Sent(headers=headers), "log")
    assert isinstance(result, Rejection)
    assert result.reason is RejectReason.NO_EVENT_TIME
    assert isinstance(decode(Sent(headers=headers), "wall"), Decoded)


def test_control_records_belong_to_their_partition() -> None:
    """A tick has the control key of the partition it stands in."""
    tick = {"value": b"{}", "partition": 3, "headers": ce_headers("tick", "monitor", "t")}
    assert isinstance(decode(Sent(key=b"_p3", **tick), "wall"), Decoded)
    wrong = decode(Sent(key=b"_p4", **tick), "wall")
    assert isinstance(wrong, Rejection)
    assert wrong.reason is RejectReason.KEY_MISMATCH


@settings(max_examples=300, deadline=None)
@given(
    value=st.one_of(st.none(), st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
    key=st.one_of(st.none(), st.binary(max_size=70)),
    kind=st.one_of(st.sampled_from([*EventKind]).map(str.encode), st.binary(max_size=20)),
    time=st.binary(max_size=30),
)
def test_any_bytes_become_an_event_or_a_rejection(
    value: bytes | None, key: bytes | None, kind: bytes, time: bytes
) -> None:
    """No record raises."""
    record = Sent(value=value, key=key, headers=[("ce_type", kind), ("ce_time", time)])
    assert isinstance(decode(record, "log"), Decoded | Rejection)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FRAME)), JSON)
def test_any_field_may_hold_anything(name: str, content: object) -> None:
    """A frame with one field replaced by any JSON never raises."""
    assert isinstance(decode(Sent(value=frame(**{name: content})), "wall"), Decoded | Rejection)


def test_partitions_are_fixed_for_good() -> None:
    """The partition of a station may never change: it is where its history stands."""
    names = ["gas-110118001-0013", "heat-110118002-0003", "water-110118101-0001"]
    assert [partition_of(name) for name in names] == [GOLDEN[name] for name in names]
    assert {partition_of(f"s-{n}") for n in range(1_000)} == set(range(EVENT_PARTITIONS))
    assert control_key(3) == "_p3"


GOLDEN = {"gas-110118001-0013": 6, "heat-110118002-0003": 4, "water-110118101-0001": 14}


def test_times_survive_as_text() -> None:
    """Milliseconds to RFC 3339 and back."""
    assert time_text(AT) == "2026-01-13T10:40:00.000Z"
    assert time_ms(time_text(AT + 123)) == AT + 123
