"""``miyun drain``: waits until everything that stands in the log now is judged and stored."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from aiokafka.errors import KafkaError

from schemas.topics import TopicName
from services.recorder.store import OFFSETS, TOPICS
from services.recorder.words import MESSAGES
from services.runtime.command_line import database, explained
from services.runtime.following.lag import Extents, Offsets, committed_by_monitor, extents_of
from services.runtime.following.offsets import name_of
from services.runtime.kafka import partitions_of, reader
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage, listed, sentence

LOOK_EVERY_S = 0.5
SHOW_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Drained:
    """Progress in words, and the records that are still to be judged or stored, by topic."""

    text: ByLanguage
    behind: Mapping[str, int] = field(default_factory=dict)
    """Empty, too, while a server is waited for."""
    done: bool = False


@dataclass(slots=True)
class Progress:
    """Shows how far it has come, not too often."""

    say: Callable[[Drained], object]
    now: Drained = field(default_factory=lambda: Drained(MESSAGES["not_looked"]))
    shown_at: float = 0.0

    def note(self, now: Drained) -> None:
        """Take a new state, and show it if it is time."""
        self.now = now
        if monotonic() - self.shown_at >= SHOW_EVERY_S:
            self.say(now)
            self.shown_at = monotonic()


async def drain(settings: Settings, *, timeout_s: float, say: Callable[[Drained], object]) -> None:
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
            events = await extents_of(consumer, settings, (TopicName.EVENTS,))
            await _until(settings, events, committed_by_monitor, "judging", progress)
            outputs = await extents_of(consumer, settings, TOPICS)
            await _until(settings, outputs, _stored, "storing", progress)
    except TimeoutError:
        why = sentence(MESSAGES, "not_drained", within_s=timeout_s, progress=progress.now.text)
        raise StopProcessError(why) from None
    counts = {"events": sum(events.ends.values()), "results": sum(outputs.ends.values())}
    say(Drained(sentence(MESSAGES, "drained", **counts), done=True))


async def _until(
    settings: Settings,
    wanted: Extents,
    look: Callable[[Settings], Awaitable[Offsets]],
    doing: str,
    progress: Progress,
) -> None:
    """Look until everything is reached. A server that goes away meanwhile may come back."""
    while True:
        try:
            lag = wanted.lag(await look(settings))
        except (KafkaError, StopProcessError) as error:
            why = explained(error, settings.kafka_bootstrap)
            assert why is not None, "both are known"
            progress.note(Drained(why))
        else:
            if not lag:
                return
            by_topic = (
                sentence(MESSAGES, "of_topic", topic=name, count=n) for name, n in sorted(lag.items())
            )
            words = sentence(MESSAGES, doing, total=sum(lag.values()), by_topic=listed(by_topic))
            progress.note(Drained(words, lag))
        await asyncio.sleep(LOOK_EVERY_S)


async def _stored(settings: Settings) -> Offsets:
    """Offsets that the tables have. The schema may still be in the making: then it is waited for."""
    async with database(settings) as connection:
        stored = await OFFSETS.stored(connection)
    tps = partitions_of(settings.namespace, *TOPICS)
    return {tp: stored[name_of(tp)].next for tp in tps if name_of(tp) in stored}
