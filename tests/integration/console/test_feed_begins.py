"""The feed begins with what is stored, follows the topic from there, and obeys censuses."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from support.namespaces import new_namespace
from support.output_records import Output, Outputs
from support.recorder_process import send, until
from support.shown_alerts import AT, alert
from support.stored import schema_of

from schemas.alerts import Census
from schemas.outputs import decode
from schemas.topics import TopicName, district_partition_of
from services.console.feed.alerts_consumer import AlertsConsumer
from services.console.feed.feed import Feed
from services.judging.records import census_parts
from services.recorder.store import store_bisecting
from services.runtime.kafka import administration, ensure_namespace
from services.runtime.postgres import Connection, pool
from services.runtime.settings import Settings

PLACE = district_partition_of("110118")
OTHER_LOG = "00000000-0000-4000-8000-00000000000f"


@pytest.fixture
def settings() -> Settings:
    """Settings of a namespace that nobody else has."""
    return Settings(
        namespace=new_namespace(),
        clock="log",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
    )


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """The recorder's tables, and the topics."""
    await ensure_namespace(settings, timeout_s=30)
    async with schema_of(settings) as connection:
        yield connection


@pytest.fixture
def outputs(settings: Settings) -> Outputs:
    """Gives records the offsets that the broker will."""
    return Outputs(settings.namespace)


@asynccontextmanager
async def feeding(settings: Settings) -> AsyncIterator[AlertsConsumer]:
    """A console's feed that has caught up."""
    async with pool(settings) as opened:
        consumer = AlertsConsumer(settings, Feed("b"), opened)
        running = asyncio.create_task(consumer.run())
        try:
            await until(
                lambda: consumer.caught_up or running.done(), within_s=20, what="the feed has caught up"
            )
            assert not running.done(), running.exception()
            yield consumer
            assert not running.done(), running.exception()
        finally:
            running.cancel()


def shown(consumer: AlertsConsumer) -> dict[str, int]:
    """The open alerts with their numbers."""
    return {alert_id: one.seq for alert_id, one in consumer.feed.open.items()}


async def stored(database: Connection) -> dict[str, int]:
    """The same, as the tables have it."""
    rows = await database.fetch("SELECT alert_id, seq FROM alerts_now WHERE closed_at IS NULL")
    return {row["alert_id"]: row["seq"] for row in rows}


async def store(database: Connection, records: Sequence[Output]) -> None:
    """As the recorder does."""
    await store_bisecting(database, [decode(record) for record in records])


async def forget_records(settings: Settings, before: int) -> None:
    """Delete what stands before an offset of ``alerts``, as retention does."""
    tp = TopicPartition(TopicName.ALERTS.within(settings.namespace), PLACE)
    async with administration(settings.kafka_bootstrap) as admin:
        await admin.delete_records({tp: RecordsToDelete(before)})


def opened(outputs: Outputs, *names: str) -> list[Output]:
    """Alerts that were raised."""
    return [outputs.alert(alert(name), offset=50) for name in names]


