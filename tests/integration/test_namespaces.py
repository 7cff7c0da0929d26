"""Suites side by side on one pair of servers: what the tests remove is what they have made themselves."""

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from support.namespaces import PREFIX, new_namespace, remove

from schemas.topics import TopicName
from services.runtime.kafka import ensure_namespace
from services.runtime.settings import Settings

BOOTSTRAP, DATABASE = "MIYUN_KAFKA_BOOTSTRAP", "MIYUN_DATABASE_URL"


@pytest.fixture
async def admin() -> AsyncIterator[AIOKafkaAdminClient]:
    """Of the tests' broker."""
    made = AIOKafkaAdminClient(bootstrap_servers=os.environ[BOOTSTRAP])
    await made.start()
    yield made
    await made.close()


async def inhabited(name: str) -> Settings:
    """A namespace with topics, a schema and a consumer group."""
    settings = Settings(namespace=name, clock="log", kafka_bootstrap=os.environ[BOOTSTRAP])
    await ensure_namespace(settings, timeout_s=30)
    connection = await asyncpg.connect(os.environ[DATABASE])
    await connection.execute(f'CREATE SCHEMA "{name}"')
    await connection.close()
    topic = TopicName.EVENTS.within(name)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, group_id=f"{name}.monitor", enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.commit({TopicPartition(topic, 0): OffsetAndMetadata(1, "")})
    await consumer.stop()
    return settings


async def left_of(name: str, admin: AIOKafkaAdminClient) -> tuple[int, int, int]:
    """How many topics, schemas and committed offsets there are of a namespace."""
    connection = await asyncpg.connect(os.environ[DATABASE])
    schemas = await connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = $1", name)
    await connection.close()
    topics = [topic for topic in await admin.list_topics() if topic.startswith(f"{name}.")]
    return len(topics), schemas, len(await admin.list_consumer_group_offsets(f"{name}.monitor"))


async def test_what_another_worker_has_made_stays(admin: AIOKafkaAdminClient) -> None:
    """Removed are the topics, the schema and the group of the names given, whatever appeared meanwhile."""
    ours, neighbours = new_namespace(), f"t_{uuid4().hex[:8]}_other_1"
    await inhabited(ours)
    await inhabited(neighbours)
    try:
        assert await left_of(ours, admin) == (len(TopicName), 1, 1)
        await remove(ours)
        async with asyncio.timeout(10):
            while await left_of(ours, admin) != (0, 0, 0):  # noqa: ASYNC110  # the broker tells nobody
                await asyncio.sleep(0.1)
        assert await left_of(neighbours, admin) == (len(TopicName), 1, 1)
    finally:
        await remove(neighbours)


def test_names_carry_run_and_worker() -> None:
    """No two are alike, and each may be a namespace's."""
    first, second = new_namespace(), new_namespace()
    assert first != second
    for name in (first, second):
        assert name.startswith(PREFIX)
        assert Settings(namespace=name).namespace == name
