"""Stores what could not be taken."""

from collections.abc import Sequence

from services.recorder.entries import Entry, Reject
from services.recorder.statements import statement
from services.runtime.postgres import Connection


async def store_rejects(connection: Connection, entries: Sequence[Entry]) -> None:
    """A row each."""
    rejects = [entry.body for entry in entries if isinstance(entry.body, Reject)]
    rows = [
        (
            reject.rejected_at,
            reject.source,
            reject.station,
            reject.reason,
            reject.detail,
            reject.topic,
            reject.partition,
            reject.offset,
            reject.headers,
            reject.original,
            reject.original_bytes,
            reject.ce_id,
        )
        for reject in rejects
    ]
    await connection.executemany(statement("reject_insert"), rows)
