"""Under ``clock=wall`` each worker writes a tick per partition it holds: time passes for silent stations."""

from typing import Any
from uuid import uuid4

from schemas.events import EventKind
from schemas.headers import ce_headers
from schemas.partition import control_key
from schemas.topics import TopicName
from services.monitor.records import SOURCE
from services.streaming.shell import Shell


async def send_ticks(monitor: Shell[Any, Any, Any]) -> None:
    """Write a tick to each partition held, every ``tick_every_s``; its time is the broker's append time.

    Raises:
        aiokafka.errors.KafkaError: the broker did not take one in time.
    """
    settings, topic = monitor.settings, TopicName.EVENTS.within(monitor.settings.namespace)
    while not monitor.app.should_stop:
        await monitor.app.sleep(settings.tick_every_s)
        sent = [
            await monitor.producer.send(
                topic,
                b"{}",
                key=control_key(partition).encode(),
                partition=partition,
                headers=ce_headers(EventKind.TICK, SOURCE, str(uuid4())),
            )
            for partition in list(monitor.worker.held)
        ]
        for future in sent:
            await future
