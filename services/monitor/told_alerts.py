"""The alerts of stations as the topic ``alerts`` has them: for a station whose snapshot cannot be read."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from aiokafka import TopicPartition

from schemas.alerts import Alert
from schemas.outputs import decode
from schemas.partition import district_partition_of
from schemas.topics import TopicName
from services.runtime.kafka import read_all, reader
from services.runtime.settings import Settings

TellAlerts = Callable[[Collection[str], str, int], Awaitable[list[Alert]]]
"""Of stations, by district code, what partition of ``events`` told: each alert's newest snapshot."""


@dataclass(frozen=True, slots=True)
class ToldAlerts:
    """Reads the topic, as far as this log's monitor wrote it."""

    settings: Settings
    epoch: str

    async def of(self, stations: Collection[str], district_code: str, partition: int) -> list[Alert]:
        """The newest snapshot of each alert of the stations, closed ones included."""
        newest: dict[str, Alert] = {}
        topic = TopicName.ALERTS.within(self.settings.namespace)
        place = TopicPartition(topic, district_partition_of(district_code))
        async with reader(self.settings.kafka_bootstrap) as consumer:
            async for records in read_all(consumer, [place]):
                for output in map(decode, records):
                    alert, origin = output.body, output.origin
                    ours = (origin.epoch, origin.src_partition) == (self.epoch, partition)
                    if not ours or not isinstance(alert, Alert) or alert.station_id not in stations:
                        continue
                    known = newest.get(alert.alert_id)
                    if known is None or known.seq < alert.seq:
                        newest[alert.alert_id] = alert
        return list(newest.values())
