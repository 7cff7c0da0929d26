"""The golden log: stored plans, stored records of ``events``, and what commit 615371e made of them.

``tests/data/golden/`` holds JSON lines, compressed by xz (``xz -dc effects.jsonl.xz``):

- ``plans``, ``events``: records as the broker holds them, in the order in which they were written;
- ``effects``: the records that the monitor makes of ``events``, as data: headers and bodies with sorted keys.
  Of a reject, whose body is the original, only size and digest;
- ``given.json``: what the monitor knew before: the log's epoch, the publisher's public key, and the
  records at which its engine fails (partition, offset): a bug is planted there.
"""

import asyncio
import json
import lzma
from base64 import b64decode, b64encode
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

from support.monitor_city import Sent
from support.output_records import Output
from support.state_records import kept

from schemas.alerts import Alert
from schemas.headers import Headers
from schemas.outputs import PlanPart, decode
from schemas.plan import Plan
from schemas.topics import EVENT_PARTITIONS, TopicName
from services.judging.partitions import Partition
from services.judging.processor import Processor
from services.judging.snapshots import PartitionHeader
from services.monitor.catalogue import Catalogue
from services.monitor.logic import STREAM, MonitorLogic
from services.monitor.lookups import trust_anchor
from services.plans.publish.store import Stored
from services.rules import engine
from services.rules.state import StationState
from services.runtime.following.positions import Position
from services.runtime.outgoing import Outgoing
from services.runtime.records.authenticity import MAC
from services.runtime.signing import PUBLISHER
from services.runtime.unreadable import Unreadable
from services.streaming.checkpoint import AssignedPartition, write_checkpoint
from services.streaming.guard import LogVerdict
from services.streaming.loader import Checkpointed
from services.streaming.logic import Loaded

