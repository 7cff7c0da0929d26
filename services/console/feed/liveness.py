"""The feed's liveness: what time it is in the city, and whether what is shown is what is."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

from aiokafka.errors import KafkaError

from schemas.base import Bilingual
from services.console.api import Heartbeat
from services.console.feed.alerts_consumer import AlertsConsumer
from services.console.words import NOT_LIVE
from services.runtime.clock import NoCityTimeError, PartitionEnd, ends_of_log, now_ms
from services.runtime.following.judged import FRESH_WITHIN_S, Doubt, Judging, doubt_words, weigh
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage

EVERY_S = 5.0
ANSWER_WITHIN_S = 4.0
STARTING = Judging()


def _heartbeat(
    city_ms: int | None, reason: ByLanguage | None = None, judging: Judging = STARTING
) -> Heartbeat:
    """Live, unless there is a reason against it."""
    words = None if reason is None else Bilingual(zh=reason["zh"], en=reason["en"])
    is_behind = judging.doubt is Doubt.BEHIND
    judged_ms = judging.until if is_behind else None
    return Heartbeat(city_ms=city_ms, live=words is None, reason=words, judged_ms=judged_ms)


@dataclass(slots=True)
class Liveness:
    """Looks every 5 s for all listeners at once, and wakes them."""

    settings: Settings
    consumer: AlertsConsumer
    heartbeat: Heartbeat = field(default_factory=lambda: _heartbeat(None, NOT_LIVE["starting"]))

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self.heartbeat = await self._look()
            self.consumer.feed.wake()
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> Heartbeat:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                ends = await ends_of_log(self.settings)
        except NoCityTimeError:
            return _heartbeat(None, NOT_LIVE["clock"])
        except (KafkaError, TimeoutError, OSError):
            return _heartbeat(None, NOT_LIVE["broker"])
        city_ms = now_ms(self.settings, ends)
        if city_ms is None:
            return _heartbeat(None, NOT_LIVE["clock"])
        judging = self._judging(ends)
        is_starting = not self.consumer.is_complete(monotonic()) or judging is STARTING
        return _heartbeat(city_ms, NOT_LIVE["starting"] if is_starting else doubt_words(judging), judging)

    def _judging(self, ends: dict[int, PartitionEnd]) -> Judging:
        """How far the city is judged; ``STARTING`` while we cannot have heard of all partitions."""
        now_s = monotonic()
        arrivals = {number: end.arrival for number, end in ends.items() if end.arrival is not None}
        judging = weigh(self.consumer.judged, now_s=now_s, ends=arrivals)
        is_new = now_s - self.consumer.began_s < FRESH_WITHIN_S
        return STARTING if judging.silent and is_new else judging
