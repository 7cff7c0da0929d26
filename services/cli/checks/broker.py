"""What the doctor looks at in Kafka: the broker, the topics as declared, the log's identity."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pydantic import ValidationError

from schemas.events import EventKind, Genesis
from schemas.headers import header
from schemas.topics import TOPICS, Topic, TopicName
from services.cli.report import Line
from services.runtime.kafka import read_range, reader
from services.runtime.settings import Settings

REQUEST_MS = 4_000


@asynccontextmanager
async def administration(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Kafka's administrative client."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap, request_timeout_ms=REQUEST_MS)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def broker(settings: Settings) -> list[Line]:
    """Whether a broker answers, and how many there are."""
    async with administration(settings) as admin:
        cluster = await admin.describe_cluster()
    return [Line(name="broker", text=f"{settings.kafka_bootstrap}, {len(cluster['brokers'])} broker(s)")]


async def topics(settings: Settings) -> list[Line]:
    """Whether each topic stands on the broker as ``schemas.topics`` declares it."""
    async with administration(settings) as admin:
        existing = set(await admin.list_topics())
        names = [topic.name.within(settings.namespace) for topic in TOPICS.values()]
        present = [name for name in names if name in existing]
        if missing := [name for name in names if name not in existing]:
            return [_missing(missing)]
        counted = {told["topic"]: len(told["partitions"]) for told in await admin.describe_topics(present)}
        configured = await _configurations(admin, present)
    found = [
        line
        for topic, name in zip(TOPICS.values(), names, strict=True)
        for line in differences(topic, name, partitions=counted[name], there=configured[name])
    ]
    return found or [Line(name="topics", text=f"{len(names)} as declared")]


async def genesis(settings: Settings) -> list[Line]:
    """Whether all partitions of ``events`` begin with the same log's first record."""
    topic = TopicName.EVENTS.within(settings.namespace)
    places = [TopicPartition(topic, number) for number in range(TOPICS[TopicName.EVENTS].partitions)]
    async with reader(settings.kafka_bootstrap, request_timeout_ms=REQUEST_MS) as consumer:
        if topic not in await consumer.topics():
            return [_missing([topic])]
        starts = await consumer.beginning_offsets(places)
        ends = await consumer.end_offsets(places)
        unbroken = {place: 1 for place in places if starts[place] == 0 < ends[place]}
        found: dict[int, Genesis | None] = {}
        async for records in read_range(consumer, unbroken, starts=dict.fromkeys(unbroken, 0)):
            found |= {record.partition: _genesis(record) for record in records}
    empty = [place.partition for place in places if ends[place] == 0]
    return [_verdict(settings, found, empty=empty, expired=len(places) - len(unbroken) - len(empty))]


def _verdict(settings: Settings, found: dict[int, Genesis | None], *, empty: list[int], expired: int) -> Line:
    name = "log"
    strange = sorted(number for number, first in found.items() if first is None)
    known = [first for first in found.values() if first is not None]
    epochs, clocks = {first.epoch for first in known}, {first.clock for first in known}
    if strange:
        text = f"partitions {_list(strange)} of events do not begin with a genesis record"
        return Line(
            name=name, text=text, well=False, remedy="something else wrote to this topic: delete its topics"
        )
    if len(epochs) > 1:
        text = f"{len(epochs)} epochs in one namespace: {', '.join(sorted(epochs))}"
        return Line(name=name, text=text, well=False, remedy="choose a new namespace and start it anew")
    if clocks - {settings.clock}:
        text = f"the log lives by clock={min(clocks)}, the settings say {settings.clock}"
        return Line(name=name, text=text, well=False, remedy=f"set MIYUN_CLOCK={min(clocks)}")
    if empty:
        text = f"partitions {_list(empty)} of events have no genesis record"
        return Line(
            name=name, text=text, well=False, remedy="the next start of the monitor writes it: make up"
        )
    aged = f"; {expired} partitions have outlived theirs" if expired else ""
    return Line(name=name, text=f"epoch {min(epochs, default='beyond retention')}, the same everywhere{aged}")


def _genesis(record: Any) -> Genesis | None:
    if header(record.headers, "ce_type") != EventKind.GENESIS:
        return None
    try:
        return Genesis.model_validate_json(record.value)
    except ValidationError:
        return None


def _missing(names: list[str]) -> Line:
    remedy = (
        "make up, or else miyun rules publish, makes them; or the namespace is misspelt (MIYUN_NAMESPACE)"
    )
    return Line(name="topics", text=f"missing: {', '.join(names)}", well=False, remedy=remedy)


async def _configurations(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    responses = await admin.describe_configs(asked)
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for response in responses
        for resource in response.resources
    }


def differences(topic: Topic, name: str, *, partitions: int, there: Mapping[str, str]) -> list[Line]:
    """One line per thing in which a topic on the broker is not as declared."""
    lines = []
    if partitions != topic.partitions:
        text = f"{name} has {partitions} partitions, not {topic.partitions}"
        remedy = "the number is fixed for good: choose a new namespace"
        lines.append(Line(name="topics", text=text, well=False, remedy=remedy))
    for setting, wanted in topic.config().items():
        if there.get(setting) != wanted:
            text = f"{name}: {setting} is {there.get(setting)}, declared {wanted}"
            remedy = f"kafka-configs --alter --topic {name} --add-config {setting}={wanted}"
            lines.append(Line(name="topics", text=text, well=False, remedy=remedy))
    return lines


def _list(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
