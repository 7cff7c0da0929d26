"""``miyun drain``: waits until everything that stands in the log now is judged and stored."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.topics import GroupName, TopicName
from services.recorder.session import database
from services.recorder.store import OFFSETS, TOPICS
from services.runtime.following.offsets import name_of
from services.runtime.kafka import partitions_of, reader
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

LOOK_EVERY_S = 0.5
SAY_EVERY_S = 2.0
Offsets = Mapping[TopicPartition, int]
Say = Callable[[str], object]


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


@dataclass(slots=True)
class Progress:
    """What is being waited for; says so, not too often."""

    say: Say
    text: str = "nothing looked at yet"
    said_at: float = 0.0

    def note(self, text: str) -> None:
        """Take a new state, and say it if it is time."""
        self.text = text
        now = asyncio.get_running_loop().time()
        if now - self.said_at >= SAY_EVERY_S:
            self.say(text)
            self.said_at = now


async def drain(settings: Settings, *, timeout_s: float, say: Say) -> None:
    """Return when what the log holds at the call is judged, and what was made of it is stored.

    Raises:
        StopProcessError: not within ``timeout_s``, there is no such log, or no database.
        aiokafka.errors.KafkaError: the broker does not answer at the beginning.
    """
    progress = Progress(say)
    async with database(settings):
        """A database that is not there is said at once; one that goes away later is waited for."""
    try:
        async with asyncio.timeout(timeout_s), reader(settings.kafka_bootstrap) as consumer:
            events = await _spans(consumer, settings, (TopicName.EVENTS,))
            await _until(events, lambda: _judged(settings), "judging", progress)
            outputs = await _spans(consumer, settings, TOPICS)
            await _until(outputs, lambda: _stored(settings), "storing", progress)
    except TimeoutError:
        raise StopProcessError(
            f"not drained after {timeout_s:g} s ({progress.text}): see miyun status whether monitor and"
            " recorder run, or give it longer (--timeout)"
        ) from None
    say(f"all {sum(events.ends.values())} events are judged, all {sum(outputs.ends.values())} results stored")


async def _spans(consumer: AIOKafkaConsumer, settings: Settings, topics: Sequence[TopicName]) -> Spans:
    tps = partitions_of(settings.namespace, *topics)
    missing = sorted({tp.topic for tp in tps} - set(await consumer.topics()))
    if missing:
        raise StopProcessError(f"there is no topic {missing[0]}: is the namespace right (--namespace)?")
    return Spans(await consumer.beginning_offsets(tps), await consumer.end_offsets(tps))


async def _until(
    wanted: Spans, look: Callable[[], Awaitable[Offsets]], doing: str, progress: Progress
) -> None:
    """Look until everything is reached. A server that goes away meanwhile may come back."""
    while True:
        try:
            left = wanted.left(await look())
        except (KafkaError, StopProcessError) as error:
            progress.note(f"{doing}: {error or type(error).__name__}")
        else:
            if not left:
                return
            by_topic = ", ".join(f"{number} of {topic}" for topic, number in sorted(left.items()))
            progress.note(f"{doing}: {sum(left.values())} records to go ({by_topic})")
        await asyncio.sleep(LOOK_EVERY_S)


async def _judged(settings: Settings) -> Offsets:
    """What the monitor's group committed, with its checkpoints: what it judged since does not count yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        await admin.start()
        committed = await admin.list_consumer_group_offsets(GroupName.MONITOR.within(settings.namespace))
    finally:
        await admin.close()
    return {tp: max(0, found.offset) for tp, found in committed.items()}


async def _stored(settings: Settings) -> Offsets:
    """What the tables hold. The schema may still be in the making: then that is what is waited for."""
    async with database(settings) as connection:
        stored = await OFFSETS.stored(connection)
    tps = partitions_of(settings.namespace, *TOPICS)
    return {tp: stored[name_of(tp)].next for tp in tps if name_of(tp) in stored}
