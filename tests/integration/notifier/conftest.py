"""A namespace of its own for each test, with topics, schema, people and a catcher."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from support.namespaces import new_namespace
from support.notifier_city import process, until_ready, write_people
from support.programs import free_ports

from schemas.topics import TopicName
from services.recorder.schema import migrate
from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a namespace that nobody else has."""
    notifier, page, smtp = free_ports(3)
    return Settings(
        namespace=new_namespace(),
        clock="log",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        people_dir=write_people(tmp_path / "people"),
        keys_dir=tmp_path / "keys",
        state_dir=tmp_path / "state",
        notifier_port=notifier,
        catcher_port=page,
        catcher_smtp_port=smtp,
    )


@pytest.fixture
async def topics(settings: Settings) -> AsyncIterator[None]:
    """The namespace's topics; they go afterwards."""
    await ensure_namespace(settings, timeout_s=30)
    yield
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.within(settings.namespace) for topic in TopicName])
    finally:
        await admin.close()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """A connection on the migrated schema; the schema goes afterwards."""
    connection = await connect(settings)
    try:
        await migrate(connection, settings.namespace)
        yield connection
        await connection.execute(f'DROP SCHEMA "{settings.namespace}" CASCADE')
    finally:
        await connection.close()


@pytest.fixture
def notifier_log(tmp_path: Path) -> Path:
    """Where the notifier's processes log."""
    return tmp_path / "notifier.log"


@pytest.fixture
async def catcher(settings: Settings, tmp_path: Path) -> AsyncIterator[None]:
    """``miyun catcher run``, ready."""
    with process(settings, tmp_path / "catcher.log", "catcher", "run"):
        await until_ready(settings.catcher_port)
        yield
