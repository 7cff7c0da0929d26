"""The envelope of what checkpoints write to the topic ``monitor-state``: key, state version, form.

A value is one byte of state version, one byte of form (plain or deflated), then MessagePack. Records stand on
the input's partition, with the header ``epoch``:

- ``<station>``: hot and cold, written when the cold part has changed;
- ``<station>|hot``: the hot part alone, otherwise;
- ``_p<n>|header``: the partition header, written once the others are acknowledged.
"""

import zlib
from dataclasses import dataclass
from enum import StrEnum

from schemas.topics import control_key

PLAIN, DEFLATED = b"\x00", b"\x01"
DEFLATE_FROM_BYTES = 64 * 1024
HOT_SUFFIX = b"|hot"
MAX_STATE_BYTES = 16 << 20
"""Largest state of a station, inflated: whatever a record says, no more is allocated for it."""


class RecordKind(StrEnum):
    """The kinds of records in ``monitor-state``."""

    FULL = "full"
    HOT = "hot"
    HEADER = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSnapshot:
    """A record of ``monitor-state``, opened. ``payload`` None: the key is forgotten (a tombstone)."""

    kind: RecordKind
    station: str
    version: int
    payload: bytes | None


class SealedError(ValueError):
    """An envelope cannot be opened; the message says why."""


class SnapshotVersionError(Exception):
    """A snapshot or header was written by a newer release; the message says what to do."""


class UnreadableSnapshotError(Exception):
    """A snapshot or header cannot be read; the message says why. It costs what its key names."""


def full_key(station: str) -> bytes:
    """Key of a station's full snapshot. (No id of ours contains ``|``.)"""
    return station.encode()


def hot_key(station: str) -> bytes:
    """Key of a station's hot snapshot."""
    return full_key(station) + HOT_SUFFIX


def header_key(partition: int) -> bytes:
    """Key of a partition's header; its control station's snapshots have keys like any station's."""
    return f"{control_key(partition)}|header".encode()


def kind_of(key: bytes | None) -> tuple[RecordKind, str] | None:
    """Return the kind of record that a key names, and its station; None: the key is none of ours."""
    name, bar, kind = (key or b"").decode(errors="replace").partition("|")
    kind = kind if bar else RecordKind.FULL
    is_ours = name and name.isascii() and kind in list(RecordKind) and bool(bar) is (kind != RecordKind.FULL)
    return (RecordKind(kind), name) if is_ours else None


def seal(payload: bytes, version: int) -> bytes:
    """A record's value; a large payload is deflated.

    Raises:
        SealedError: nobody would open it.
    """
    if len(payload) > MAX_STATE_BYTES:
        raise SealedError(f"{len(payload)} bytes; at most {MAX_STATE_BYTES}")
    if len(payload) < DEFLATE_FROM_BYTES:
        return bytes([version]) + PLAIN + payload
    return bytes([version]) + DEFLATED + zlib.compress(payload, 1)


def unseal(value: bytes) -> tuple[int, bytes]:
    """The inverse of ``seal``: state version and payload.

    Raises:
        SealedError: truncated, of an unknown form, or larger than any state of ours.
    """
    form, payload = value[1:2], value[2:]
    if form == DEFLATED:
        payload = _inflated(payload)
    elif form != PLAIN:
        raise SealedError("truncated" if not form else f"unknown form {form[0]}")
    if not payload:
        raise SealedError("truncated")
    return value[0], payload


def _inflated(payload: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(payload, MAX_STATE_BYTES)
    except zlib.error as error:
        raise SealedError(str(error)) from None
    if inflater.unconsumed_tail:
        raise SealedError(f"inflates to more than {MAX_STATE_BYTES} bytes")
    if not inflater.eof:
        raise SealedError("truncated")
    return plain
