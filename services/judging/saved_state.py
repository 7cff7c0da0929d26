"""What judging a log leaves behind, as a file: the records that a checkpoint would write, one a line."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from schemas.headers import Headers
from schemas.snapshots import SnapshotVersionError, UnreadableSnapshotError, full_key, header_key
from schemas.topics import TopicName
from services.judging import snapshots
from services.judging.outcome_lines import TakenRecord
from services.judging.partitions import Partition
from services.runtime.following.positions import Position


class SavedStateError(ValueError):
    """A file holds no state that this release can go on from; the message says why."""


@dataclass(slots=True)
class SavedState:
    """Partitions as a run left them, without their plan; of each its next offset, and its plan's name."""

    partitions: dict[int, Partition] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    plans: dict[int, str | None] = field(default_factory=dict)

    @property
    def stations(self) -> set[str]:
        """The stations that have a state."""
        return {station for partition in self.partitions.values() for station in partition.states}


def saved(partitions: Mapping[int, Partition], offsets: Mapping[int, int]) -> Iterator[str]:
    """The lines of a file that ``resumed`` reads."""
    for number, partition in sorted(partitions.items()):
        position = Position(partition.epoch, offsets.get(number, 0), None)
        yield _line(number, header_key(number), snapshots.encode_header(partition.header(position, "log")))
        for station, state in sorted(partition.states.items()):
            yield _line(number, full_key(station), snapshots.encode_full(state))


def _line(partition: int, key: bytes, value: bytes) -> str:
    told = {"partition": partition, "key": key.decode(), "value": b64encode(value).decode()}
    return json.dumps(told, separators=(",", ":"))


def resumed(lines: Iterable[str]) -> SavedState:
    """What the lines of a file hold.

    Raises:
        SavedStateError: a line cannot be read.
    """
    found = SavedState()
    for line, text in enumerate(lines, start=1):
        try:
            _take(_record(text), found)
        except (ValueError, KeyError, TypeError, SnapshotVersionError, UnreadableSnapshotError) as error:
            raise SavedStateError(f"line {line}: {error}") from None
    return found


def _record(text: str) -> TakenRecord:
    told = json.loads(text)
    headers: Headers = [("epoch", b"saved")]
    topic, key = f"saved.{TopicName.MONITOR_STATE}", told["key"].encode()
    return TakenRecord(topic, told["partition"], 0, 0, key, b64decode(told["value"]), headers)


def _take(record: TakenRecord, found: SavedState) -> None:
    number = record.partition
    if record.key == header_key(number):
        header = snapshots.decode_header(record)
        found.offsets[number], found.plans[number] = header.next, header.plan
        found.partitions[number] = Partition(
            number=number,
            epoch=header.epoch,
            clock=header.clock,
            minute=header.minute,
            reject_share_pct=header.reject_share_pct,
            plan_events=header.plan_events,
            other_time=header.other_time,
            ahead=set(header.ahead),
            failing=dict(header.failing),
        )
        return
    _, state = snapshots.decode(record)
    found.partitions[number].states[state.station] = state
