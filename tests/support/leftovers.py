"""Topics and schemas on the tests' servers."""

import os
from dataclasses import dataclass
from typing import Self

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient


@dataclass(frozen=True)
class Leftovers:
    """Names of topics and of database schemas."""

    topics: frozenset[str]
    schemas: frozenset[str]

    def __sub__(self, other: Self) -> "Leftovers":
        return Leftovers(self.topics - other.topics, self.schemas - other.schemas)


async def present() -> Leftovers:
    """What stands on the servers now."""
    admin = AIOKafkaAdminClient(bootstrap_servers=os.environ["MIYUN_KAFKA_BOOTSTRAP"])
    await admin.start()
    topics = await admin.list_topics()
    await admin.close()
    connection = await asyncpg.connect(os.environ["MIYUN_DATABASE_URL"])
    rows = await connection.fetch("SELECT nspname FROM pg_namespace")
    await connection.close()
    return Leftovers(frozenset(topics), frozenset(row["nspname"] for row in rows))


async def delete(leftovers: Leftovers) -> None:
    """Delete them, but what the servers themselves have made."""
    topics = sorted(topic for topic in leftovers.topics if not topic.startswith("__"))
    if topics:
        admin = AIOKafkaAdminClient(bootstrap_servers=os.environ["MIYUN_KAFKA_BOOTSTRAP"])
        await admin.start()
        await admin.delete_topics(topics)
        await admin.close()
    connection = await asyncpg.connect(os.environ["MIYUN_DATABASE_URL"])
    for schema in leftovers.schemas:
        if not schema.startswith(("pg_", "_timescaledb", "timescaledb")):
            await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    await connection.close()
