"""Records of our own topics that nobody can read: each a sort of its own, made from a good one."""

import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from support.output_records import BUCKET, Output, Outputs, changed, part
from support.shown_alerts import alert

from schemas.headers import Headers
from schemas.outcomes import CommandOutcome, Finding
from schemas.topics import TopicName

SHA = "0" * 64
BIG = 2**31
HUGE = 2**63
WRONG_FIELDS: dict[str, tuple[str, Any]] = {
    "a time beyond any calendar": ("raised_at", 10**18),
    "a time beyond 64 bits": ("detected_at", HUGE),
    "a time before time": ("onset_at", -1),
    "a time as text": ("cleared_at", "soon"),
    "a time with a fraction": ("closed_at", 1.5),
    "a transition beyond any calendar": ("timeline.0.at", 10**18),
    "a transition seen beyond any calendar": ("timeline.0.detected_at", 4_102_444_800_001),
    "a reading beyond any calendar": ("readings", [{"at": 10**18, "value": 1.0}]),
    "seq beyond an integer": ("seq", BIG),
    "seq beyond 64 bits": ("seq", HUGE),
    "seq of forty digits": ("seq", 10**40),
    "seq of five thousand digits": ("seq", "DIGITS"),
    "a negative seq": ("seq", -1),
    "seq as text": ("seq", "1"),
    "seq as a truth": ("seq", True),
    "flapping beyond an integer": ("flapping", BIG),
    "an annunciation beyond an integer": ("annunciated_seq", BIG),
    "a partition beyond an integer": ("src_partition", BIG),
    "samples beyond an integer": ("timeline.0.samples", BIG),
    "a delay beyond 64 bits": ("timeline.0.delay_ms", HUGE),
    "an offset beyond 64 bits": ("timeline.0.offset", HUGE),
    "an unknown severity": ("severity", "apocalyptic"),
    "an unknown state": ("state", "Z"),
    "an unknown reason": ("timeline.0.reason", "because"),
    "an unknown nature": ("nature", "fake"),
    "an id beyond an index": ("alert_id", "".join(f"{n:x}" for n in range(9_000))),
    "a station beyond an index": ("station_id", "s" * 3_000),
    "no id": ("alert_id", None),
    "a number for an id": ("alert_id", 7),
    "no transition": ("timeline", []),
    "a map of transitions": ("timeline", {}),
    "a headline in numbers": ("headline", {"zh": 1, "en": 2}),
    "a NUL in the headline": ("headline", {"zh": "甲烷\x00", "en": "x"}),
    "a NUL in the id": ("alert_id", "a\x00b"),
    "a NUL in a note": ("timeline.0.note", "\x00"),
    "a NUL in a field we do not know": ("later", {"\x00": 1}),
}
"""A field of a good alert -> what it says instead."""
WRONG_VALUES: dict[str, bytes | None] = {
    "no value": None,
    "an empty value": b"",
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "no JSON": b"{",
    "bytes": b"\xff\x00\xfe",
    "a text in UTF-16": "{}".encode("utf-16"),
    "a hole a hundred thousand deep": b'{"later":' + b"[" * 100_000,
}
WRONG_HEADERS: dict[str, tuple[str, bytes | None]] = {
    "no kind": ("ce_type", None),
    "an unknown kind": ("ce_type", b"spell"),
    "a kind that is no text": ("ce_type", b"\xff"),
    "the kind of another topic": ("ce_type", b"aggregate"),
    "no epoch": ("epoch", None),
    "no source": ("src_offset", None),
    "a source of superscripts": ("src_offset", "²".encode()),
    "a negative source": ("src_partition", b"-1"),
    "a source beyond 64 bits": ("src_offset", str(HUGE).encode()),
    "a partition beyond an integer (header)": ("src_partition", str(BIG).encode()),
}


def with_field(record: Output, path: str, value: Any) -> Output:
    """The record with another value at ``path``, such as ``timeline.0.at``."""
    body = json.loads(record.value or b"{}")
    place = body
    *way, last = path.split(".")
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    place[last] = value
    text = json.dumps(body).replace('"DIGITS"', "9" * 5_000)
    return changed(record, value=text.encode())


def with_header(record: Output, name: str, value: bytes | None) -> Output:
    """The record with another header, or without it."""
    headers: Headers = [(n, v) for n, v in record.headers if n != name]
    return changed(record, headers=headers + ([] if value is None else [(name, value)]))


