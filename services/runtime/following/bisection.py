"""One record that the database refuses takes nothing else with it."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from schemas.outputs import Output
from schemas.rejects import MAX_DETAIL, Rejection, RejectReason

DATA_CLASSES = frozenset({"22", "23", "54"})
"""SQLSTATE classes that are the row's fault: data, integrity, limits such as an index entry's size."""
Take = Callable[[Sequence[Output]], Awaitable[None]]


def is_data_error(error: Exception) -> bool:
    """Tells if a row is to blame: also for what the driver cannot encode: numbers, times, text."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in DATA_CLASSES
    return isinstance(error, (ValueError, OverflowError))


async def take_bisecting(take: Take, outputs: Sequence[Output]) -> list[Output]:
    """Take a batch in a transaction; on a data error halve it until the bad record stands alone.

    Returns:
        What was taken: the outputs, or for a bad one a rejection in its place.

    Raises:
        Exception: whatever is not a record's fault; a part of the batch may be taken then, with its offsets.
    """
    try:
        await take(outputs)
        return list(outputs)
    except Exception as error:
        if not is_data_error(error):
            raise
        detail = _words(error)
    if len(outputs) == 1:
        rejection = Rejection(reason=RejectReason.DATA_ERROR, detail=detail)
        refused = Output(outputs[0].origin, rejection, outputs[0].record)
        await take([refused])
        return [refused]
    middle = len(outputs) // 2
    first = await take_bisecting(take, outputs[:middle])
    return first + await take_bisecting(take, outputs[middle:])


def _words(error: Exception) -> str:
    name = error.sqlstate if isinstance(error, asyncpg.PostgresError) else f"{type(error).__name__}:"
    return f"{name} {error}".replace("\x00", "\\0")[:MAX_DETAIL]
