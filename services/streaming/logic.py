"""What a service tells the shell about itself, and what it does with the partitions that it is given."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from schemas.codec import Record
from schemas.outputs import OutputRecord
from schemas.snapshots import SnapshotVersionError
from schemas.topics import GroupName, TopicName
from services.runtime.following.positions import Position
from services.runtime.metrics import StreamMeters
from services.runtime.outgoing import Outgoing
from services.runtime.web import Health
from services.streaming.guard import Header, LogVerdict

H = TypeVar("H", bound=Header)
"""The service's header of a partition."""
T = TypeVar("T")
"""What one record of the state topic decodes to."""
S = TypeVar("S")
"""What the service holds of a partition while it judges it. It may change in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec(Generic[H, T]):
    """A service's names, its codec and its metrics.

    ``decode`` gives a snapshot's ``as_of`` (offset of the last record that it includes) and content; both
    decoders raise ``SnapshotVersionError`` or ``UnreadableSnapshotError``, and nothing else. ``adopt`` is the
    command that forgets checkpoints.
    """

    group: GroupName
    input: TopicName
    state: TopicName
    adopt: str
    decode_header: Callable[[OutputRecord], H]
    decode: Callable[[OutputRecord], tuple[int, T]]
    meters: StreamMeters


@dataclass(frozen=True, slots=True)
class Loaded(Generic[H, T]):
    """A partition as the state topic holds it, and how it goes on (``verdict``).

    ``lost``: why the last record of a key cannot be read; an earlier one that can stands in its place.
    ``newer``: a newer release has written there.
    """

    number: int
    header: H | None
    snapshots: Mapping[bytes, T]
    verdict: LogVerdict
    lost: Mapping[bytes, str] = field(default_factory=dict)
    newer: SnapshotVersionError | None = None


class Logic(Protocol[H, T, S]):
    """The service's own part. Whatever it raises, the shell forgets all partitions and ends the process."""

    async def restore(self, found: Loaded[H, T]) -> tuple[S, Sequence[Outgoing]]:
        """The partition as its checkpoint left it, and the records that tell of the load."""

    async def judge(self, partition: S, record: Record) -> Sequence[Outgoing]:
        """Judge the partition's next record; what comes of it, in order."""

    def changed(self, partition: S) -> Iterable[tuple[bytes, bytes]]:
        """Key and value of each snapshot that differs from what was given here before."""

    def header(self, partition: S, position: Position) -> bytes:
        """The header of a checkpoint that includes everything before the position."""

    def gauge(self, partitions: Mapping[int, S]) -> None:
        """Set the service's own gauges, by partition."""

    def health(self, partitions: Collection[S]) -> Health:
        """The service's own reasons not to be ready, and its details."""
