"""Keeps the feed up with the topic ``alerts``, also when the broker goes away for a while."""

import asyncio
from dataclasses import dataclass, field

from schemas.alerts import Alert
from schemas.topics import TopicName
from services.console.feed.feed import Feed
from services.runtime.following.lag import extents_of
from services.runtime.following.reader import TopicReader, sessions
from services.runtime.kafka import reader
from services.runtime.settings import Settings

PAUSE_S = 1.0
POLL_MS = 500


@dataclass(slots=True)
class AlertsConsumer:
    """``caught_up``: the feed holds everything that stood on the topic when we began."""

    settings: Settings
    feed: Feed
    caught_up: bool = False
    reader: TopicReader = field(init=False)

    def __post_init__(self) -> None:
        """It keeps no positions: the feed is read anew from the topic's start."""
        self.reader = TopicReader(settings=self.settings, name="console", topics=(TopicName.ALERTS,))

    async def run(self) -> None:
        """Consume for ever."""
        await sessions(self.reader, self._session, longest_pause_s=PAUSE_S)

    async def _session(self) -> None:
        async with reader(self.settings.kafka_bootstrap) as consumer:
            spans = await extents_of(consumer, self.settings, self.reader.topics)
            consumer.assign(list(spans.begins))
            for tp, begin in spans.begins.items():
                consumer.seek(tp, begin)  # what was shown before is known by its seq
            self.reader.waiting = None
            while True:
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    for record in records:
                        alert = self.reader.read(record)
                        if isinstance(alert, Alert):
                            self.feed.take(alert)
                    await asyncio.sleep(0)
                if not self.caught_up:
                    at = {tp: await consumer.position(tp) for tp in spans.ends}
                    self.caught_up = not spans.lag(at)
