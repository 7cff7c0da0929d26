"""The alerts of stations as the topic ``alerts`` has them: for a station whose snapshot cannot be read."""

from collections.abc import Awaitable, Callable, Collection

from aiokafka import TopicPartition

from schemas.alerts import Alert
from schemas.topics import TopicName, district_partition_of
from services.runtime.kafka import read_all, reader
from services.runtime.records.authenticity import Authenticity
from services.runtime.settings import Settings

LastAlerts = Callable[[Collection[str], str, int], Awaitable[list[Alert]]]
"""Of stations, a district's code and a partition of ``events``: the newest snapshot of each alert."""


async def last_alerts(
    settings: Settings,
    epoch: str,
    authenticity: Authenticity,
    stations: Collection[str],
    district_code: str,
    partition: int,
) -> list[Alert]:
    """The newest snapshot of each alert of the stations that this log's monitor wrote, closed ones, too."""
    newest: dict[str, Alert] = {}
    topic = TopicName.ALERTS.within(settings.namespace)
    tp = TopicPartition(topic, district_partition_of(district_code))
    async with reader(settings.kafka_bootstrap) as consumer:
        async for records in read_all(consumer, [tp]):
            for output in map(authenticity.decode, records):
                alert, origin = output.body, output.origin
                is_ours = (origin.epoch, origin.src_partition) == (epoch, partition)
                if is_ours and isinstance(alert, Alert) and alert.station_id in stations:
                    earlier = newest.get(alert.alert_id, alert)
                    newest[alert.alert_id] = max(earlier, alert, key=lambda one: one.seq)
    return list(newest.values())