FOLDER = Path(__file__).parents[1] / "data" / "golden"
CLOCK = "log"
BUG = """
from services.rules import engine
real = engine.step
def step(state, event, cause, plan):
    if (cause.partition, cause.offset) in {places}:
        raise ZeroDivisionError("a bug of ours")
    return real(state, event, cause, plan)
engine.step = step
"""
Json = dict[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Given:
    """What the monitor knew before it read the log."""

    epoch: str
    publisher: str
    """Public key, hex."""
    failed: tuple[tuple[int, int], ...] = ()
    """Records at which the engine fails, as (partition, offset)."""

    @classmethod
    def stored(cls) -> "Given":
        """As it lies in ``tests/data/golden``."""
        told = json.loads((FOLDER / "given.json").read_text())
        return cls(told["epoch"], told["publisher"], tuple((p, o) for p, o in told["failed"]))

    def provide(self, keys_dir: Path) -> None:
        """Write the key where a monitor looks for it."""
        keys_dir.mkdir(parents=True, exist_ok=True)
        (keys_dir / f"{PUBLISHER}.pub").write_text(self.publisher + "\n")

    @property
    def bug(self) -> str:
        """Code that makes the engine fail at those records."""
        return BUG.format(places=set(self.failed))


@dataclass(frozen=True, slots=True)
class Golden:
    """The inputs of the golden log."""

    given: Given
    plans: list[Sent]
    events: list[Sent]

    @classmethod
    def stored(cls) -> "Golden":
        """As it lies in ``tests/data/golden``."""
        return cls(Given.stored(), list(map(_record, read("plans"))), list(map(_record, read("events"))))

    def store(self) -> None:
        """Lay it there."""
        told = {"epoch": self.given.epoch, "publisher": self.given.publisher, "failed": self.given.failed}
        (FOLDER / "given.json").write_text(json.dumps(told, indent=2) + "\n")
        write("plans", map(_as_json, self.plans))
        write("events", map(_as_json, self.events))

    def plan(self, name: str) -> Plan | None:
        """The plan of that sha256, as a monitor finds it in the topic."""
        return _in_topic(self.plans).plan(name)

    def plan_names(self) -> list[str]:
        """The stored plans, in the order in which they were published."""
        return _in_topic(self.plans).parts.names()[::-1]


def read(name: str) -> Iterator[Json]:
    """The objects of a file of the golden log."""
    with lzma.open(FOLDER / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def write(name: str, objects: Iterable[Json]) -> None:
    """Write a file of the golden log."""
    with lzma.open(FOLDER / f"{name}.jsonl.xz", "wt", preset=9, encoding="utf-8") as lines:
        for one in objects:
            lines.write(json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")


def _record(told: Json) -> Sent:
    return Sent(
        key=_bytes(told["key"]),
        value=_bytes(told["value"]),
        headers=[(name, _bytes(value) or b"") for name, value in told["headers"]],
        partition=told["partition"],
        offset=told["offset"],
        timestamp=told["timestamp"],
    )


def _as_json(record: Sent) -> Json:
    return {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _told(record.key),
        "value": _told(record.value),
        "headers": [[name, _told(value)] for name, value in record.headers],
    }


def _told(value: bytes | None) -> str | list[str] | None:
    """Bytes as text, or in a list as base64 when they are none."""
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return [b64encode(value or b"").decode()]


def _bytes(told: str | list[str] | None) -> bytes | None:
    if isinstance(told, list):
        return b64decode(told[0])
    return None if told is None else told.encode()


def _in_topic(records: Iterable[Sent]) -> Stored:
    stored = Stored()
    for sent in records:
        record = Output("t.plans", 0, 0, sent.timestamp, sent.key, sent.value, sent.headers)
        part = decode(record).body
        if isinstance(part, PlanPart):
            stored.parts.take(part)
    return stored


class Written(Protocol):
    """An output record, before it is sent or after it was read."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def partition(self) -> int: ...
    @property
    def headers(self) -> Headers: ...


def effect_of(topic: str, record: Written) -> Json:
    """An output record as it stands in the golden log."""
    headers = {name: value.decode() for name, value in record.headers if name != MAC}
    value = record.value or b""
    if topic == TopicName.REJECTS:
        body: Json = {"bytes": len(value), "sha256": sha256(value).hexdigest()}
    else:
        body = json.loads(value)
    return {
        "cause": f"{headers['src_partition']}:{headers['src_offset']}",
        "kind": headers["ce_type"],
        "topic": str(topic),
        "partition": record.partition,
        "key": (record.key or b"").decode(),
        "headers": headers,
        "body": body,
    }


class Judge:
    """Judges records as a monitor does, without a broker: decode, verify, route, step, make records."""

    def __init__(self, golden: Golden, folder: Path) -> None:
        epoch = golden.given.epoch
        golden.given.provide(folder / "keys")
        self.fails_at = set(golden.given.failed)

        async def load_plan(name: str) -> Plan | None:
            return golden.plan(name)

        async def no_plan() -> str | None:
            raise AssertionError("each plan of the log can be read")

        async def no_alerts(*_: object) -> list[Alert]:
            raise AssertionError("each snapshot can be read")

        self._epoch = epoch
        anchor = partial(trust_anchor, folder / "keys")
        catalogue = Catalogue(load_plan, no_plan)
        self._logic = MonitorLogic(epoch, Processor(CLOCK), catalogue, anchor=anchor, last_alerts=no_alerts)
        self._state_topic = _StateTopic()
        self.partitions = {
            number: AssignedPartition(
                number=number,
                next=0,
                written=Position(epoch, -1, None),
                state=Partition(number=number, epoch=epoch),
            )
            for number in range(EVENT_PARTITIONS)
        }

    def take(self, record: Sent) -> list[Json]:
        """What comes of the next record of its partition."""
        held = self.partitions[record.partition]
        assert record.offset == held.next
        fails = (record.partition, record.offset) in self.fails_at
        with failing_engine() if fails else nullcontext():
            sent = finished(self._logic.judge(held.state, record))
        held.passed(record)
        return [effect_of(one.topic, one) for one in sent]

    def restart(self) -> None:
        """Write a checkpoint, forget everything, and go on from what its bytes say."""
        topic: Any = self._state_topic
        writing = write_checkpoint(
            self.partitions.values(), topic, topic, logic=self._logic, topic=STREAM.state
        )
        asyncio.run(writing)
        for number, found in self._state_topic.read(self._epoch).items():
            assert found.header is not None
            position = found.header.position
            snapshots = {key: snapshot for key, (_, snapshot) in found.snapshots.items()}
            loaded = Loaded(number, found.header, snapshots, LogVerdict("go_on", position.next, ""))
            state, _ = finished(self._logic.restore(loaded))  # it says a census, which is of the load
            self.partitions[number] = AssignedPartition(
                number=number, next=position.next, written=position, state=state
            )


@contextmanager
def failing_engine() -> Iterator[None]:
    """A bug of ours, for a while."""
    real = engine.step

    def step(*_: object) -> engine.Step:
        raise ZeroDivisionError("a bug of ours")

    engine.step = step
    try:
        yield
    finally:
        engine.step = real


class _StateTopic:
    """Keeps a checkpoint's records as a compacted topic does: the last of each key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, bytes], Outgoing] = {}

    async def put(self, records: Iterable[Outgoing]) -> None:
        """Keep them."""
        self._kept.update({(record.partition, record.key): record for record in records})

    async def write(self, _: int, records: Iterable[Outgoing]) -> None:
        """As a fence does."""
        await self.put(records)

    async def settle(self) -> None:
        """They are kept already."""

    def read(self, epoch: str) -> dict[int, Checkpointed[PartitionHeader, StationState]]:
        """What a load finds, by partition."""
        found: dict[int, Checkpointed[PartitionHeader, StationState]] = {}
        for (partition, key), sent in self._kept.items():
            record = kept(key, sent.value, epoch=epoch, partition=partition)
            found.setdefault(partition, Checkpointed(STREAM, epoch, Unreadable("golden"))).take(record)
        return found


def effects(golden: Golden, folder: Path, *, restart_every: int = 0) -> list[Json]:
    """Everything that comes of the golden log, in order; with restarts after so many records each."""
    judge, found = Judge(golden, folder), []
    for number, record in enumerate(golden.events, start=1):
        found += judge.take(record)
        if restart_every and number % restart_every == 0:
            judge.restart()
    return found


def finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    raise AssertionError("it waits for something")
