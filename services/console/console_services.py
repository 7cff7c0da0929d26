"""What every request needs: who is signed in, the feed, the database, the city's time."""

import logging
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg

from services.console.feed.feed import Feed
from services.console.feed.liveness import Liveness
from services.console.point_day import Limits
from services.console.sessions import Sessions, Tries
from services.runtime.clock import city_time_ms
from services.runtime.postgres import AWAY, Pool
from services.runtime.queries import queries
from services.runtime.settings import Settings

log = logging.getLogger(__name__)
LONGEST_ACTOR, LONGEST_ACTION = 200, 300


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """One console's."""

    settings: Settings
    pool: Pool
    feed: Feed
    liveness: Liveness
    limits: Limits
    sessions: Sessions = field(default_factory=Sessions)
    tries: Tries = field(default_factory=Tries)

    async def city_ms(self) -> int:
        """The city's time: of the last heartbeat, or else asked for."""
        known = self.liveness.heartbeat.city_ms
        return await city_time_ms(self.settings) if known is None else known

    async def note(self, *, actor: str, action: str, target: str, result: str, reason: str = "") -> None:
        """An audit row of what somebody did or was refused. A failure to write it is an error in our log."""
        row = (actor[:LONGEST_ACTOR], action[:LONGEST_ACTION], target, result, reason, f"console:{uuid4()}")
        try:
            await self.pool.execute(queries(__package__)["audit_insert"], await self.city_ms(), *row)
        except (asyncpg.PostgresError, *AWAY):
            log.exception("audit row not written", extra={"actor": actor, "action": action, "result": result})
