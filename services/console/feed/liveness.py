"""The feed's liveness: what time it is in the city, and whether what is shown is what is."""

import asyncio
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError

from schemas.base import Bilingual
from schemas.topics import GroupName
from services.console.api import Heartbeat
from services.console.feed.alerts_consumer import AlertsConsumer
from services.console.words import NOT_LIVE
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.kafka import administration
from services.runtime.settings import Settings

EVERY_S = 5.0
ANSWER_WITHIN_S = 4.0


def _heartbeat(city_ms: int | None, reason: str | None = None) -> Heartbeat:
    """Live, unless there is a reason against it."""
    words = None if reason is None else Bilingual(zh=NOT_LIVE[reason]["zh"], en=NOT_LIVE[reason]["en"])
    return Heartbeat(city_ms=city_ms, live=words is None, reason=words)


@dataclass(slots=True)
class Liveness:
    """Looks every 5 s for all listeners at once, and wakes them."""

    settings: Settings
    consumer: AlertsConsumer
    heartbeat: Heartbeat = field(default_factory=lambda: _heartbeat(None, "starting"))

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self.heartbeat = await self._look()
            self.consumer.feed.wake()
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> Heartbeat:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                city_ms = await city_time_ms(self.settings)
                if not await self._has_monitor():
                    return _heartbeat(city_ms, "monitor")
        except NoCityTimeError:
            return _heartbeat(None, "clock")
        except (KafkaError, TimeoutError, OSError):
            return _heartbeat(None, "broker")
        return _heartbeat(city_ms, None if self.consumer.caught_up else "starting")

    async def _has_monitor(self) -> bool:
        """True: a monitor takes part in judging the namespace, because its group has a member."""
        group = GroupName.MONITOR.within(self.settings.namespace)
        async with administration(self.settings.kafka_bootstrap) as admin:
            answers = await admin.describe_consumer_groups([group])
        # of each group: error, group, state, type, protocol, members, ...
        return any(described[5] for answer in answers for described in answer.groups)
