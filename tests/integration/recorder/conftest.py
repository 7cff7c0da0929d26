"""A namespace of its own for each module, with topics, schema, and records as the monitor sends them."""

import os
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from support.namespaces import new_namespace
from support.stored import schema_of

from schemas.topics import TopicName
from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Settings of a namespace that nobody else has."""
    return Settings(
        namespace=new_namespace(),
        clock="log",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
    )


@pytest.fixture
def fresh(settings: Settings) -> Settings:
    """The same servers, and a namespace for this one test."""
    return settings.model_copy(update={"namespace": new_namespace()})


@pytest.fixture
async def database(fresh: Settings) -> AsyncIterator[Connection]:
    """A connection on the migrated schema of ``fresh``, ready to store; the schema goes afterwards."""
    async with schema_of(fresh) as connection:
        yield connection


@pytest.fixture
async def topics(fresh: Settings) -> AsyncIterator[None]:
    """The topics of ``fresh``; they go afterwards, so that a broker does not fill up with tests."""
    await ensure_namespace(fresh, timeout_s=30)
    yield
    admin = AIOKafkaAdminClient(bootstrap_servers=fresh.kafka_bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.within(fresh.namespace) for topic in TopicName])
    finally:
        await admin.close()
