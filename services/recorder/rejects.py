"""Stores what could not be taken: by the monitor, or by us."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from schemas.outputs import Output, headers_kept, place
from services.runtime.postgres import Connection
from services.runtime.queries import queries

MAX_ORIGINAL_BYTES = 64 * 1024
SOURCE = "recorder"
"""Of what the monitor wrote and we cannot take."""
PLACE = attrgetter("topic", "partition", "offset")
WHY = attrgetter("body.reason", "body.detail")
Row = tuple[Any, ...]


async def _store(why: Callable[[Output], Row], connection: Connection, outputs: Sequence[Output]) -> None:
    rows = []
    for output in outputs:
        *told, ce_id = why(output)
        value = output.record.value or b""
        original = headers_kept(output.record), value[:MAX_ORIGINAL_BYTES], len(value)
        rows.append((*told, *original, ce_id))
    await connection.executemany(queries(__package__)["reject_insert"], rows)


def _ours(output: Output) -> Row:
    origin = output.origin
    return origin.appended_at, SOURCE, None, *WHY(output), *PLACE(origin), place(origin)


store_rejects = partial(
    _store,
    attrgetter(
        *("body.rejected_at", "body.source", "body.station", "body.reason", "body.detail"),
        *("body.topic", "body.partition", "body.offset", "body.ce_id"),
    ),
)
"""A row for each record of the topic ``rejects``."""
store_rejections = partial(_store, _ours)
"""A row for each record of ours that cannot be read or stored."""
