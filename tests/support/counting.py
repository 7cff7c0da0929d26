"""The smallest service in the streaming shell: it counts the records of each key of ``alerts``.

It knows no station, plan or rule. What it counts goes to ``outcomes``, its state to ``monitor-state``:
topics that a namespace has; no monitor runs in the namespaces of its tests.
"""

import asyncio
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import msgspec

from schemas.base import ClockMode
from schemas.codec import Record
from schemas.snapshots import SnapshotVersionError, UnreadableSnapshotError
from schemas.topics import TopicName
from services.runtime import processes
from services.runtime.command_line import saying
from services.runtime.following.positions import Position
from services.runtime.kafka import ensure_namespace
from services.runtime.metrics import StreamMeters
from services.runtime.outgoing import CausingRecord, Outgoing
from services.runtime.records.authenticity import Signer, ensure_output_key
from services.runtime.settings import Settings, load_settings
from services.runtime.web import Health
from services.streaming import shell
from services.streaming.adoption import adopt
from services.streaming.logic import Loaded, StreamSpec

VERSION = 1
Said = TypeVar("Said")
BLANKS = b" " * 4_096
"""They follow what it says, so that batches are full, and sent, long before a chunk is judged."""
PAUSE_S = 0.001
"""It takes its time over a record, so that tests meet it in the midst of its log."""


class CountingGroup(StrEnum):
    """The group of the service, named as those of ``schemas.topics`` are."""

    COUNTER = "counter"

    def within(self, namespace: str) -> str:
        """The group's name on the broker."""
        return f"{namespace}.{self.value}"


@dataclass(frozen=True)
class CountHeader:
    """A header of its own shape: ``keys`` is how many there were."""

    position: Position
    clock_mode: ClockMode
    keys: int


@dataclass(frozen=True)
class Count:
    """How often a key came, up to the record at ``as_of``."""

    n: int
    as_of: int
    version: int = VERSION


@dataclass
class Counts:
    """What is kept of a partition."""

    number: int
    by_key: dict[bytes, Count] = field(default_factory=dict)
    changed: set[bytes] = field(default_factory=set)


def decode(record: Record) -> tuple[int, Count]:
    """A snapshot."""
    count = _said(record, Count)
    if count.version > VERSION:
        raise SnapshotVersionError(f"a count has version {count.version}, this release reads up to {VERSION}")
    return count.as_of, count


def decode_header(record: Record) -> CountHeader:
    """A header."""
    return _said(record, CountHeader)


def _said(record: Record, model: type[Said]) -> Said:
    try:
        return msgspec.json.decode(record.value or b"", type=model)
    except msgspec.DecodeError as error:
        raise UnreadableSnapshotError(str(error)) from None


COUNTING: StreamSpec[CountHeader, Count] = StreamSpec(
    group=CountingGroup.COUNTER,  # type: ignore[arg-type]
    input=TopicName.ALERTS,
    state=TopicName.MONITOR_STATE,
    adopt="counter adopt",
    decode_header=decode_header,
    decode=decode,
    meters=StreamMeters("counter", "alerts"),
)


@dataclass(frozen=True)
class CountLogic:
    """Counts, and says each count."""

    epoch: str
    clock: ClockMode

    async def restore(self, found: Loaded[CountHeader, Count]) -> tuple[Counts, Sequence[Outgoing]]:
        """The counts as the snapshots have them; says what the load has found out."""
        partition = Counts(found.number, dict(found.snapshots))
        begin, decision = found.verdict.begin, found.verdict.decision
        return partition, [self._record(partition, begin, "load", b"load", decision)]

    async def judge(self, partition: Counts, record: Record) -> Sequence[Outgoing]:
        """One more of its key, unless the snapshot includes it."""
        await asyncio.sleep(PAUSE_S)
        key = record.key or b"none"
        known = partition.by_key.get(key, Count(0, -1))
        if record.offset <= known.as_of:
            return []
        partition.by_key[key] = Count(known.n + 1, record.offset)
        partition.changed.add(key)
        return [self._record(partition, record.offset, "count", key, partition.by_key[key])]

    def changed(self, partition: Counts) -> Iterator[tuple[bytes, bytes]]:
        """The counts of the keys that came."""
        keys, partition.changed = partition.changed, set()
        return ((key, msgspec.json.encode(partition.by_key[key])) for key in sorted(keys))

    def header(self, partition: Counts, position: Position) -> bytes:
        """Where it stands, and how many keys there are."""
        return msgspec.json.encode(CountHeader(position, self.clock, len(partition.by_key)))

    def gauge(self, partitions: Mapping[int, Counts]) -> None:
        """It has no gauge of its own."""

    def health(self, partitions: Collection[Counts]) -> Health:
        """How many keys there are."""
        return Health(details={"keys": sum(len(one.by_key) for one in partitions)})

    def _record(self, partition: Counts, offset: int, kind: str, key: bytes, told: object) -> Outgoing:
        origin = CausingRecord("counter", self.epoch, partition.number, offset)
        headers = origin.headers(kind, f"{origin.name}:{kind}")
        value = msgspec.json.encode(told) + BLANKS
        return Outgoing(TopicName.OUTCOMES, partition.number, key, value, headers)


async def run(settings: Settings) -> int:
    """Count until a signal ends it."""
    epoch = await ensure_namespace(settings)
    logic = CountLogic(epoch, settings.clock)
    signer = Signer(ensure_output_key(settings.keys_dir))
    return await shell.run(shell.build(settings, epoch, stream=COUNTING, logic=logic, signer=signer), port=0)


def main() -> None:
    """``counter run``, ``counter adopt [--all] [--yes]``."""
    settings, (_, command, *options) = load_settings(), sys.argv[1:]
    if command == "run":
        processes.run(run(settings))
    processes.run(
        adopt(settings, COUNTING, every="--all" in options, yes="--yes" in options, say=saying("en"))
    )
