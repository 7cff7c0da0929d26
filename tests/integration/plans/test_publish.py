"""Publishing on a real broker: parts, then one signed event per partition, and nothing twice."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from support.hostile_outputs import hostile_plans
from support.output_records import Outputs, changed
from support.recorder_process import send
from support.small_city import FILES, GAS, swapped, write_city
from support.topic_ends import ends_of, grown

from schemas.base import MAX_INT64
from schemas.events import EventKind, PlanEvent
from schemas.headers import ce_headers, header, time_ms
from schemas.outputs import PlanPart, PlanParts, PlanPublished, decode
from schemas.plan import PLAN_PART_BYTES, plan_bytes
from schemas.topics import EVENT_PARTITIONS, TopicName, control_key
from services.plans.city.folder import CityError
from services.plans.publish.publisher import publish
from services.plans.publish.store import load_plan, read_store, write_active, write_parts
from services.runtime.kafka import ensure_namespace, make_producer, read_all, reader
from services.runtime.settings import Settings
from services.runtime.signing import verify

Install = Callable[[], Settings]
START_MS = time_ms("2026-01-13T19:00:00+08:00")
ONE_EACH = [1] * EVENT_PARTITIONS


async def plan_events(settings: Settings) -> list[ConsumerRecord]:
    """All plan events of the namespace, by partition."""
    topic = TopicName.EVENTS.within(settings.namespace)
    places = [TopicPartition(topic, partition) for partition in range(EVENT_PARTITIONS)]
    found: list[ConsumerRecord] = []
    async with reader(settings.kafka_bootstrap) as consumer:
        async for records in read_all(consumer, places):
            found += [r for r in records if header(r.headers, "ce_type") == EventKind.PLAN]
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def plan_records(settings: Settings) -> list[ConsumerRecord]:
    """All that the topic ``plans`` holds."""
    place = TopicPartition(TopicName.PLANS.within(settings.namespace), 0)
    async with reader(settings.kafka_bootstrap) as consumer:
        return [record async for records in read_all(consumer, [place]) for record in records]


def together(parts: Iterable[PlanPart]) -> PlanParts:
    """Parts as they would be read."""
    kept = PlanParts()
    for part in parts:
        kept.take(part)
    return kept


async def test_a_published_plan_is_loaded_as_it_was_compiled(install: Install, city: Path) -> None:
    """Under its name, with the keys of all signers; a name that is not there is None."""
    settings = install()
    done = await publish(settings, city, actor="li")
    assert done.new
    loaded = await load_plan(settings.kafka_bootstrap, settings.namespace, done.plan_id)
    assert loaded == done.plan
    assert {"publisher", "cli", "simulator"} <= {key.signer for key in done.plan.keys}
    assert await load_plan(settings.kafka_bootstrap, settings.namespace, "0" * 64) is None


async def test_each_partition_gets_one_signed_event(install: Install, city: Path) -> None:
    """Its own key, id and partition, the log's first instant, and a signature of the installation."""
    settings = install()
    done = await publish(settings, city, actor="li")
    records = await plan_events(settings)
    assert [r.partition for r in records] == list(range(EVENT_PARTITIONS))
    assert [r.key for r in records] == [control_key(r.partition).encode() for r in records]
    assert len({header(r.headers, "ce_id") for r in records}) == EVENT_PARTITIONS
    assert {header(r.headers, "ce_time") for r in records} == {"2026-01-13T10:59:59.000Z"}
    anchor = (settings.keys_dir / "publisher.pub").read_text().strip()
    for record in records:
        event = PlanEvent.model_validate_json(record.value)
        assert (event.plan, event.actor, event.signer) == (done.plan_id, "li", "publisher")
        assert event.issued == START_MS - 1_000 < event.expires
        assert verify(event, anchor)


async def test_the_parts_stand_before_the_first_event(install: Install, city: Path) -> None:
    """And the mark "active" is set after the last one: whoever reads an event finds its plan."""
    settings = install()
    await publish(settings, city, actor="li")
    events = [record.timestamp for record in await plan_events(settings)]
    place = TopicPartition(TopicName.PLANS.within(settings.namespace), 0)
    plans: dict[str | None, list[int]] = {}
    async with reader(settings.kafka_bootstrap) as consumer:
        async for records in read_all(consumer, [place]):
            for record in records:
                plans.setdefault(header(record.headers, "ce_type"), []).append(record.timestamp)
    assert max(plans["plan_part"]) <= min(events)
    assert max(events) <= min(plans["plan_active"])


