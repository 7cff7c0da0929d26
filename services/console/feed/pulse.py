"""The feed's heartbeat: what time it is in the city, and whether what is shown is live."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.topics import GroupName
from services.console.feed.follower import Follower
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.settings import Settings

log = logging.getLogger(__name__)
EVERY_S = 5.0
ANSWER_WITHIN_S = 4.0
Reason = Literal["starting", "broker", "monitor", "clock"]


@dataclass(frozen=True, slots=True)
class Beat:
    """``city_ms`` None: unknown. ``reason`` None: live."""

    city_ms: int | None
    reason: Reason | None


@dataclass(slots=True)
class Pulse:
    """Looks every 5 s for all listeners at once. ``beaten`` is set, and replaced, at each beat."""

    settings: Settings
    follower: Follower
    beat: Beat = Beat(None, "starting")
    beaten: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self.beat = await self._look()
            before, self.beaten = self.beaten, asyncio.Event()
            before.set()
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> Beat:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                city_ms = await city_time_ms(self.settings)
                if not await self._has_monitor():
                    return Beat(city_ms, "monitor")
        except NoCityTimeError:
            return Beat(None, "clock")
        except (KafkaError, TimeoutError, OSError):
            return Beat(None, "broker")
        return Beat(city_ms, None if self.follower.caught_up else "starting")

    async def _has_monitor(self) -> bool:
        """Whether a monitor takes part in judging the namespace: its group has a member."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka_bootstrap)
        group = GroupName.MONITOR.within(self.settings.namespace)
        try:
            await admin.start()
            return any(map(_members, await admin.describe_consumer_groups([group])))
        finally:
            with suppress(KafkaError):
                await admin.close()


def _members(response: Any) -> int:
    """How many members the described groups have (error, group, state, type, protocol, members, ...)."""
    return sum(len(group[5]) for group in response.groups)
