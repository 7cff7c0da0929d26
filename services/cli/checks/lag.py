"""The consumer lag of monitor and recorder, in records."""

from dataclasses import dataclass

from aiokafka import TopicPartition

from schemas.topics import TopicName
from services.cli.checks.database import fetch
from services.runtime.following.lag import Extents, committed_by_monitor, extents_of
from services.runtime.kafka import reader
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage

STORED = (TopicName.ALERTS, TopicName.AGGREGATES, TopicName.OUTCOMES, TopicName.REJECTS)
"""Topics that the recorder empties continually (plans come once in a while)."""

LAG_WELL = 5_000
"""Records behind that are no cause for worry: a monitor commits at checkpoints, every 30 s."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Records not yet taken, by topic where there are any; ``begun`` False: nothing was ever taken."""

    by_topic: dict[str, int]
    begun: bool
    failure: ByLanguage | None = None
    """The reason why the lag is unknown."""

    @property
    def total(self) -> int:
        """The lag over all topics."""
        return sum(self.by_topic.values())

    @property
    def well(self) -> bool:
        """True: what is stored can be taken for the city."""
        return self.failure is None and self.begun and self.total <= LAG_WELL


async def monitor_lag(settings: Settings) -> Lag:
    """By the offsets that the monitor's group committed: it does so at each checkpoint."""
    spans = await _spans(settings, TopicName.EVENTS)
    taken = await committed_by_monitor(settings)
    return Lag(spans.lag(taken), begun=bool(taken))


async def recorder_lag(settings: Settings) -> Lag:
    """By the offsets that the recorder keeps beside the rows they stand for."""
    taken = {
        TopicPartition(f"{settings.namespace}.{row['topic']}", row["partition"]): row["next_offset"]
        for row in await fetch(settings, "recorder_offsets")
    }
    return Lag((await _spans(settings, *STORED)).lag(taken), begun=bool(taken))


async def _spans(settings: Settings, *topics: TopicName) -> Extents:
    async with reader(settings.kafka_bootstrap) as consumer:
        return await extents_of(consumer, settings, topics)
