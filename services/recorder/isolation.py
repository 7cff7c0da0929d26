"""Stores what can be stored: one bad row takes nothing else with it."""

from collections.abc import Sequence

import asyncpg

from services.recorder.entries import Entry, refused
from services.recorder.store import store_batch
from services.runtime.postgres import Connection

DATA_CLASSES = frozenset({"22", "23", "54"})
"""SQLSTATE classes that are the row's fault: data, integrity, limits such as an index entry's size."""


def is_data_error(error: Exception) -> bool:
    """Whether a row is to blame. Also what the driver cannot encode: numbers, times, text."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in DATA_CLASSES
    return isinstance(error, (ValueError, OverflowError))


async def store_isolating(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Store a batch; on a data error halve it until the bad row stands alone, which goes to ``rejects``.

    Returns:
        What was stored: the entries, or for a bad one the reject in its place.

    Raises:
        Exception: whatever is not a row's fault; a part of the batch may be stored then, with its offsets.
    """
    try:
        await store_batch(connection, entries)
        return list(entries)
    except Exception as error:
        if not is_data_error(error):
            raise
        reason = _words(error)
    if len(entries) == 1:
        reject = refused(entries[0], reason)
        await store_batch(connection, [reject])
        return [reject]
    middle = len(entries) // 2
    first = await store_isolating(connection, entries[:middle])
    return first + await store_isolating(connection, entries[middle:])


def _words(error: Exception) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return f"{error.sqlstate} {error}"
    return f"{type(error).__name__}: {error}"