async def test_alerts_whose_records_are_gone_are_open(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """Five are open, the broker has deleted their records, the console is started anew."""
    records = opened(outputs, "a", "b", "c", "d", "e")
    records.append(outputs.alert(alert("e", 2, closed=True), offset=60))
    await send(settings, records)
    await store(database, records)
    await forget_records(settings, len(records))
    async with feeding(settings) as consumer:
        assert shown(consumer) == await stored(database) == {"a": 1, "b": 1, "c": 1, "d": 1}
        await send(settings, [outputs.alert(alert("a", 2, closed=True), offset=70), *opened(outputs, "f")])
        await until(lambda: "f" in shown(consumer), within_s=10, what="it follows the topic")
        assert shown(consumer) == {"b": 1, "c": 1, "d": 1, "f": 1}


async def test_a_recorder_that_is_behind_hides_nothing(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """What it has not stored yet is read from the topic; what was sent again changes nothing."""
    first = [*opened(outputs, "a", "b"), outputs.alert(alert("b", 2, closed=True), offset=60)]
    await send(settings, first)
    await store(database, first)
    rest = [
        *(outputs.again(record) for record in first),
        outputs.alert(alert("a", 2), offset=70),
        *opened(outputs, "c"),
    ]
    await send(settings, rest)
    async with feeding(settings) as consumer:
        assert shown(consumer) == {"a": 2, "c": 1}
        ids = [one.alert_id for one in consumer.feed.recent]
        assert "b" not in ids, "what is over was shown again"
        await store(database, rest)
        assert shown(consumer) == await stored(database)


async def test_without_rows_the_topic_is_all(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """The recorder has made its tables and stored nothing."""
    records = [*opened(outputs, "a", "b"), outputs.alert(alert("b", 2, closed=True), offset=60)]
    await send(settings, records)
    async with feeding(settings) as consumer:
        assert shown(consumer) == {"a": 1}


async def test_what_is_stored_of_another_log_is_not_begun_with(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """The topic was made anew: the old one's alerts stay away, those of the new one are shown."""
    other = Outputs(settings.namespace, epoch=OTHER_LOG)
    await store(database, opened(other, *(f"old-{n}" for n in range(9))))
    await send(settings, opened(outputs, "new"))
    async with feeding(settings) as consumer:
        assert shown(consumer) == {"new": 1}


async def test_a_topic_that_is_made_anew_meanwhile_is_begun_with(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """Its end lies before what was read: the page gets a new snapshot."""
    await send(settings, opened(outputs, *(f"old-{n}" for n in range(9))))
    topic = TopicName.ALERTS.within(settings.namespace)
    async with feeding(settings) as consumer:
        boot = consumer.feed.boot
        async with administration(settings.kafka_bootstrap) as admin:
            await admin.delete_topics([topic])
            while topic in await admin.list_topics():  # noqa: ASYNC110  # Kafka tells only who asks
                await asyncio.sleep(0.1)
        await ensure_namespace(settings, timeout_s=30)
        await send(settings, opened(Outputs(settings.namespace, epoch=OTHER_LOG), "new"))
        await until(lambda: shown(consumer) == {"new": 1}, within_s=30, what="the new topic is shown alone")
        assert consumer.feed.boot != boot


async def test_what_a_census_ends_ends_in_the_feed(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """Before the start, in the tables; after it, in the order of the topic: the same, however it was read."""
    first = [*opened(outputs, "a", "b"), outputs.census(3, 100, AT, ["b"])]
    await send(settings, first)
    await store(database, first)
    async with feeding(settings) as consumer:
        assert shown(consumer) == await stored(database) == {"b": 1}
        younger = outputs.alert(alert("younger"), offset=300)
        elsewhere = outputs.alert(replace(alert("elsewhere"), src_partition=4), offset=50)
        second = [*opened(outputs, "c"), younger, elsewhere, outputs.census(3, 200, AT, ["c"])]
        await send(settings, second)
        await store(database, second)
        await until(lambda: "b" not in shown(consumer), within_s=10, what="the census is obeyed")
        assert shown(consumer) == await stored(database) == {"c": 1, "younger": 1, "elsewhere": 1}
    async with feeding(settings) as again:
        assert shown(again) == await stored(database)


async def test_a_census_of_27_000_alerts_comes_in_parts(
    settings: Settings, database: Connection, outputs: Outputs
) -> None:
    """Each ends its own orphans; some parts are stored before the console starts, some read behind that."""
    names = [f"{number:05d}" for number in range(27_000)]
    listed = tuple(name for name in names if not name.endswith("777"))
    census = Census(partition=3, offset=100, at=AT, open_alerts=listed)
    alerts = opened(outputs, *names)
    parts = [outputs.census_part(part) for part in census_parts(census)]
    assert len(parts) == 7
    await send(settings, [*alerts, *parts])
    for begin in range(0, len(alerts), 2_000):
        await store(database, alerts[begin : begin + 2_000])
    await store(database, parts[:3])
    async with feeding(settings) as consumer:
        assert set(shown(consumer)) == set(listed)
    await store(database, parts[3:])
    assert set(await stored(database)) == set(listed)
    async with feeding(settings) as again:
        assert set(shown(again)) == set(listed)
