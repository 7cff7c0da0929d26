"""Under ``clock=wall`` each worker writes a tick per partition it holds: time passes for silent stations."""

from typing import Any
from uuid import uuid4

from schemas.events import EventKind
from schemas.headers import ce_headers
from schemas.topics import TopicName, control_key
from services.judging.records import SOURCE
from services.streaming.worker import Worker


async def send_ticks(worker: Worker[Any, Any, Any]) -> None:
    """Write a tick to each partition assigned, every ``tick_every_s``; its time is the broker's append time.

    Raises:
        aiokafka.errors.KafkaError: the broker did not take one in time.
    """
    settings, topic = worker.settings, TopicName.EVENTS.within(worker.settings.namespace)
    while not worker.app.should_stop:
        await worker.app.sleep(settings.tick_every_s)
        sent = [
            await worker.producer.send(
                topic,
                b"{}",
                key=control_key(partition).encode(),
                partition=partition,
                headers=ce_headers(EventKind.TICK, SOURCE, str(uuid4())),
            )
            for partition in list(worker.assigned)
        ]
        for future in sent:
            await future
