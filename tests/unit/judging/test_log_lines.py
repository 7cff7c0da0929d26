"""Lines of a log file: what may be left out, what is no line, and that a record comes back as it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.monitor_city import Sent

from schemas.codec import Decoded, decode
from schemas.headers import ce_headers, header
from schemas.rejects import Rejection, RejectReason
from schemas.topics import partition_of
from services.judging.log_lines import LogLine, LogLineError, Survey, arrival_of, line_of, parse_line
from services.judging.outcome_lines import TakenRecord

AT = 1_768_302_000_000
STATION = "gas-110118001-0001"
FRAME = {
    "station": STATION,
    "source": "gw-1",
    "seq": 1,
    "sent_at": AT,
    "scans": [{"at": AT, "values": {"a": 1}}],
}


def parsed(**line: Any) -> LogLine:
    """The line of these fields."""
    return parse_line(json.dumps({"arrival": AT, **line}))


def record(line: LogLine) -> TakenRecord:
    """The record of a line, as it is judged."""
    key = None if line.is_keyless else line.key
    return TakenRecord("events", line.partition or 0, 0, line.arrival, key, line.value, line.record_headers())


def test_a_line_needs_an_arrival_and_a_value() -> None:
    """Kind, key, partition and headers follow."""
    line = parsed(value=FRAME)
    assert (line.kind, line.key, line.partition) == ("telemetry", STATION.encode(), partition_of(STATION))
    decoded = decode(record(line), "log")
    assert isinstance(decoded, Decoded)
    assert decoded.arrival == AT


def test_a_value_may_be_a_text() -> None:
    """It is sent as it is, however broken; its station is still found, so that it stands where it belongs."""
    whole, broken = parsed(value=json.dumps(FRAME)), parsed(value=f'{{"station": "{STATION}", "seq": ')
    assert isinstance(decode(record(whole), "log"), Decoded)
    assert broken.station == STATION
    refused = decode(record(broken), "log")
    assert isinstance(refused, Rejection)
    assert refused.reason is RejectReason.NOT_JSON


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"value": FRAME, "key": "other"}, RejectReason.KEY_MISMATCH),
        ({"value": FRAME, "key": None}, RejectReason.KEYLESS),
        ({"value": FRAME, "partition": (partition_of(STATION) + 1) % 16}, RejectReason.WRONG_PARTITION),
        ({"value": FRAME, "kind": "spell"}, RejectReason.UNKNOWN_KIND),
        ({"value": FRAME, "kind": None}, RejectReason.UNKNOWN_KIND),
        ({"value": FRAME, "headers": {"ce_time": "yesterday"}}, RejectReason.NO_EVENT_TIME),
        ({"value": FRAME, "arrival": 2**62}, RejectReason.NO_EVENT_TIME),
        ({"value": None, "key": STATION}, RejectReason.INVALID),
        ({"value": "\udcff\udcfe", "key": STATION}, RejectReason.NOT_JSON),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_stands_on_a_log_can_be_told(line: dict[str, Any], reason: RejectReason) -> None:
    """Also what nobody can take."""
    refused = decode(record(parsed(**line)), "log")
    assert isinstance(refused, Rejection)
    assert refused.reason is reason


def test_a_control_record_without_a_partition_is_of_each_partition() -> None:
    """One with a partition, or a key that names one, is of that."""
    assert (parsed(kind="tick").partition, parsed(kind="tick").value) == (None, b"{}")
    assert parsed(kind="tick", partition=3).key == b"_p3"
    assert parsed(kind="tick", key="_p12").partition == 12


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no", "no JSON"),
        ("[1]", "no JSON object"),
        ('{"value": {}}', "arrival is missing"),
        ('{"arrival": "noon", "value": {}}', "arrival is no whole number"),
        ('{"arrival": true, "value": {}}', "arrival is no whole number"),
        ('{"arrival": 1, "kind": 3}', "kind is no text"),
        ('{"arrival": 1, "key": 3}', "key is no text"),
        ('{"arrival": 1, "partition": 16}', "partition 16: there are 0 to 15"),
        ('{"arrival": 1, "headers": {"a": 1}}', "headers are no object of texts"),
        ('{"arrival": 1, "offset": "x"}', "offset is no whole number"),
        ("[" * 100_000, "no JSON"),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_line_is_said(text: str, why: str) -> None:
    """With the reason, for the message that names file and line."""
    with pytest.raises(LogLineError, match=why):
        parse_line(text)


texts = st.text(max_size=20)
values = st.one_of(
    st.none(), st.binary(max_size=60), st.just(json.dumps(FRAME, separators=(",", ":")).encode())
)


@given(
    kind=st.sampled_from(["telemetry", "command", "spell", None]),
    key=st.one_of(st.none(), st.just(STATION.encode())),
    value=values,
    time=st.sampled_from([AT, None]),
    partition=st.integers(0, 15),
)
def test_a_record_comes_back_as_it_was(
    kind: str | None, key: bytes | None, value: bytes | None, time: int | None, partition: int
) -> None:
    """Exported and read again it is decoded to the same, or refused for the same reason."""
    headers = [(n, v) for n, v in ce_headers(kind or "", "gw", "id-1", time) if n != "ce_type" or kind]
    was = Sent(key, value, headers, partition, 7, AT)
    text = line_of(was, arrival_of(was, "log"))
    assert text.isprintable()
    line = parse_line(text)
    again = record(line)
    assert (again.key, again.value, line.partition, line.offset) == (key, value, partition, 7)
    assert header(again.headers, "ce_id") == "id-1"
    assert decode(again, "log") == decode(was, "log")


def test_a_survey_says_what_a_log_is_about() -> None:
    """Its stations, span and epoch; a genesis has no time of its own."""
    epoch = "00000000-0000-4000-8000-000000000009"
    lines = [
        parsed(kind="genesis", arrival=946_684_800_000, value={"epoch": epoch}),
        parsed(value=FRAME, arrival=AT + 5),
        parsed(value={**FRAME, "station": "b"}, arrival=AT),
        parsed(kind="tick", arrival=AT + 9),
    ]
    found = Survey.of(lines)
    assert found == Survey(frozenset({STATION, "b"}), 4, AT, AT + 9, epoch)
    assert Survey.of([]) == Survey(frozenset(), 0, None, None, None)