async def test_publishing_the_active_plan_writes_nothing(install: Install, city: Path) -> None:
    """Not one record in any topic; ``again`` writes the events, but no part."""
    settings = install()
    first = await publish(settings, city, actor="li")
    before = await ends_of(settings)
    second = await publish(settings, city, actor="wang")
    after = await ends_of(settings)
    assert (second.new, second.plan_id, after) == (False, first.plan_id, before)
    assert (await publish(settings, city, actor="li", again=True)).new
    assert grown(settings, after, await ends_of(settings)) == {
        TopicName.EVENTS: ONE_EACH,
        TopicName.PLANS: [2],
    }


async def test_a_changed_rule_is_another_plan(install: Install, city: Path) -> None:
    """Both stay loadable; going back writes events, and the plan again, should the database have lost it."""
    settings = install()
    first = await publish(settings, city, actor="li")
    write_city(city, **swapped(GAS, "limit: 20", "limit: 21"))
    second = await publish(settings, city, actor="li")
    assert second.new
    assert second.plan_id != first.plan_id
    stored = await read_store(settings.kafka_bootstrap, settings.namespace)
    assert (stored.plan(first.plan_id), stored.plan(second.plan_id)) == (first.plan, second.plan)
    assert stored.published is not None
    assert stored.published.plan == second.plan_id
    before = await ends_of(settings)
    write_city(city)
    third = await publish(settings, city, actor="li")
    assert (third.new, third.plan_id) == (True, first.plan_id)
    assert grown(settings, before, await ends_of(settings)) == {
        TopicName.EVENTS: ONE_EACH,
        TopicName.PLANS: [2],
    }


async def test_a_broken_city_changes_nothing(install: Install, city: Path) -> None:
    """Neither in a running namespace, whose plan stays active, nor in one that is not there yet."""
    running, new = install(), install()
    first = await publish(running, city, actor="li")
    before = await ends_of(running)
    broken = {**swapped(GAS, "limit: 20", "limit: 5"), **swapped("stations/gas.yaml", "gas-operator", "x")}
    write_city(city, **broken)
    for settings in (running, new):
        with pytest.raises(CityError) as error:
            await publish(settings, city, actor="li")
        assert len(error.value.lines) == 2
    assert await ends_of(running) == before
    published = (await read_store(running.kafka_bootstrap, running.namespace)).published
    assert published is not None
    assert published.plan == first.plan_id
    assert await ends_of(new) == {}
    assert not new.keys_dir.exists()


async def test_a_calendar_that_ends_soon_is_not_published(install: Install, city: Path) -> None:
    """The instant that counts is the city's, not the machine's."""
    settings = install()
    with pytest.raises(CityError, match="less than 60 days ahead"):
        await publish(settings, city, actor="li", at_ms=time_ms("2026-10-01T00:00:00+08:00"))
    assert await ends_of(settings) == {}


async def test_plan_events_carry_the_logs_time(install: Install, city: Path) -> None:
    """Under clock=log the largest ce_time on the log, so that time never runs backwards."""
    settings = install()
    await ensure_namespace(settings)
    later = START_MS + 3_600_000
    async with make_producer(settings) as producer:
        await producer.send_and_wait(
            TopicName.EVENTS.within(settings.namespace),
            b"{}",
            key=control_key(5).encode(),
            partition=5,
            headers=ce_headers(EventKind.TICK, "test", "tick-1", later),
        )
    await publish(settings, city, actor="li")
    assert {header(r.headers, "ce_time") for r in await plan_events(settings)} == {"2026-01-13T12:00:00.000Z"}


async def test_plan_events_are_of_their_log_and_their_numbers_rise(install: Install, city: Path) -> None:
    """Also when the machine's clock was set back meanwhile; a note of the far future is not gone by."""
    settings = install()
    await publish(settings, city, actor="li")
    epoch = await ensure_namespace(settings)
    published = (await read_store(settings.kafka_bootstrap, settings.namespace)).published
    assert published is not None
    ahead, forged = published.number + 3_600_000, MAX_INT64
    for noted in (ahead, forged):
        async with make_producer(settings) as producer:
            await write_active(producer, settings.namespace, replace(published, number=noted))
        await publish(settings, city, actor="li", again=True)
    events = [PlanEvent.model_validate_json(r.value) for r in await plan_events(settings) if r.partition == 3]
    assert {event.epoch for event in events} == {epoch}
    first, second, third = (event.number or 0 for event in events)
    assert (first, second) == (published.number, ahead + 1)
    assert first < third < second