def hostile_alerts(outputs: Outputs) -> Iterator[tuple[str, Output]]:
    """On the topic ``alerts``; each stands on an offset of its own."""

    def good() -> Output:
        return outputs.alert(alert("bad0bad0-0000-5000-8000-000000000000", seq=9))

    for name, (path, value) in WRONG_FIELDS.items():
        yield name, with_field(good(), path, value)
    for name, raw in WRONG_VALUES.items():
        yield name, changed(good(), value=raw)
    for name, (header, text) in WRONG_HEADERS.items():
        yield name, with_header(good(), header, text)
    whole = good().value or b""
    raw_texts: dict[str, Callable[[bytes], bytes]] = {
        "half of it": lambda value: value[: len(value) // 2],
        "not a number": lambda value: value.replace(b'"value":32.0', b'"value":NaN'),
        "a number beyond a double": lambda value: value.replace(b'"value":32.0', b'"value":1e999'),
        "a text that is no UTF-8": lambda value: value.replace(b"Gulou", b"Gul\xffu"),
        "no UTF-8 in a field we do not know": lambda value: b'{"later":"\xff",' + value[1:],
        "half a surrogate": lambda value: value.replace(b"Gulou", rb"\ud83d"),
        "more behind its end": lambda value: value + b"{}",
    }
    for name, make in raw_texts.items():
        yield name, changed(good(), value=make(whole))
    census = outputs.census(3, 100, BUCKET, [])
    yield "a census of the far future", with_field(census, "at", 10**18)
    census = outputs.census(3, 100, BUCKET, [])
    yield "a census of numbers", with_field(census, "open_alerts", [1, 2])


def hostile_others(outputs: Outputs) -> Iterator[tuple[str, Output]]:
    """On ``aggregates`` and ``outcomes``."""
    minute = {
        "a bucket beyond any calendar": ("bucket", 10**18),
        "a bucket beyond 64 bits": ("bucket", HUGE),
        "n beyond an integer": ("points.p.n", BIG),
        "a negative n": ("points.p.n_good", -1),
        "last beyond any calendar": ("points.p.last_at", 10**18),
        "sum as text": ("points.p.sum", "1"),
        "points as a list": ("points", []),
        "a NUL in a point": ("points", {"\x00": {}}),
        "a point beyond an index": ("points", {"p" * 3_000: {}}),
    }
    for name, (path, value) in minute.items():
        yield name, with_field(outputs.minute("s", BUCKET, {"p": part(1.0)}, 5), path, value)
    yield "no minute", changed(outputs.minute("s", BUCKET, {"p": part(1.0)}, 5), value=None)
    outcome = CommandOutcome(
        command_id="c", station="s", name="ack", target="a", actor="li", signer="cli", result="applied",
        reason="", at=BUCKET,
    )  # fmt: skip
    finding = Finding(kind="input_gap", partition=3, offset=5, station=None, detail="", at=BUCKET)
    yield "an outcome of the far future", with_field(outputs.outcome(outcome, 3, 5), "at", 10**18)
    yield "an unknown result", with_field(outputs.outcome(outcome, 3, 6), "result", "perhaps")
    yield "an unknown finding", with_field(outputs.outcome(finding, 3, 7), "kind", "omen")
    yield "a finding beyond 64 bits", with_field(outputs.outcome(finding, 3, 8), "offset", HUGE)
    yield "a finding in a list", changed(outputs.outcome(finding, 3, 9), value=b"[1]")


WRONG_PARTS = {
    "a superscript part": f"{SHA}:²/1",
    "an Arabic part": f"{SHA}:٣/9",
    "a negative part": f"{SHA}:-1/2",
    "a part beyond the last": f"{SHA}:2/2",
    "a part beyond an integer": f"{SHA}:2147483647/2147483648",
    "two billion parts": f"{SHA}:0/2147483647",
    "as many parts as a count takes": f"{SHA}:0/999999999",
    "more parts than any plan": f"{SHA}:0/1025",
    "no parts": f"{SHA}:0/0",
    "no number of parts": f"{SHA}:0",
    "a short name": "x:0/1",
    "a name in capitals": f"{'A' * 64}:0/1",
    "no name": ":0/1",
    "an empty key": "",
}
"""Keys on the topic ``plans``."""


def hostile_plans(outputs: Outputs) -> Iterator[tuple[str, Output]]:
    """On the topic ``plans``."""

    def good() -> Output:
        return outputs.plan_parts(SHA, b"{}")[0]

    for name, key in WRONG_PARTS.items():
        yield name, changed(good(), key=key.encode())
    yield "a part that is no text", changed(good(), key=b"\xff:0/1")
    yield "a part without a value", changed(good(), value=None)
    yield "an empty part", changed(good(), value=b"")
    yield "a part of no kind", with_header(good(), "ce_type", None)
    for name, value in {
        "a note that is no JSON": b"{",
        "a note that is a list": b"[]",
        "a note of a number": b'{"plan":7,"epoch":"e"}',
        "a note of null": None,
        "a note of nothing": b"{}",
    }.items():
        note = with_header(good(), "ce_type", b"plan_active")
        yield name, changed(note, key=b"active:0/1", value=value)


WRONG_SNAPSHOTS: dict[str, bytes] = {
    "a version and nothing": b"\xff\x00",
    "nothing at all": b"",
    "a version alone": b"\x02",
    "a newer version of nothing": b"\x03\x00",
    "an unknown form": b"\x02\x07\x90",
    "no MessagePack": b"\x02\x00\xc1\xc1",
    "another shape": b"\x02\x00\x93\x01\x02\x03",
    "a list longer than it is": b"\x02\x00\xdd\xff\xff\xff\xff",
    "a text longer than it is": b"\x02\x00\xdb\xff\xff\xff\xff",
    "a hole without end": b"\x02\x00" + b"\x91" * 60_000,
    "nothing to inflate": b"\x02\x01",
    "no deflated bytes": b"\x02\x01" + b"\x00" * 64,
    "half of what was deflated": b"\x02\x01" + zlib.compress(bytes(range(256)) * 64)[:200],
}
"""Values on the topic ``monitor-state``."""


def bomb() -> bytes:
    """Under 1 MB that inflate to 900 MB: one deflated piece, again and again."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x02\x01" + head + piece * 850


def topics_of(records: Iterator[tuple[str, Output]]) -> dict[TopicName, int]:
    """How many there are by topic."""
    found: dict[TopicName, int] = {}
    for _, record in records:
        topic = TopicName(record.topic.partition(".")[2])
        found[topic] = found.get(topic, 0) + 1
    return found
