"""Output records of the monitor, changed or made up by somebody who has no key."""

import json
from collections.abc import Iterator
from typing import Any

from aiokafka import ConsumerRecord
from support.output_records import Output

from schemas.headers import Headers
from schemas.topics import DISTRICT_PARTITIONS
from services.runtime.records.authenticity import MAC, OutputKey, Signer

HUGE = 10**6


def changed(record: ConsumerRecord, **fields: Any) -> bytes:
    """The record's JSON with other fields."""
    return json.dumps({**json.loads(record.value), **fields}).encode()


def all_clear(record: ConsumerRecord) -> bytes:
    """The alert's snapshot as over, and as the last word on it."""
    body = json.loads(record.value)
    last = {**body["timeline"][-1], "seq": HUGE, "reason": "cleared", "to_state": "A"}
    at = body["detected_at"] + 1
    return changed(record, seq=HUGE, state="A", closed_at=at, cleared_at=at, timeline=[last])


def forged(record: ConsumerRecord, value: bytes, **other: Any) -> Output:
    """A record like it, with another value."""
    facts = {"partition": record.partition, "key": record.key, "headers": list(record.headers), **other}
    return Output(record.topic, offset=-1, timestamp=0, value=value, **facts)


def forgeries(record: ConsumerRecord) -> Iterator[Output]:
    """Of a signed record of ``alerts``: each way to have it be taken as over."""
    value = all_clear(record)
    bare: Headers = [(name, text) for name, text in record.headers if name != MAC]
    mac = dict(record.headers)[MAC]
    for partition in range(DISTRICT_PARTITIONS):
        yield forged(record, value, headers=bare, partition=partition)
    yield forged(record, value)
    yield forged(record, record.value, partition=(record.partition + 1) % DISTRICT_PARTITIONS)
    yield forged(record, record.value, key=b"999999")
    yield forged(record, record.value, headers=[*bare, ("ce_note", b"x"), (MAC, mac)])
    yield forged(record, record.value, headers=[*bare, (MAC, mac), (MAC, mac)])
    yield forged(record, record.value, headers=[(MAC, mac)])
    for tag in (b"", mac[:8], mac[:-1], mac + b"x", bytes(len(mac)), mac[:8] + bytes(16)):
        yield forged(record, value, headers=[*bare, (MAC, tag)])
    own = Signer(OutputKey(b"k" * 32))
    headers = own.sign(record.topic, record.partition, key=record.key, value=value, headers=bare)
    yield forged(record, value, headers=headers)
    yield forged(record, value, headers=[*bare, (MAC, mac[:8] + dict(headers)[MAC][8:])])
