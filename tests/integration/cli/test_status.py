"""``miyun status``: one screen, whatever is missing; well only when everything is."""

import asyncio

import pytest
from support.engine_log import T0
from support.monitor_city import tick, write
from support.programs import Miyun

from schemas.topics import TopicName
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings

PARTS = (
    "namespace", "city clock", "broker", "database", "monitor ", "recorder ", "simulator", "plan",
    "monitor lag", "recorder lag", "open alerts", "stations", "rejects",
)  # fmt: skip
NOWHERE = {
    "MIYUN_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "MIYUN_DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none",
}


@pytest.mark.parametrize("variables", [NOWHERE, {}], ids=["no servers", "fresh namespace"])
def test_every_part_has_its_line_and_what_is_missing_a_remedy(
    miyun: Miyun, variables: dict[str, str]
) -> None:
    """The screen is whole without servers, and in a namespace where nothing runs yet; not well either way."""
    done = miyun("status", **variables)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for part in PARTS:
        assert any(line.startswith(part) for line in done.stdout.splitlines()), (part, done.stdout)
    assert done.stdout.count("->") + done.stdout.count("make up) or set") >= 6
    assert "secret" not in done.stdout + done.stderr


async def test_the_city_clock_is_the_logs(settings: Settings, installed_miyun: Miyun) -> None:
    """Shown in the city's zone and in UTC, whatever the date outside."""
    async with make_producer(settings) as producer:
        await write(producer, TopicName.EVENTS.within(settings.namespace), [tick(3, T0)])

    told = await asyncio.to_thread(installed_miyun, "status")
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("city clock")]

    assert "2026-01-13 18:40:00 Asia/Shanghai (2026-01-13 10:40:00 UTC), clock=log" in line
