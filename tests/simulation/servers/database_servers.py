"""Databases with a namespace's tables, for contract suites: the one in memory, or a real one."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from simulation.servers.database import MemoryDatabase, Statement
from simulation.servers.standing_in import database, standing_in
from support.namespaces import new_namespace
from support.stored import schema_of

from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

MEMORY, TIMESCALE = "memory", "timescale"
COLUMNS = {
    "consumer_offsets": ("topic", "partition", "epoch", "next_offset", "last_ce_id", "city_at"),
    "alerts": (
        *("alert_id", "seq", "epoch", "src_partition", "src_offset", "orphaned_at", "closed_at", "raised_at"),
        "snapshot",
    ),
    "alert_transitions": ("alert_id", "seq", "reason", "at", "recorded_at", "event_ref"),
    "aggregates_1m": (
        *("station_id", "point", "bucket", "n", "n_good", "sum", "min", "max", "mean", "last", "last_at"),
        "revision",
    ),
    "aggregate_parts": ("station_id", "bucket", "epoch", "partition", "offset"),
    "plan_activations": ("partition", "plan_id", "at", "actor"),
    "judged": ("partition", "until", "waiting", "behind_ms", "said_at"),
    "audit": ("ce_id",),
    "station_states": ("ce_id",),
    "rejects": ("ce_id",),
}
Contents = dict[str, list[tuple[Any, ...]]]


class Server:
    """A database with the namespace's tables: the fake one, or a real one."""

    def __init__(self, settings: Settings, memory: MemoryDatabase | None) -> None:
        self.settings, self.memory = settings, memory

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        """One more connection."""
        connection = await connect(self.settings)
        try:
            yield connection
        finally:
            connection.terminate()

    async def contents(self, connection: Connection) -> Contents:
        """What the tables hold, in columns that both know, sorted."""
        found: Contents = {}
        for table, columns in COLUMNS.items():
            if self.memory is None:
                names = ", ".join(f'"{column}"' for column in columns)
                rows = [tuple(row) for row in await connection.fetch(f"SELECT {names} FROM {table}")]  # noqa: S608
            else:
                stored = self.memory.tables.get(table, {})
                rows = [_columns(key, row, columns) for key, row in stored.items()]
            found[table] = sorted((tuple(map(_plain, row)) for row in rows), key=repr)
        return found


def _columns(key: Any, row: Any, columns: Sequence[str]) -> tuple[Any, ...]:
    if columns == ("ce_id",):
        return (key[-1] if isinstance(key, tuple) else key,)
    return row["told"] if "told" in row else tuple(row.get(column) for column in columns)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    return str(value) if isinstance(value, str) else value


@asynccontextmanager
async def server_of(kind: str, statements: Mapping[str, Statement]) -> AsyncIterator[Server]:
    """A new one."""
    if kind == MEMORY:
        settings = _settings(namespace="memory", database_url="postgresql://memory")
        memory = MemoryDatabase(statements)
        with standing_in(database(memory)):
            yield Server(settings, memory)
        return
    settings = _settings(namespace=new_namespace(), database_url=os.environ["MIYUN_DATABASE_URL"])
    async with schema_of(settings):
        yield Server(settings, None)


def _settings(**fields: str) -> Settings:
    return Settings(_env_file=None, **fields)  # type: ignore[call-arg,arg-type]
