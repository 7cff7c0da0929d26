"""Outgoing records, gathered into batches of one topic and partition."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas.topics import TopicName
from services.runtime.outgoing import Outgoing

MAX_UNWATCHED = 512
"""Batches under way before those that are done are looked at."""


class Batches:
    """Records on their way to the broker. Not shared between tasks: the worker's lock guards it.

    Batches are our own, with one future each: a future per record would cost more than its judging.
    """

    def __init__(self, producer: AIOKafkaProducer, namespace: str) -> None:
        self._producer = producer
        self._names = {topic: topic.within(namespace) for topic in TopicName}
        self._open: dict[tuple[TopicName, int], BatchBuilder] = {}
        self._pending: list[asyncio.Future[Any]] = []

    async def put(self, records: Iterable[Outgoing]) -> None:
        """Add records to the batches of their topic and partition; full ones are sent."""
        for record in records:
            place = (record.topic, record.partition)
            if not self._append(place, record):
                await self._send(place)
                assert self._append(place, record), "an empty batch takes any record"

    async def flush(self) -> None:
        """Send all open batches, in the order in which they were begun."""
        for place in list(self._open):
            await self._send(place)
        if len(self._pending) > MAX_UNWATCHED:
            self._watch()

    async def settle(self) -> None:
        """Send everything and wait until the broker has acknowledged it.

        Raises:
            aiokafka.errors.KafkaError: something was not taken; what was, is unknown.
        """
        await self.flush()
        await asyncio.gather(*self._pending)
        self._pending.clear()

    def forget(self) -> None:
        """Drop what is not sent; what is under way may still arrive."""
        self._open.clear()
        for future in self._pending:
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._pending.clear()

    def _append(self, place: tuple[TopicName, int], record: Outgoing) -> bool:
        batch = self._open.get(place)
        if batch is None:
            batch = self._open[place] = self._producer.create_batch()
        taken = batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers)
        return taken is not None

    async def _send(self, place: tuple[TopicName, int]) -> None:
        batch = self._open.pop(place)
        batch.close()
        topic, partition = place
        self._pending.append(await self._producer.send_batch(batch, self._names[topic], partition=partition))

    def _watch(self) -> None:
        """Notice failures early, and keep only what is still under way."""
        for future in self._pending:
            if future.done():
                future.result()
        self._pending = [future for future in self._pending if not future.done()]
