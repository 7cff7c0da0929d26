"""Good records of our own topics, each spoilt in a way of its own, as a bug, a forger or a disk would."""

from collections.abc import Callable, Sequence
from random import Random

from support.output_records import Output, changed

NUMBERS = (b"-1", b"0", b"2147483648", b"9223372036854775808", b"1e999", b"-1e-999", b"null", b"true", b'"1"')
TEXTS = (
    b"\\u0000",
    b"\xff",
    b"\\ud83d",
    "甲烷".encode(),
    b"'; DROP TABLE alerts; --",
    b"\x1b[2J",
    b"x" * 5_000,
)
Spoil = Callable[[Random, bytes], bytes]


def _flipped(chance: Random, value: bytes) -> bytes:
    spoilt = bytearray(value)
    for _ in range(chance.randint(1, 4)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def _cut(chance: Random, value: bytes) -> bytes:
    return value[: chance.randrange(len(value))]


def _another_number(chance: Random, value: bytes) -> bytes:
    places = [n for n in range(1, len(value)) if value[n - 1 : n] in b":,[" and value[n : n + 1].isdigit()]
    if not places:
        return value
    begin = chance.choice(places)
    end = begin
    while value[end : end + 1] and value[end : end + 1] in b"0123456789.eE+-":
        end += 1
    return value[:begin] + chance.choice(NUMBERS) + value[end:]


def _another_text(chance: Random, value: bytes) -> bytes:
    places = [n for n in range(len(value)) if value[n : n + 1] == b'"']
    if not places:
        return value
    at = chance.choice(places) + 1
    return value[:at] + chance.choice(TEXTS) + value[at:]


def _doubled(chance: Random, value: bytes) -> bytes:
    begin, end = sorted(chance.randrange(len(value)) for _ in range(2))
    return value[:end] + value[begin:end] * chance.randint(1, 30) + value[end:]


SPOILS: Sequence[Spoil] = (_flipped, _cut, _another_number, _another_number, _another_text, _doubled)


def spoilt(chance: Random, record: Output) -> Output:
    """One record, spoilt in its value, or now and then in a header or its key."""
    what = chance.random()
    if what < 0.8 and record.value:
        return changed(record, value=chance.choice(SPOILS)(chance, record.value))
    if what < 0.95:
        number = chance.randrange(len(record.headers))
        name, text = record.headers[number]
        other = chance.choice((b"", b"\x00", b"\xff", b"-1", b"9" * 30, b"x" * 5_000, text + b"1"))
        headers = [*record.headers[:number], *record.headers[number + 1 :]]
        return changed(record, headers=headers if chance.random() < 0.3 else [*headers, (name, other)])
    if chance.random() < 0.5:
        return changed(record, value=None, key=record.key or b"k")  # the client sends nothing without both
    return changed(record, value=b"", key=chance.choice((None, b"", b"\x00")))
