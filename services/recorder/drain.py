"""``miyun drain``: waits until everything that stands in the log now is judged and stored."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.topics import TOPICS, TopicName
from services.recorder import positions
from services.recorder.log import partitions
from services.recorder.words import SAID
from services.runtime.command_line import database, explained
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import reader
from services.runtime.processes import StopProcessError
from services.runtime.screen import Progress
from services.runtime.settings import Settings
from services.runtime.words import Text, listed, sentence

LOOK_EVERY_S = 0.5
Offsets = Mapping[TopicPartition, int]
Say = Callable[[Text], object]


@dataclass(frozen=True, slots=True)
class Spans:
    """First and end offsets at one moment: what is to be reached."""

    begins: Offsets
    ends: Offsets

    def left(self, reached: Offsets) -> dict[str, int]:
        """Records beyond what is reached and not deleted, by topic (without the namespace)."""
        left: dict[str, int] = {}
        for tp, end in self.ends.items():
            behind = end - max(reached.get(tp, 0), self.begins[tp])
            if behind > 0:
                topic = tp.topic.partition(".")[2]
                left[topic] = left.get(topic, 0) + behind
        return left


async def drain(settings: Settings, *, timeout_s: float, say: Say) -> None:
    """Return when what the log holds at the call is judged, and what was made of it is stored.

    Raises:
        StopProcessError: not within ``timeout_s``, or no database.
        NamespaceError: there is no such log.
        aiokafka.errors.KafkaError: the broker does not answer at the beginning.
    """
    progress = Progress(say)
    async with database(settings):
        """A database that is not there is said at once; one that goes away later is waited for."""
    try:
        async with asyncio.timeout(timeout_s), reader(settings.kafka_bootstrap) as consumer:
            events = await _spans(consumer, _events(settings))
            await _until(settings, events, _judged, "judging", progress)
            outputs = await _spans(consumer, list(partitions(settings.namespace).values()))
            await _until(settings, outputs, _stored, "storing", progress)
    except TimeoutError:
        told = sentence(SAID, "not_drained", within_s=timeout_s, progress=progress.text)
        raise StopProcessError(told) from None
    counts = {"events": sum(events.ends.values()), "results": sum(outputs.ends.values())}
    say(sentence(SAID, "drained", **counts))


def _events(settings: Settings) -> list[TopicPartition]:
    topic = TopicName.EVENTS.within(settings.namespace)
    return [TopicPartition(topic, number) for number in range(TOPICS[TopicName.EVENTS].partitions)]


async def _spans(consumer: AIOKafkaConsumer, tps: Sequence[TopicPartition]) -> Spans:
    await ensure_topics(consumer, sorted({tp.topic for tp in tps}))
    return Spans(await consumer.beginning_offsets(tps), await consumer.end_offsets(tps))


async def _until(
    settings: Settings,
    wanted: Spans,
    look: Callable[[Settings], Awaitable[Offsets]],
    doing: str,
    progress: Progress,
) -> None:
    """Look until everything is reached. A server that goes away meanwhile may come back."""
    while True:
        try:
            left = wanted.left(await look(settings))
        except (KafkaError, StopProcessError) as error:
            told = explained(error, settings.kafka_bootstrap)
            assert told is not None, "both are known"
            progress.note(told)
        else:
            if not left:
                return
            by_topic = listed(
                sentence(SAID, "of_topic", topic=topic, count=n) for topic, n in sorted(left.items())
            )
            progress.note(sentence(SAID, doing, total=sum(left.values()), by_topic=by_topic))
        await asyncio.sleep(LOOK_EVERY_S)


async def _judged(settings: Settings) -> Offsets:
    """What the monitor's group committed, with its checkpoints: what it judged since does not count yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        await admin.start()
        committed = await admin.list_consumer_group_offsets(f"{settings.namespace}.monitor")
    finally:
        await admin.close()
    return {tp: max(0, found.offset) for tp, found in committed.items()}


async def _stored(settings: Settings) -> Offsets:
    """What the tables hold. The schema may still be in the making: then that is what is waited for."""
    places = partitions(settings.namespace)
    async with database(settings) as connection:
        stored = await positions.stored(connection)
    return {places[place]: position.next for place, position in stored.items() if place in places}