async def test_a_plan_of_another_log_is_not_active_here(install: Install, city: Path) -> None:
    """After the log was made anew, its partitions have not seen the plan: the events are written."""
    settings = install()
    first = await publish(settings, city, actor="li")
    async with make_producer(settings) as producer:
        await write_active(
            producer, settings.namespace, PlanPublished(plan=first.plan_id, epoch="another log")
        )
    assert (await publish(settings, city, actor="li")).new
    assert len(await plan_events(settings)) == 2 * EVENT_PARTITIONS


async def test_a_large_plan_travels_in_parts(install: Install, city: Path) -> None:
    """And is one plan again only when each part is there, unchanged."""
    settings = install()
    one = FILES["stations/gas.yaml"].removeprefix("stations:\n")
    many = "".join(
        one.replace("gas-1", f"gas-{number}")
        .replace("3号", f"{number}号")
        .replace("pit 3", f"pit {number}")
        .replace("40.37", f"40.3{number:04}")
        for number in range(1_200)
    )
    write_city(city, **{"stations/gas.yaml": "stations:\n" + many})
    done = await publish(settings, city, actor="li")
    stored = await read_store(settings.kafka_bootstrap, settings.namespace)
    parts = [
        part for record in await plan_records(settings) if isinstance(part := decode(record).body, PlanPart)
    ]
    assert len(parts) == -(-len(plan_bytes(done.plan)) // PLAN_PART_BYTES) > 1
    assert stored.plan(done.plan_id) == done.plan
    forged = replace(parts[-1], body=parts[-1].body.replace(b"4", b"5", 1))
    assert together([*parts[:-1]]).plan(done.plan_id) is None
    assert together([*parts[:-1], forged]).plan(done.plan_id) is None


async def test_what_is_not_a_plan_is_not_loaded(install: Install) -> None:
    """Even if its name is right."""
    settings = install()
    await ensure_namespace(settings)
    async with make_producer(settings) as producer:
        name = await write_parts(producer, settings.namespace, b'{"format": 1}')
    assert (await read_store(settings.kafka_bootstrap, settings.namespace)).parts.names() == [name]
    assert await load_plan(settings.kafka_bootstrap, settings.namespace, name) is None


async def test_what_else_stands_among_the_parts_hides_no_plan(install: Install, city: Path) -> None:
    """Junk of every sort, parts that say another number, and other bytes under the plan's own keys."""
    settings = install()
    done = await publish(settings, city, actor="li")
    outputs = Outputs(settings.namespace)
    number = sum(isinstance(decode(record).body, PlanPart) for record in await plan_records(settings))
    keys = (f"0/{number}", f"0/{number + 1}", f"{number - 1}/{number + 7}", "0/1024")
    forged = [outputs.plan_parts(done.plan_id, b"junk")[0] for _ in keys]
    hostile = [record for _, record in hostile_plans(outputs)]
    hostile += [
        changed(record, key=f"{done.plan_id}:{key}".encode())
        for record, key in zip(forged, keys, strict=True)
    ]
    await send(settings, hostile)
    assert await load_plan(settings.kafka_bootstrap, settings.namespace, done.plan_id) == done.plan
    assert not (await publish(settings, city, actor="li")).new


async def test_a_plan_whose_parts_are_gone_is_written_again(install: Install, city: Path) -> None:
    """Also when the note says that it was published last: publishing again is the remedy."""
    first = install()
    done = await publish(first, city, actor="li")
    settings = first.model_copy(update={"namespace": install().namespace})
    epoch = await ensure_namespace(settings)
    async with make_producer(settings) as producer:
        await write_active(producer, settings.namespace, PlanPublished(plan=done.plan_id, epoch=epoch))
    again = await publish(settings, city, actor="li")
    assert (again.new, again.plan_id) == (True, done.plan_id)
    assert await load_plan(settings.kafka_bootstrap, settings.namespace, done.plan_id) == done.plan
