"""Namespaces of the tests on their servers: each carries its run's and its worker's name, and goes with it.

Suites may run side by side on one pair of servers: nothing is touched that another run or worker has made.
"""

import asyncio
import os
from uuid import uuid4

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)[:8]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PREFIX = f"t_{RUN}_{WORKER}_"
"""Topics, consumer groups, schemas and roles that this process makes begin with it."""
_of_module: list[str] = []


def new_namespace(*, lasting: bool = False) -> str:
    """A name that nobody else has.

    What bears it, or begins with it, is removed when the module's tests are over; or, if it is a session's
    (``lasting``), with the process.
    """
    name = f"{PREFIX}{uuid4().hex[:8]}"
    if not lasting:
        _of_module.append(name)
    return name


def remove_modules() -> None:
    """Remove what bears the names given out since the last time."""
    names = tuple(_of_module)
    _of_module.clear()
    if names:
        asyncio.run(remove(names))


async def remove(prefixes: str | tuple[str, ...]) -> None:
    """Remove all topics and schemas whose names begin so; a consumer group goes with its topics."""
    await _remove_topics(prefixes)
    connection = await asyncpg.connect(os.environ["MIYUN_DATABASE_URL"])
    try:
        rows = await connection.fetch("SELECT nspname FROM pg_namespace")
        for name in sorted(row["nspname"] for row in rows if row["nspname"].startswith(prefixes)):
            await connection.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
    finally:
        await connection.close()


async def _remove_topics(prefixes: str | tuple[str, ...]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=os.environ["MIYUN_KAFKA_BOOTSTRAP"])
    await admin.start()
    try:
        topics = sorted(topic for topic in await admin.list_topics() if topic.startswith(prefixes))
        if topics:
            await admin.delete_topics(topics)
    finally:
        await admin.close()
