"""Thousands of records that nobody of ours would write on ``alerts`` and ``outcomes``, by a seed.

Some cannot be read; some can, and hold what no rule says. None names an alert of a test, and no census is of
their partition.
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from support.hostile_outputs import hostile_alerts, hostile_others, with_header
from support.output_records import BUCKET, Output, Outputs, changed
from support.shown_alerts import alert

from schemas.alerts import CensusPart, PartitionJudged
from schemas.outcomes import CommandOutcome, Finding, Outcome, PlanActivated, StationStateChanged
from schemas.topics import TOPICS, TopicName

ELSEWHERE = 9
"""A partition of ``events`` without alerts of a test."""
NUMBERS = (0, -1, 1.5, 1e308, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**40)
TEXTS = (
    *(
        "",
        " ",
        "0",
        "null",
        "\n\n",
        "\r",
        "data: {}\n\nevent: alert",
        "\x1b[2J",
        "\u202e反",
        "\u2028",
        "\ufeff",
    ),
    *("\ufffd", "<script>alert(1)</script>", "'; DROP TABLE alerts; --", "{}", "%s%n", "../../etc"),
    *("甲" * 5_000, "x" * 60_000),
)
SHAPES: tuple[Any, ...] = (
    *(None, True, [], [[]], {}, {"zh": "", "en": ""}, [None] * 300, {"a": {"a": {"a": {}}}}),
    {"zh": "甲" * 20_000, "en": "x" * 20_000},
)
VALUES: tuple[Any, ...] = (*NUMBERS, *TEXTS, *SHAPES)
KINDS = (
    b"alert",
    b"census",
    b"census_part",
    b"judged",
    b"command",
    b"finding",
    b"station",
    b"",
    b"\xff",
    b"a" * 5_000,
)
LARGEST = 900_000


def fuzzed(outputs: Outputs, number: int, *, seed: int) -> Iterator[Output]:
    """So many records, each with an offset of its own."""
    chance = Random(seed)
    for _ in range(number):
        yield chance.choice(CHANGES)(chance.choice(BASES)(outputs, chance), chance)


def _alert(outputs: Outputs, chance: Random) -> Output:
    return outputs.alert(
        alert(f"fuzz-{chance.randrange(500)}", chance.randrange(9)), offset=chance.randrange(99)
    )


def _census(outputs: Outputs, chance: Random) -> Output:
    return outputs.census(
        ELSEWHERE, chance.randrange(99), BUCKET, [str(n) for n in range(chance.randrange(9))]
    )


def _part(outputs: Outputs, chance: Random) -> Output:
    part = CensusPart(
        partition=ELSEWHERE,
        offset=7,
        at=BUCKET,
        part=chance.randrange(3),
        parts=3,
        after="a",
        open_alerts=("b",),
    )
    return outputs.census_part(part)


def _judged(outputs: Outputs, chance: Random) -> Output:
    return outputs.judged(BUCKET, *(PartitionJudged(n, chance.randrange(9), 0, 0) for n in range(16)))


def _outcome(outputs: Outputs, chance: Random) -> Output:
    return outputs.outcome(chance.choice(OUTCOMES), ELSEWHERE, chance.randrange(10**6))


OUTCOMES: tuple[Outcome, ...] = (
    CommandOutcome(
        command_id="c",
        station="s",
        name="ack",
        target="a",
        actor="li",
        signer="cli",
        result="applied",
        reason="",
        at=BUCKET,
    ),
    Finding(kind="input_gap", partition=3, offset=5, station=None, detail="", at=BUCKET),
    StationStateChanged(
        station="s",
        system="gas",
        town_code="t",
        state="silent",
        silent_points=("p",),
        points=2,
        at=BUCKET,
    ),
    PlanActivated(plan="p", partition=ELSEWHERE, actor="li", at=BUCKET),
)
BASES: tuple[Callable[[Outputs, Random], Output], ...] = (_alert, _alert, _census, _part, _judged, _outcome)


def _flipped(record: Output, chance: Random) -> Output:
    value = bytearray(record.value or b"")
    for _ in range(chance.choice((1, 1, 3, 50))):
        value[chance.randrange(len(value))] = chance.randrange(256)
    return changed(record, value=bytes(value))


def _cut(record: Output, chance: Random) -> Output:
    value = record.value or b""
    return changed(record, value=value[: chance.randrange(len(value))])


def _noise(record: Output, chance: Random) -> Output:
    return changed(record, value=chance.randbytes(chance.choice((0, 1, 100, 10_000))))


def _large(record: Output, chance: Random) -> Output:
    rest = b"x" if chance.random() < 0.5 else b'{"a":'
    return changed(record, value=(rest * LARGEST)[:LARGEST])


def _field(record: Output, chance: Random) -> Output:
    """Another value somewhere in it; never the id of another alert."""
    body = json.loads(record.value or b"{}")
    place: Any = body
    while True:
        keys = list(range(len(place))) if isinstance(place, list) else [k for k in place if k != "partition"]
        if not keys:
            break
        key = chance.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.6:
            place = place[key]
            continue
        place[key] = chance.choice(VALUES)
        break
    return changed(record, value=json.dumps(body, ensure_ascii=chance.random() < 0.5).encode())


def _header(record: Output, chance: Random) -> Output:
    name = chance.choice([name for name, _ in record.headers])
    values = (None, b"", b"\xff", b"-1", b"9" * 40, "²".encode(), b"x" * 3_000, b"2999-01-01T00:00:00Z")
    return with_header(record, name, chance.choice(values))


def _kind(record: Output, chance: Random) -> Output:
    return with_header(record, "ce_type", chance.choice(KINDS))


def _key(record: Output, chance: Random) -> Output:
    return changed(record, key=chance.choice((None, b"", b"\xff", b"k" * 5_000)))


CHANGES: tuple[Callable[[Output, Random], Output], ...] = (
    *(_flipped, _cut, _noise, _header, _kind, _key),
    *(_field,) * 8,
)
"""How often each is chosen: fields are where what can still be read comes from."""


def large_ones(outputs: Outputs, number: int, *, seed: int) -> Iterator[Output]:
    """As large as a record may be."""
    chance = Random(seed)
    return (_large(chance.choice(BASES)(outputs, chance), chance) for _ in range(number))


def known_ones(outputs: Outputs) -> Iterator[Output]:
    """Each sort that has a name, once."""
    for make in (hostile_alerts, hostile_others):
        yield from (record for _, record in make(outputs) if _is_of(record))


def _is_of(record: Output) -> bool:
    topic = TopicName(record.topic.partition(".")[2])
    return topic in (TopicName.ALERTS, TopicName.OUTCOMES) and record.partition < TOPICS[topic].partitions
