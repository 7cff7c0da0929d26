"""Under ``clock=wall`` each worker writes a tick per partition it holds: time passes for silent stations."""

from collections.abc import Iterable
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from schemas.events import EventKind
from schemas.headers import ce_headers
from schemas.partition import control_key
from schemas.topics import TopicName
from services.monitor.emitter import SOURCE


async def send_ticks(producer: AIOKafkaProducer, namespace: str, partitions: Iterable[int]) -> None:
    """Write a tick to each partition; its time is the broker's append time.

    Raises:
        aiokafka.errors.KafkaError: the broker did not take one in time.
    """
    sent = [
        await producer.send(
            TopicName.EVENTS.within(namespace),
            b"{}",
            key=control_key(partition).encode(),
            partition=partition,
            headers=ce_headers(EventKind.TICK, SOURCE, str(uuid4())),
        )
        for partition in partitions
    ]
    for future in sent:
        await future
