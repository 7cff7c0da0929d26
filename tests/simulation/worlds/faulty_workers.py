"""Workers with a fault that was planted: a scheduler that does not find it proves nothing."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from services.judging.partitions import Partition
from services.runtime.kafka import make_producer
from services.runtime.outgoing import Outgoing
from services.streaming.batches import Batches
from services.streaming.checkpoint import AssignedPartition, write_checkpoint
from services.streaming.chunked import ReadChunk
from services.streaming.fence import Fence
from services.streaming.worker import Worker


class CommitsFirst(Worker[Any, Any, Partition]):
    """Commits offsets before the checkpoint that they stand for."""

    async def checkpoint(self) -> None:
        """In the wrong order."""
        async with self._alone():
            if self._generation is None:
                return
            moved = {number: it.next for number, it in self.assigned.items() if it.next != it.written.next}
            if moved:
                await self.app.consumer.commit_positions(self._positions(moved))
            await write_checkpoint(
                self.assigned.values(), self.batches, self.fence, logic=self.logic, topic=self.stream.state
            )


@dataclass(kw_only=True, eq=False)
class SendsOutsideTheLock(Worker[Any, Any, Partition]):
    """Judges under the lock, and sends what came of it after the lock is free."""

    _late: list[Outgoing] = field(default_factory=list)

    async def take(self, message: Any) -> None:
        """A checkpoint may come in between."""
        await super().take(message)
        late, self._late = self._late, []
        await asyncio.sleep(0)
        await self.batches.put(late)
        await self.batches.flush()

    async def _judge(
        self, partition: AssignedPartition[Partition], chunk: ReadChunk, generation: int
    ) -> bool:
        async def keep(records: Iterable[Outgoing]) -> None:
            self._late.extend(records)

        put = self.batches.put
        self.batches.put = keep  # type: ignore[method-assign]
        try:
            return await super()._judge(partition, chunk, generation)
        finally:
            self.batches.put = put  # type: ignore[method-assign]


@dataclass(slots=True)
class _OpenFence(Fence):
    """Lets everybody write: no transactional id, no transaction."""

    async def take(self, partitions: Collection[int]) -> None:
        """Take nothing from others."""
        await self.drop()
        for number in partitions:
            self._writers[number] = make_producer(self.settings)
            await self._writers[number].start()

    async def write(self, partition: int, records: Iterable[Outgoing]) -> None:
        """Write whatever comes."""
        batches = Batches(self._writers[partition], self.settings.namespace, self.signer)
        await batches.put(records)
        await batches.settle()


class Unfenced(Worker[Any, Any, Partition]):
    """Writes checkpoints of partitions that may be another worker's by now."""

    def __init__(self, **parts: Any) -> None:
        fence = parts["fence"]
        super().__init__(**{**parts, "fence": _OpenFence(fence.settings, fence.group, fence.signer)})
