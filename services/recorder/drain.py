"""``miyun drain``: waits until everything that stands in the log now is judged and stored."""

import asyncio
from collections.abc import Awaitable, Callable

from aiokafka.errors import KafkaError

from schemas.topics import TopicName
from services.recorder.store import OFFSETS, TOPICS
from services.recorder.words import SAID
from services.runtime.behind import Offsets, Spans, judged, spans_of
from services.runtime.command_line import database, explained
from services.runtime.following.offsets import name_of
from services.runtime.kafka import partitions_of, reader
from services.runtime.processes import StopProcessError
from services.runtime.screen import Progress
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage, listed, sentence

LOOK_EVERY_S = 0.5
Say = Callable[[ByLanguage], object]


async def drain(settings: Settings, *, timeout_s: float, say: Say) -> None:
    """Return when what the log holds at the call is judged, and what was made of it is stored.

    Raises:
        StopProcessError: not within ``timeout_s``, or no database.
        NamespaceError: there is no such log.
        aiokafka.errors.KafkaError: the broker does not answer at the beginning.
    """
    progress = Progress(say)
    async with database(settings):
        pass  # one that is not there is said at once; one that goes away later is waited for
    try:
        async with asyncio.timeout(timeout_s), reader(settings.kafka_bootstrap) as consumer:
            events = await spans_of(consumer, settings, (TopicName.EVENTS,))
            await _until(settings, events, judged, "judging", progress)
            outputs = await spans_of(consumer, settings, TOPICS)
            await _until(settings, outputs, _stored, "storing", progress)
    except TimeoutError:
        told = sentence(SAID, "not_drained", within_s=timeout_s, progress=progress.text)
        raise StopProcessError(told) from None
    counts = {"events": sum(events.ends.values()), "results": sum(outputs.ends.values())}
    say(sentence(SAID, "drained", **counts))


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


async def _stored(settings: Settings) -> Offsets:
    """What the tables hold. The schema may still be in the making: then that is what is waited for."""
    async with database(settings) as connection:
        stored = await OFFSETS.stored(connection)
    tps = partitions_of(settings.namespace, *TOPICS)
    return {tp: stored[name_of(tp)].next for tp in tps if name_of(tp) in stored}
