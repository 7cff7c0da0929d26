"""A namespace comes to be once, however many processes want it at the same time."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic
from support.monitor_log import Install
from support.monitor_process import Admin

from schemas.codec import Decoded, decode
from schemas.events import Genesis
from schemas.topics import EVENT_PARTITIONS, TOPICS, TopicName
from services.runtime.kafka import (
    KafkaUnavailableError,
    NamespaceError,
    ensure_namespace,
    make_producer,
    read_range,
    reader,
)


async def test_many_at_once_agree_on_one_epoch(install: Install) -> None:
    """Each partition begins with a genesis of that epoch, which decodes under the namespace's clock."""
    settings = install().settings
    (epoch,) = set(await asyncio.gather(*(ensure_namespace(settings) for _ in range(4))))
    topic = TopicName.EVENTS.within(settings.namespace)
    firsts = {TopicPartition(topic, p): 1 for p in range(EVENT_PARTITIONS)}
    async with reader(settings.kafka_bootstrap) as consumer:
        assert {t.within(settings.namespace) for t in TOPICS} <= await consumer.topics()
        found = [
            decode(record, settings.clock)
            async for records in read_range(consumer, firsts, starts=dict.fromkeys(firsts, 0))
            for record in records
        ]
    assert len(found) == EVENT_PARTITIONS
    for decoded in found:
        assert isinstance(decoded, Decoded)
        assert isinstance(decoded.event, Genesis)
        assert decoded.event.epoch == epoch
    assert await ensure_namespace(settings) == epoch


async def test_a_namespace_never_changes_its_clock(install: Install) -> None:
    """The message says which setting to correct."""
    settings = install().settings
    await ensure_namespace(settings)
    with pytest.raises(NamespaceError, match="MIYUN_CLOCK=log"):
        await ensure_namespace(settings.model_copy(update={"clock": "wall"}))


async def test_a_log_that_begins_with_something_else_is_refused(install: Install) -> None:
    """Whatever wrote there before us did not know of epochs."""
    settings = install().settings
    events = TopicName.EVENTS.within(settings.namespace)
    async with Admin(settings) as admin:
        await admin.create_topics([NewTopic(events, EVENT_PARTITIONS, 1)])
    async with make_producer(settings) as producer:
        await producer.send_and_wait(events, b"hello", partition=0)
    with pytest.raises(NamespaceError, match="does not begin with a genesis"):
        await ensure_namespace(settings)


async def test_a_broker_that_does_not_answer_is_named(install: Install) -> None:
    """Within the time that was given."""
    settings = install().settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"})
    with pytest.raises(KafkaUnavailableError, match=r"127\.0\.0\.1:9"):
        await ensure_namespace(settings, timeout_s=0.1)
