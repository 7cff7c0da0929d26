"""Drops and deletes what is older than is kept, a step at a time, by the time of what is stored.

**What time it is (decision).** Aggregates tell it for all tables, and by a high quantile: the newest
hundredth of what is stored does not count (of a small store the newest tenth, at most a thousand rows). A
device, or a record, of 2099 brings a few minutes and drops nothing; the machine's clock has no say, so a city
that stood still loses nothing. And whatever went wrong, a run takes one chunk of a series at most: a person
has time.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

HYPERTABLES = ("aggregates_1m", "alert_transitions", "station_states")
STEP_ROWS = 2_000
SMALL_BYTES = 16 * 1024 * 1024
"""A table up to this size is counted; of a larger one the sizes of its chunks tell enough."""
ROW_BYTES = 128
SHARE, SMALL_SHARE, SMALL_ROWS = 0.01, 0.1, 1_000
MOST_REJECTS, MOST_AUDIT_ROWS = 100_000, 1_000_000
PLANS_KEPT = 10
"""The newest plans, and the newest that are not complete: they may be about to be used."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How a table is kept small: rows older than ``days``, and all but the newest ``most`` rows, go.

    ``prune`` and ``cut`` name the queries that delete them.
    """

    table: str
    days: Callable[[Settings], int]
    prune: str
    most: int | None = None
    cut: str = ""


BOUNDS = (
    Bound("rejects", lambda it: it.rejects_keep_days, "rejects_prune", MOST_REJECTS, "rejects_cut"),
    Bound("audit", lambda it: it.audit_keep_days, "audit_prune", MOST_AUDIT_ROWS, "audit_cut"),
    Bound("alerts", lambda it: it.alerts_keep_days, "alerts_prune"),
    Bound("inspections", lambda it: it.inspections_keep_days, "inspections_prune"),
)


def newest_day(days: Iterable[tuple[datetime, float]]) -> datetime | None:
    """The day that it is, by how many rows are stored of each; None: nothing is stored."""
    newest_first = sorted(days, reverse=True)
    total = sum(rows for _, rows in newest_first)
    odd = max(SHARE * total, min(SMALL_SHARE * total, SMALL_ROWS))
    seen = 0.0
    for day, rows in newest_first:
        seen += rows
        if seen > odd:
            return day
    return None


async def stored_day(connection: Connection) -> datetime | None:
    """The day that it is in the city, as far as aggregates are stored."""
    chunks = await connection.fetch(queries(__package__)["chunks_of"], "aggregates_1m")
    if sum(row["bytes"] for row in chunks) > SMALL_BYTES:
        return newest_day((row["range_start"], row["bytes"] / ROW_BYTES) for row in chunks)
    return newest_day((row["day"], row["rows"]) for row in await connection.fetch(_named("rows_by_day")))


async def drop_old_chunks(connection: Connection, keep_days: int) -> int:
    """Drop of each series the oldest chunk, if it ended more than ``keep_days`` ago; how many."""
    today = await stored_day(connection)
    if today is None:
        return 0
    dropped = 0
    for table in HYPERTABLES:
        rows = await connection.fetch(_named("chunks_of"), table)
        oldest = rows[0]["range_end"] if rows else None
        if oldest is not None and oldest <= today - timedelta(days=keep_days):
            dropped += len(await connection.fetch(_named("chunks_drop"), table, oldest))
    if dropped:
        log.info("recorder: dropped old chunks", extra={"chunks": dropped, "keep_days": keep_days})
    return dropped


async def prune(connection: Connection, settings: Settings) -> bool:
    """Delete a step of each table's old rows; true: there is more to delete."""
    today = await stored_day(connection)
    deleted = {bound.table: await _prune(connection, bound, settings, today) for bound in BOUNDS}
    deleted["plans"] = _rows(await connection.execute(_named("plans_prune"), PLANS_KEPT))
    deleted["plan_parts"] = _rows(await connection.execute(_named("plan_parts_prune"), PLANS_KEPT))
    if any(deleted.values()):
        log.info("recorder: deleted old rows", extra={table: rows for table, rows in deleted.items() if rows})
    return max(deleted.values()) >= STEP_ROWS


async def _prune(connection: Connection, bound: Bound, settings: Settings, today: datetime | None) -> int:
    deleted = 0
    if today is not None:
        before = today - timedelta(days=bound.days(settings))
        deleted += _rows(await connection.execute(_named(bound.prune), before, STEP_ROWS))
    if bound.most is not None:
        deleted += _rows(await connection.execute(_named(bound.cut), bound.most, STEP_ROWS))
    return deleted


def _named(query: str) -> str:
    return queries(__package__)[query]


def _rows(status: str) -> int:
    """How many rows a statement says that it changed."""
    return int(status.rpartition(" ")[2])
