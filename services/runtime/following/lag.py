"""Consumer lag: how far readers of the log are behind its end, in records."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError

from schemas.topics import GroupName, TopicName
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import administration, partitions_of
from services.runtime.settings import Settings

LOOK_EVERY_S = 0.2
Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Extents:
    """First and end offsets at one moment: what there is to be read."""

    begins: Offsets
    ends: Offsets

    def lag(self, reached: Offsets) -> dict[str, int]:
        """Records beyond what is reached and not deleted, by topic (without the namespace), where any are."""
        lag: Counter[str] = Counter()
        for tp, end in self.ends.items():
            lag[tp.topic.partition(".")[2]] += max(0, end - max(reached.get(tp, 0), self.begins[tp]))
        return dict(+lag)


async def extents_of(consumer: AIOKafkaConsumer, settings: Settings, topics: Iterable[TopicName]) -> Extents:
    """First and end offsets of the namespace's topics now.

    Raises:
        NamespaceError: one of them is not there.
    """
    tps = partitions_of(settings.namespace, *topics)
    await ensure_topics(consumer, sorted({tp.topic for tp in tps}))
    return Extents(await consumer.beginning_offsets(tps), await consumer.end_offsets(tps))


async def committed_by_monitor(settings: Settings) -> Offsets:
    """Offsets that the monitor's group committed with its checkpoints: later judgements do not count yet.

    Waits while the broker does not know yet who keeps the group: for ever, so bound it.
    """
    async with administration(settings.kafka_bootstrap) as admin:
        while True:
            try:
                committed = await admin.list_consumer_group_offsets(
                    GroupName.MONITOR.within(settings.namespace)
                )
            except GroupCoordinatorNotAvailableError:
                await asyncio.sleep(LOOK_EVERY_S)  # a new broker makes its topic of offsets when first asked
            else:
                return {tp: found.offset for tp, found in committed.items() if found.offset >= 0}
