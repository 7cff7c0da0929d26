"""What the recorder has stored of the alerts, and up to where: read as of one instant."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from schemas.alerts import Alert
from schemas.topics import TopicName
from services.console.feed.feed import CLOSED_KEPT
from services.runtime.following.offsets import OffsetsTable, PartitionName
from services.runtime.following.orphans import Source
from services.runtime.following.positions import Position
from services.runtime.postgres import Connection, Pool
from services.runtime.queries import queries

log = logging.getLogger(__name__)
OFFSETS = OffsetsTable("consumer_offsets")
"""The recorder's: written in the transaction of the rows that they stand for."""
ROWS_AT_ONCE = 500
_alert = msgspec.json.Decoder(Alert)


@dataclass(frozen=True, slots=True)
class StoredAlerts:
    """The open alerts, and those closed lately with their ``seq``, as of the positions on ``alerts``."""

    positions: Mapping[PartitionName, Position] = field(default_factory=dict)
    open: Sequence[tuple[Alert, Source]] = ()
    closed: Mapping[str, int] = field(default_factory=dict)


async def has_tables(pool: Pool) -> bool:
    """Tells if the recorder has made its tables."""
    return bool(await pool.fetchval(queries(__package__)["has_tables"]))


async def stored_alerts(pool: Pool) -> StoredAlerts:
    """Read them from one snapshot of the database, so that the rows are those of the positions."""
    async with (
        pool.acquire() as proxy,
        proxy.transaction(isolation="repeatable_read", readonly=True),
    ):
        connection: Connection = proxy  # type: ignore[assignment]  # it does all that a connection does
        stored = await OFFSETS.stored(connection)
        positions = {name: position for name, position in stored.items() if name[0] is TopicName.ALERTS}
        lately = await connection.fetch(queries(__package__)["alerts_closed_lately"], CLOSED_KEPT)
        closed = {row["alert_id"]: row["seq"] for row in reversed(lately)}
        return StoredAlerts(positions, await _open(connection), closed)


async def _open(connection: Connection) -> list[tuple[Alert, Source]]:
    found = []
    async for row in connection.cursor(queries(__package__)["alerts_open"], prefetch=ROWS_AT_ONCE):
        try:
            alert = _alert.decode(row["snapshot"])
        except msgspec.DecodeError as error:
            log.warning(
                "console: cannot read a stored alert", extra={"alert": row["alert_id"], "reason": error}
            )
        else:
            found.append((alert, Source(row["epoch"], row["src_partition"], row["src_offset"])))
    return found
