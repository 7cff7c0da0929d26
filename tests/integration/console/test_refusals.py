"""Whoever is refused again and again fills neither the audit nor the memory."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.console_client import Client
from support.namespaces import new_namespace
from support.programs import Programs, environment_of, free_port

from services.recorder.schema import migrate
from services.runtime.kafka import ensure_namespace
from services.runtime.postgres import connect
from services.runtime.settings import Settings

POSTS = 1_039


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    """Of the console alone, over topics and tables that are empty; it runs."""
    made = Settings(
        namespace=new_namespace(),
        clock="wall",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        console_port=free_port(),
    )
    await ensure_namespace(made, timeout_s=30)
    connection = await connect(made)
    await migrate(connection, made.namespace)
    await connection.close()
    url = f"http://127.0.0.1:{made.console_port}"
    programs = Programs(environment=environment_of(made), folder=tmp_path, url=url)
    await asyncio.to_thread(programs.start, "console")
    try:
        yield made
    finally:
        programs.end()


async def test_a_thousand_posts_of_nobody_are_a_few_rows(settings: Settings) -> None:
    """Of one address: each name that it tries first by itself, all further ones together, and counted."""
    url = f"http://127.0.0.1:{settings.console_port}"
    async with Client(url, headers={"Origin": url}) as client:
        for number in range(POSTS):
            path = f"/api/alerts/{number}/acknowledge" if number % 3 else "/api/session"
            body = {"seen_seq": 1} if number % 3 else {"name": f"n{number}"}
            async with client.post(path, json=body) as answer:
                assert answer.status in (400, 401, 403)
    connection = await connect(settings)
    rows = await connection.fetch("SELECT actor, target, reason, times, ce_id FROM audit")
    await connection.close()
    assert sum(row["times"] for row in rows) == POSTS
    assert len(rows) <= 12, [tuple(row) for row in rows]
    assert all("127.0.0.1" in row["ce_id"] for row in rows)
