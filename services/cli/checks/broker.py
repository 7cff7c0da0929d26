"""The doctor's checks of Kafka: the broker, the topics as declared, the log's identity."""

from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pydantic import ValidationError

from schemas.events import EventKind, Genesis
from schemas.headers import header
from schemas.topics import TOPICS, Topic, TopicName
from services.cli.checks.report import Line, line, problem
from services.cli.checks.words import FINDING
from services.runtime.kafka import administration, partitions_of, read_range, reader
from services.runtime.settings import Settings
from services.runtime.words import sentence

REQUEST_MS = 4_000


async def reachable(settings: Settings) -> list[Line]:
    """Checks that a broker answers, and counts the brokers."""
    async with administration(settings.kafka_bootstrap, request_timeout_ms=REQUEST_MS) as admin:
        cluster = await admin.describe_cluster()
    return [line("broker", "broker", at=settings.kafka_bootstrap, brokers=len(cluster["brokers"]))]


async def topics(settings: Settings) -> list[Line]:
    """Checks that each topic stands on the broker as ``schemas.topics`` declares it."""
    names = [topic.name.within(settings.namespace) for topic in TOPICS.values()]
    async with administration(settings.kafka_bootstrap, request_timeout_ms=REQUEST_MS) as admin:
        existing = set(await admin.list_topics())
        if missing := [name for name in names if name not in existing]:
            return problem("topics", "topics_missing", names=", ".join(missing))
        counted = {told["topic"]: len(told["partitions"]) for told in await admin.describe_topics(names)}
        configured = await _configurations(admin, names)
    found = [
        one
        for topic, name in zip(TOPICS.values(), names, strict=True)
        for one in differences(topic, name, partitions=counted[name], there=configured[name])
    ]
    return found or [line("topics", "topics", count=len(names))]


async def genesis(settings: Settings) -> list[Line]:
    """Checks that all partitions of ``events`` begin with the same log's first record."""
    places = partitions_of(settings.namespace, TopicName.EVENTS)
    async with reader(settings.kafka_bootstrap, request_timeout_ms=REQUEST_MS) as consumer:
        if (topic := places[0].topic) not in await consumer.topics():
            return problem("topics", "topics_missing", names=topic)
        starts = await consumer.beginning_offsets(places)
        ends = await consumer.end_offsets(places)
        unbroken = {place: 1 for place in places if starts[place] == 0 < ends[place]}
        found: dict[int, Genesis | None] = {}
        async for records in read_range(consumer, unbroken, starts=dict.fromkeys(unbroken, 0)):
            found |= {record.partition: _genesis(record) for record in records}
    empty = [place.partition for place in places if ends[place] == 0]
    return _verdict(settings, found, empty=empty, expired=len(places) - len(unbroken) - len(empty))


def _verdict(
    settings: Settings, found: dict[int, Genesis | None], *, empty: list[int], expired: int
) -> list[Line]:
    strange = sorted(number for number, first in found.items() if first is None)
    known = [first for first in found.values() if first is not None]
    epochs, clocks = {first.epoch for first in known}, {first.clock for first in known}
    if strange:
        return problem("log", "log_strange", partitions=", ".join(map(str, strange)))
    if len(epochs) > 1:
        return problem("log", "log_epochs", count=len(epochs), epochs=", ".join(sorted(epochs)))
    if clocks - {settings.clock}:
        return problem("log", "log_clock", clock=min(clocks), ours=settings.clock)
    if empty:
        return problem("log", "log_empty", partitions=", ".join(map(str, empty)))
    aged = sentence(FINDING, "log_aged", count=expired) if expired else ""
    epoch = min(epochs) if epochs else FINDING["beyond_retention"]
    return [line("log", "log", epoch=epoch, aged=aged)]


def _genesis(record: Any) -> Genesis | None:
    if header(record.headers, "ce_type") != EventKind.GENESIS:
        return None
    try:
        return Genesis.model_validate_json(record.value)
    except ValidationError:
        return None


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
    lines: list[Line] = []
    if partitions != topic.partitions:
        lines += problem("topics", "topic_partitions", topic=name, there=partitions, wanted=topic.partitions)
    for setting, wanted in topic.config().items():
        if there.get(setting) != wanted:
            told = {"setting": setting, "there": there.get(setting), "wanted": wanted}
            lines += problem("topics", "topic_setting", topic=name, **told)
    return lines
