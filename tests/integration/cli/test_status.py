"""``miyun status``: one screen, whatever is missing; well only when everything is."""

import asyncio
import time

import pytest
from support.engine_log import T0, plan_of, point
from support.monitor_city import tick, write
from support.output_records import Outputs, changed
from support.programs import Done, Miyun
from support.stored import schema_of

from schemas.alerts import PartitionJudged
from schemas.outputs import decode
from schemas.topics import EVENT_PARTITIONS, TopicName
from services.cli.checks.judging import judged
from services.recorder.store import store_bisecting
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings

PARTS = (
    "namespace", "city clock", "broker", "database", "monitor ", "recorder ", "simulator", "plan",
    "judged", "monitor lag", "recorder lag", "open alerts", "stations", "rejects",
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
    """Shown in the city's zone and in UTC, whatever the date outside; in UTC until a plan is active."""
    async with make_producer(settings) as producer:
        await write(producer, TopicName.EVENTS.within(settings.namespace), [tick(3, T0)])

    before = await asyncio.to_thread(installed_miyun, "status")
    async with schema_of(settings) as connection:
        active = Outputs(settings.namespace).active_plan(plan_of(point("p"), rules=()).document)
        await store_bisecting(connection, [decode(record) for record in active])
        after = await asyncio.to_thread(installed_miyun, "status")

    assert "2026-01-13 10:40:00 UTC (2026-01-13 10:40:00 UTC), clock=log" in clock_line(before)
    assert "2026-01-13 18:40:00 Asia/Shanghai (2026-01-13 10:40:00 UTC), clock=log" in clock_line(after)


def clock_line(done: Done) -> str:
    """The line about the city's time."""
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("city clock")]
    return line


@pytest.mark.parametrize(
    ("rows", "age_s", "well", "words"),
    [
        ([PartitionJudged(n, 0, 0, 0) for n in range(EVENT_PARTITIONS)], 5, True, "partitions, up to 2026"),
        ([PartitionJudged(n, 0, 0, 0) for n in range(EVENT_PARTITIONS)], 60, False, "no monitor runs"),
        ([PartitionJudged(n, 0, 0, 0) for n in range(15)], 5, False, "no monitor judges partition 15"),
        (
            [PartitionJudged(n, 0, 9, 185_000 * (n == 3)) for n in range(EVENT_PARTITIONS)],
            5, False, "judging is 3 min behind",
        ),
    ],
    ids=["well", "nothing fresh", "a partition without a worker", "behind"],
)  # fmt: skip
async def test_it_says_how_far_the_city_is_judged(
    settings: Settings, rows: list[PartitionJudged], age_s: int, well: bool, words: str
) -> None:
    """Of the slowest partition, with what to do."""
    async with schema_of(settings) as connection:
        said = Outputs(settings.namespace).judged(T0, *rows)
        said = changed(said, timestamp=round((time.time() - age_s) * 1000))
        await store_bisecting(connection, [decode(said)])
        (line,) = await judged(settings)
    assert (line.well, bool(line.remedy())) == (well, not well)
    assert words in line.what()
    assert line.what("zh") != line.what("en")
