"""Thousands of records that nobody of ours would write, for any topic, made of those that stand there.

``CHANGES`` are the kinds. Some of what they make is certainly refused, the rest may be taken for what it
says: none of it says anything of a station, an alert or a census on which a test rests (``bases``).
"""

import asyncio
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord
from support.mutants import SPOILS
from support.odd_records import send_odd

from schemas.headers import Headers, header
from schemas.outcomes import OutcomeKind
from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import make_producer
from services.runtime.records.authenticity import MAC, SIGNED, Signer
from services.runtime.settings import Settings

NEAR_THE_LIMIT = 1_000_000
DEEP = 200_000
SHAPES = (
    *(b"[]", b"{}", b"null", b"true", b"0", b'""', b"[[[[[]]]]]", b'{"":{"":{"":{}}}}', b'"\\u0000"'),
    *(b"[" + b"0," * 20_000 + b"0]", "\ufeff{}".encode(), "{}".encode("utf-16"), b"{}{}", b"\x02\x00\x90"),
)
NUMBERS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0.0", b"1e-400", b"9" * 400, b"-" + b"9" * 400),
    *(b"9223372036854775808", b"4294967296", b"1.0000000000000000000001", b"00", b"0x10", b"true"),
)
NO_TEXTS = (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\x1b[2J", "\u202e".encode())
HEADER_VALUES = (
    *(b"", b"\x00", b"\xff", b"-1", b"9" * 40, "²".encode(), b"null", b"x" * 60_000, b"2999-01-01T00:00:00Z"),
    *(b"1970-01-01T00:00:00Z", b"alert", b"census", b"judged", b"tick", b"genesis", b"plan", b"telemetry"),
)
TIMESTAMPS = (0, 1, 946_684_800_000, 4_102_444_800_000, 2**62)
_NUMBER = re.compile(rb"(?<=[:\[,])-?\d[\d.eE+-]*")


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A record to be sent, and whether every reader certainly refuses it."""

    topic: TopicName
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int | None = None
    refused: bool = False

    def differs(self, other: "Fuzzed") -> bool:
        """Whether it is another record."""
        return (self.partition, self.key, self.value, self.headers, self.topic) != (
            *(other.partition, other.key, other.value, other.headers, other.topic),
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What changes need: chance, the monitor's signer, records of other topics, and keys of ours."""

    chance: Random
    namespace: str
    signer: Signer
    others: Sequence[Fuzzed]
    keys: Sequence[bytes]


Change = Callable[[Fuzzed, Surroundings], Fuzzed]


def of(record: ConsumerRecord) -> Fuzzed:
    """A record as it stands on the broker."""
    topic = TopicName(record.topic.partition(".")[2])
    return Fuzzed(topic, record.partition, record.key, record.value, list(record.headers))


def bases(records: Collection[ConsumerRecord], spared: Collection[str]) -> list[Fuzzed]:
    """Of each kind a few records that name none of the stations ``spared``; and no census."""
    found: dict[str, list[Fuzzed]] = {}
    for record in records:
        kind = header(record.headers, "ce_type") or (record.key or b"").decode(errors="replace")[:2]
        text = (record.key or b"") + (record.value or b"")
        if kind.startswith("census") or any(name.encode() in text for name in spared):
            continue
        found.setdefault(kind, []).append(of(record))
    return [one for ones in found.values() for one in ones[-20:]]


def _noise(it: Fuzzed, by: Surroundings) -> Fuzzed:
    return replace(it, value=b"\xff" + by.chance.randbytes(by.chance.choice((0, 1, 100, 10_000))))


def _spoilt(it: Fuzzed, by: Surroundings) -> Fuzzed:
    return replace(it, value=by.chance.choice(SPOILS)(by.chance, it.value)) if it.value else it


def _shape(it: Fuzzed, by: Surroundings) -> Fuzzed:
    return replace(it, value=by.chance.choice(SHAPES))


def _number(it: Fuzzed, by: Surroundings) -> Fuzzed:
    places = list(_NUMBER.finditer(it.value or b""))
    if not places:
        return replace(it, value=by.chance.choice(NUMBERS))
    place, value = by.chance.choice(places), it.value or b""
    return replace(it, value=value[: place.start()] + by.chance.choice(NUMBERS) + value[place.end() :])


def _no_text(it: Fuzzed, by: Surroundings) -> Fuzzed:
    value = it.value or b'""'
    quotes = [n for n, one in enumerate(value) if one == 0x22] or [0]
    at = by.chance.choice(quotes) + 1
    return replace(it, value=value[:at] + by.chance.choice(NO_TEXTS) + value[at:])


def _field(it: Fuzzed, by: Surroundings) -> Fuzzed:
    """A field that is missing, or of another type."""
    try:
        body = json.loads(it.value or b"")
    except (ValueError, RecursionError):
        return _spoilt(it, by)
    if not isinstance(body, dict) or not body:
        return _shape(it, by)
    name = by.chance.choice(
        sorted(body.keys() - {"partition", "partitions", "alert_id", "station", "at"}) or ["at"]
    )
    other: Any = by.chance.choice((None, True, -1, 10**40, "", "甲" * 5_000, [], {}, [[]], {"zh": 1}, "DROP"))
    changed = {key: value for key, value in body.items() if key != name}
    if other != "DROP":
        changed[name] = other
    return replace(it, value=json.dumps(changed, ensure_ascii=by.chance.random() < 0.5).encode())


def _header(it: Fuzzed, by: Surroundings) -> Fuzzed:
    """One that is missing, another, doubled, or one too many."""
    names = [name for name, _ in it.headers] or ["ce_type"]
    name = by.chance.choice(names)
    rest = [pair for pair in it.headers if pair[0] != name]
    added: Headers = [(name, by.chance.choice(HEADER_VALUES))]
    return replace(
        it, headers=by.chance.choice((rest, [*rest, *added], [*it.headers, *added], [*added, *it.headers]))
    )


def _many_headers(it: Fuzzed, by: Surroundings) -> Fuzzed:
    return replace(
        it, headers=[*it.headers, *[(f"h{n}", b"x") for n in range(by.chance.choice((60, 999, 3_000)))]]
    )


def _no_key(it: Fuzzed, _: Surroundings) -> Fuzzed:
    key = b"" if TOPICS[it.topic].compacted else None  # such a topic takes no record without a key
    return replace(it, key=key, value=it.value or b"{}")


def _other_key(it: Fuzzed, by: Surroundings) -> Fuzzed:
    odd = (b"", b"\xff", b"k" * 5_000, b"_p3", b"active:0/1", b"|hot", "甲".encode())
    return replace(it, key=by.chance.choice((*by.keys, *odd)))


def _other_partition(it: Fuzzed, by: Surroundings) -> Fuzzed:
    return replace(it, partition=by.chance.randrange(TOPICS[it.topic].partitions))


def _tombstone(it: Fuzzed, _: Surroundings) -> Fuzzed:
    return replace(it, value=None, key=it.key or b"k")


def _huge(it: Fuzzed, by: Surroundings) -> Fuzzed:
    unit = by.chance.choice((b"x", b'{"a":', b"[", b'"\\u0000",', b"\x93"))
    return replace(it, value=(unit * NEAR_THE_LIMIT)[:NEAR_THE_LIMIT])


def _deep(it: Fuzzed, by: Surroundings) -> Fuzzed:
    hole = by.chance.choice((b'{"later":', b"[", b'{"scans":[{"values":')) * (DEEP // 20)
    return replace(it, value=(it.value or b"{}")[:-1] + b',"x":' + hole)


def _elsewhere(it: Fuzzed, by: Surroundings) -> Fuzzed:
    """A true record of another topic."""
    other = by.chance.choice(by.others)
    return replace(it, key=other.key, value=other.value, headers=other.headers)


def _unsigned(it: Fuzzed, _: Surroundings) -> Fuzzed:
    return replace(it, headers=[pair for pair in it.headers if pair[0] != MAC])


def _forged(it: Fuzzed, by: Surroundings) -> Fuzzed:
    mac = dict(it.headers).get(MAC, bytes(24))
    tags = (mac[:8] + by.chance.randbytes(16), by.chance.randbytes(24), mac[:-1], mac[:8], b"")
    return replace(_unsigned(it, by), headers=[*_unsigned(it, by).headers, (MAC, by.chance.choice(tags))])


def _again(it: Fuzzed, _: Surroundings) -> Fuzzed:
    return it


def _dated(it: Fuzzed, by: Surroundings) -> Fuzzed:
    return replace(_noise(it, by), timestamp_ms=by.chance.choice(TIMESTAMPS))


CHANGES: dict[str, tuple[Change, int]] = {
    "noise": (_noise, 6),
    "spoilt": (_spoilt, 20),
    "shape": (_shape, 8),
    "number": (_number, 12),
    "no text": (_no_text, 6),
    "field": (_field, 14),
    "header": (_header, 12),
    "many headers": (_many_headers, 1),
    "no key": (_no_key, 3),
    "other key": (_other_key, 4),
    "other partition": (_other_partition, 3),
    "tombstone": (_tombstone, 3),
    "huge": (_huge, 1),
    "deep": (_deep, 2),
    "elsewhere": (_elsewhere, 4),
    "unsigned": (_unsigned, 4),
    "forged": (_forged, 4),
    "again": (_again, 2),
    "dated": (_dated, 2),
}
"""By name: the change, and how often it is chosen."""
SAYS_WHAT_JUDGES = OutcomeKind.PLAN_ACTIVATED
"""Which plan a partition is judged by: whoever signs that is believed."""
OF_THE_VALUE = frozenset({"noise", "spoilt", "shape", "number", "no text", "field", "huge", "deep"})
"""What a bug of the monitor could write under its own signature: half of these are signed anew."""
SURELY_BAD_INPUT = frozenset({"noise", "no key", "tombstone", "dated"})


def fuzzed(given: Sequence[Fuzzed], number: int, by: Surroundings) -> Iterator[tuple[str, Fuzzed]]:
    """So many records, with the names of their kinds."""
    names, weights = list(CHANGES), [weight for _, weight in CHANGES.values()]
    for _ in range(number):
        name, base = by.chance.choices(names, weights)[0], by.chance.choice(given)
        made = CHANGES[name][0](base, by)
        made = replace(made, value=made.value and made.value[:NEAR_THE_LIMIT])
        if made.value is not None and _could_be_ours(name, base) and by.chance.random() < 0.5:
            yield name, _signed(made, by)
        else:
            yield name, replace(made, refused=_is_refused(name, made, base))


def _could_be_ours(name: str, base: Fuzzed) -> bool:
    kind = header(base.headers, "ce_type")
    return name in OF_THE_VALUE and base.topic in SIGNED and kind != SAYS_WHAT_JUDGES


def _is_refused(name: str, made: Fuzzed, base: Fuzzed) -> bool:
    if made.topic in SIGNED:
        return made.differs(base)
    return made.topic is TopicName.EVENTS and name in SURELY_BAD_INPUT


def _signed(it: Fuzzed, by: Surroundings) -> Fuzzed:
    bare = _unsigned(it, by)
    topic = it.topic.within(by.namespace)
    headers = by.signer.sign(
        topic, it.partition, key=it.key or b"", value=it.value or b"", headers=bare.headers
    )
    return replace(it, headers=headers)


Place = tuple[int, int]
"""Partition and offset."""


@dataclass(slots=True)
class Standing:
    """Where records stand: those that every reader refuses, those that nobody meets."""

    refused: set[Place] = field(default_factory=set)
    aborted: set[Place] = field(default_factory=set)


async def send_fuzzed(settings: Settings, records: Sequence[Fuzzed], odd: Fuzzed) -> Standing:
    """Write them: most as they are, every tenth in transactions, of which every other one is aborted.

    ``odd``: of which records are made that no client's decoder reads.
    """
    standing = Standing()
    plain = [it for number, it in enumerate(records) if number % 10]
    async with make_producer(settings) as producer:
        standing.refused |= await _sent(producer, settings, plain)
    async with make_producer(settings, transactional_id=f"fuzz-{settings.namespace}") as producer:
        for number, some in enumerate(_pieces(records[::10], 25)):
            await producer.begin_transaction()
            places = await _sent(producer, settings, some)
            if number % 2:
                await producer.abort_transaction()
                standing.aborted |= places
            else:
                await producer.commit_transaction()
                standing.refused |= places
    topic = odd.topic.within(settings.namespace)
    facts = {"key": odd.key, "value": odd.value, "headers": odd.headers, "partition": odd.partition}
    await send_odd(settings, topic, **facts)  # type: ignore[arg-type]
    return standing


def _pieces(records: Sequence[Fuzzed], size: int) -> Iterator[Sequence[Fuzzed]]:
    return (records[begin : begin + size] for begin in range(0, len(records), size))


async def _sent(producer: AIOKafkaProducer, settings: Settings, records: Sequence[Fuzzed]) -> set[Place]:
    """Where those stand that are refused."""
    places: set[Place] = set()
    for some in _pieces(records, 200):
        futures = [await _send(producer, settings, it) for it in some]
        told = await asyncio.gather(*futures)
        places |= {(at.partition, at.offset) for it, at in zip(some, told, strict=True) if it.refused}
    return places


async def _send(producer: AIOKafkaProducer, settings: Settings, it: Fuzzed) -> Any:
    return await producer.send(
        it.topic.within(settings.namespace),
        it.value,
        key=it.key,
        partition=it.partition,
        headers=it.headers,
        timestamp_ms=it.timestamp_ms,
    )
