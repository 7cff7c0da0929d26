"""A fence around checkpoints: of all workers that ever held a partition, only the newest writes them.

A worker that was stopped and goes on does not know that its partitions are another's by now. What it sends
to output topics is harmless: the same log gives the same records with the same ids. Its checkpoints are not:
they would stand behind newer ones. So each partition has a transactional id, and a load takes it before it
reads the state topic: the broker ends what the one before had begun, and refuses what it sends later
(ADR 29).
"""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.runtime.kafka import make_producer
from services.runtime.outgoing import Outgoing
from services.runtime.records.authenticity import Signer
from services.runtime.settings import Settings
from services.streaming.batches import Batches

STOP_WITHIN_S = 2.0


@dataclass(slots=True)
class Fence:
    """The right to write checkpoints of partitions. Not shared between tasks: the worker's lock guards it."""

    settings: Settings
    group: str
    signer: Signer
    _writers: dict[int, AIOKafkaProducer] = field(default_factory=dict)

    async def take(self, partitions: Collection[int]) -> None:
        """From now on nobody else writes checkpoints of these partitions.

        Raises:
            aiokafka.errors.KafkaError: the broker did not grant it.
        """
        await self.drop()
        for number in partitions:
            id_ = f"{self.settings.namespace}.{self.group}.{number}"
            self._writers[number] = make_producer(self.settings, transactional_id=id_)
        await asyncio.gather(*(writer.start() for writer in self._writers.values()))

    async def write(self, partition: int, records: Iterable[Outgoing]) -> None:
        """Write records of a checkpoint: all of them, or none.

        Raises:
            aiokafka.errors.KafkaError: they are not written; most likely another worker has the partition.
        """
        writer = self._writers[partition]
        batches = Batches(writer, self.settings.namespace, self.signer)
        async with writer.transaction():
            await batches.put(records)
            await batches.settle()

    async def drop(self) -> None:
        """Write no more. The next worker does not need this: it takes what it wants."""
        writers, self._writers = self._writers, {}
        await asyncio.gather(*map(_stopped, writers.values()))


async def _stopped(writer: AIOKafkaProducer) -> None:
    with suppress(KafkaError, TimeoutError):
        await asyncio.wait_for(writer.stop(), STOP_WITHIN_S)
