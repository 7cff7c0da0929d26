"""Stores what needs one query: outcomes, station states, inspections, findings, rejects, what is judged."""

from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from typing import Any

from schemas.alerts import Judged
from schemas.base import MIN_TIME_MS
from schemas.outcomes import Finding
from schemas.outputs import Output, headers_kept, place
from services.runtime.postgres import Connection
from services.runtime.queries import queries

Sink = Callable[[Connection, Sequence[Output]], Awaitable[None]]
"""Stores outputs of one kind; the caller has a transaction."""
MAX_ORIGINAL_BYTES = 64 * 1024
SOURCE = "recorder"
"""Of what the monitor wrote and we cannot take."""


def _storing(query: str, columns: Callable[[Output], tuple[Any, ...]]) -> Sink:
    async def store(connection: Connection, outputs: Sequence[Output]) -> None:
        await connection.executemany(queries(__package__)[query], [columns(output) for output in outputs])

    return store


def _columns(*names: str) -> Callable[[Output], tuple[Any, ...]]:
    """Fields of what the record says, and behind them its id."""
    return attrgetter(*(f"body.{name}" for name in names), "origin.ce_id")


def _finding(output: Output) -> tuple[Any, ...]:
    """What is found before a partition has a time is as old as its record: else it would be pruned."""
    finding = output.body
    assert isinstance(finding, Finding)
    at = finding.at if finding.at > MIN_TIME_MS else output.origin.appended_at
    target = finding.station or f"events {finding.partition}:{finding.offset}"
    return at, "monitor", finding.kind, target, "noted", finding.detail, None, output.origin.ce_id


def _original(output: Output) -> tuple[Any, ...]:
    value = output.record.value or b""
    return headers_kept(output.record), value[:MAX_ORIGINAL_BYTES], len(value)


_reject = attrgetter(
    *("body.ce_id", "body.rejected_at", "body.source", "body.station", "body.reason", "body.detail"),
    *("body.topic", "body.partition", "body.offset"),
)
_refusal = attrgetter("body.reason", "body.detail", "origin.topic", "origin.partition", "origin.offset")


def _rejection(output: Output) -> tuple[Any, ...]:
    origin = output.origin
    return place(origin), origin.appended_at, SOURCE, None, *_refusal(output), *_original(output)


store_commands = _storing(
    "audit_insert", _columns("at", "actor", "name", "target", "result", "reason", "command_id")
)
"""Each command's outcome is a row of the audit."""
store_findings = _storing("audit_insert", _finding)
"""A finding is a row of the audit, too: actor ``monitor``, result ``noted``."""
store_states = _storing(
    "station_state_insert",
    _columns("at", "station", "system", "town_code", "state", "silent_points", "points", "sources"),
)
"""Each change of a station's state is a row."""
store_inspections = _storing(
    "inspection_insert",
    _columns(
        *("inspection_id", "station", "system", "town_code", "kind", "point", "at", "taken_at"),
        *("inspector", "grade", "defect", "note", "nature"),
    ),
)
"""Each inspection is a row, as it was taken first."""
store_rejects = _storing("reject_insert", lambda output: (*_reject(output), *_original(output)))
"""A row for each record of the topic ``rejects``."""
store_rejections = _storing("reject_insert", _rejection)
"""A row for each record of ours that cannot be read or stored."""


async def store_judged(connection: Connection, outputs: Sequence[Output]) -> None:
    """Keep what was said last of each partition."""
    last: dict[int, tuple[int | None, ...]] = {}
    for output in outputs:
        judged = output.body
        assert isinstance(judged, Judged)
        for one in judged.partitions:
            until = judged.clock_of(one) or None
            told = one.partition, until, one.records, one.behind_ms, output.origin.appended_at
            last[one.partition] = told
    await connection.executemany(queries(__package__)["judged_upsert"], list(last.values()))
