"""``miyun doctor`` on real servers: well where all is as declared, and the difference named where not."""

import asyncio
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from support.programs import Miyun, deadline_in

from schemas.headers import ce_headers
from schemas.topics import TopicName
from services.cli.checks import broker, database
from services.cli.checks.doctor import calendar_line
from services.runtime.kafka import administration, make_producer
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

BEIJING = ZoneInfo("Asia/Shanghai")

DAY_MS = 86_400_000


def test_a_fresh_namespace_is_well_in_kafka_and_says_what_is_still_to_do(installed_miyun: Miyun) -> None:
    """Broker, topics and log are well; keys, migrations and plan come with the first publish and start."""
    done = installed_miyun("doctor")

    verdicts = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines() if "->" not in line}
    assert done.returncode == 1
    for name in ("python", "broker", "topics", "log", "database", "timescaledb", "records"):
        assert verdicts[name] == "ok", done.stdout
    for name in ("keys", "migrations", "plan"):
        assert verdicts[name] == "problem", done.stdout
    assert done.stdout.count("->") == list(verdicts.values()).count("problem")


def test_without_servers_it_still_answers_line_by_line(miyun: Miyun) -> None:
    """Nothing is reachable: each check says so itself, within its own time."""
    done = miyun(
        "doctor",
        MIYUN_KAFKA_BOOTSTRAP="127.0.0.1:1",
        MIYUN_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in ("broker", "topics", "log", "database", "timescaledb", "migrations", "plan", "calendars"):
        assert any(line.split()[:2] == ["problem", name] for line in done.stdout.splitlines()), name


async def test_a_setting_that_was_changed_on_the_broker_is_named(settings: Settings) -> None:
    """The topic, the setting, what it is and what it should be."""
    name = TopicName.OUTCOMES.within(settings.namespace)
    async with administration(settings.kafka_bootstrap) as admin:
        changed = ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "1234567"})
        await admin.alter_configs([changed])

    lines = await broker.topics(settings)
    deadline = deadline_in(10)  # a busy broker tells the old setting for a while
    while any(line.well for line in lines) and monotonic() < deadline:
        lines = await broker.topics(settings)

    assert not any(line.well for line in lines)
    assert any(line.what().startswith(f"{name}: retention.ms is 1234567") for line in lines)


async def test_the_log_of_another_clock_is_told_apart(settings: Settings) -> None:
    """A namespace never changes its clock: settings that say otherwise are the problem."""
    (well,) = await broker.genesis(settings)
    assert well.well

    (line,) = await broker.genesis(settings.model_copy(update={"clock": "wall"}))
    assert not line.well
    assert line.remedy() == "set MIYUN_CLOCK=log"


async def test_migrations_are_current_only_after_the_recorder_made_them(settings: Settings) -> None:
    """A schema that does not exist yet is named, with who makes it."""
    with pytest.raises(StopProcessError, match="miyun recorder run"):
        await database.migrations(settings)


def test_calendars_that_end_soon_are_a_problem() -> None:
    """Sixty days beyond the city's time, whatever the date outside."""
    now = 1_768_302_000_000
    assert calendar_line({"heating": ((0, now + 61 * DAY_MS),)}, now, BEIJING).well
    assert not calendar_line({"heating": ((0, now + 59 * DAY_MS),)}, now, BEIJING).well
    assert calendar_line({}, now, BEIJING).well


def test_a_log_that_began_without_us_is_a_problem(settings: Settings) -> None:
    """A topic to which something else wrote first has no genesis record."""
    stranger = settings.model_copy(update={"namespace": f"{settings.namespace}x"})
    asyncio.run(_write_before_us(stranger))

    (line,) = asyncio.run(broker.genesis(stranger))

    assert not line.well
    assert "partitions 0" in line.what()


async def _write_before_us(settings: Settings) -> None:
    from aiokafka.admin import NewTopic

    name = TopicName.EVENTS.within(settings.namespace)
    async with administration(settings.kafka_bootstrap) as admin:
        await admin.create_topics([NewTopic(name, num_partitions=16, replication_factor=1)])
    async with make_producer(settings) as producer:
        await producer.send_and_wait(
            name, b"{}", key=b"_p0", partition=0, headers=ce_headers("tick", "stranger", "x")
        )
