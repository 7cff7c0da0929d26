"""Stores what could not be taken: by the monitor, or by us."""

from collections.abc import Sequence
from typing import Any

from schemas.outputs import Output, headers_kept, place
from schemas.rejects import Reject, Rejection
from services.recorder.statements import statement
from services.runtime.postgres import Connection

MAX_ORIGINAL_BYTES = 64 * 1024
SOURCE = "recorder"
"""Of what the monitor wrote and we cannot take."""
Row = tuple[Any, ...]


async def store_rejects(connection: Connection, outputs: Sequence[Output]) -> None:
    """A row for each record of the topic ``rejects``."""
    await connection.executemany(statement("reject_insert"), [_reject(output) for output in outputs])


async def store_rejections(connection: Connection, outputs: Sequence[Output]) -> None:
    """A row for each record of ours that cannot be read or stored."""
    await connection.executemany(statement("reject_insert"), [_rejection(output) for output in outputs])


def _reject(output: Output) -> Row:
    reject = output.body
    assert isinstance(reject, Reject)
    return (
        reject.rejected_at,
        reject.source,
        reject.station,
        reject.reason,
        reject.detail,
        reject.topic,
        reject.partition,
        reject.offset,
        *_original(output),
        reject.ce_id,
    )


def _rejection(output: Output) -> Row:
    origin, rejection = output.origin, output.body
    assert isinstance(rejection, Rejection)
    return (
        origin.appended_at,
        SOURCE,
        None,
        rejection.reason,
        rejection.detail,
        origin.topic,
        origin.partition,
        origin.offset,
        *_original(output),
        place(origin),
    )


def _original(output: Output) -> Row:
    value = output.record.value or b""
    return headers_kept(output.record), value[:MAX_ORIGINAL_BYTES], len(value)
