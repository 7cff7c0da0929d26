"""Drops what is older than is kept, in whole chunks, by the time of what is stored."""

import logging

from services.runtime.postgres import Connection
from services.runtime.queries import queries

log = logging.getLogger(__name__)

HYPERTABLES = ("aggregates_1m", "alert_transitions", "station_states")


async def drop_old_chunks(connection: Connection, keep_days: int) -> int:
    """Drop chunks that end more than ``keep_days`` before the newest aggregate's chunk begins; how many.

    Aggregates tell the time for all: the engine admits no scan from the future, whereas a transition may
    carry a device's wrong date. The clock of the machine has no say: a city that stood still loses nothing.
    """
    dropped = 0
    for table in HYPERTABLES:
        rows = await connection.fetch(queries(__package__)["chunks_drop"], table, keep_days)
        dropped += len(rows)
    if dropped:
        log.info("recorder: dropped old chunks", extra={"chunks": dropped, "keep_days": keep_days})
    return dropped
