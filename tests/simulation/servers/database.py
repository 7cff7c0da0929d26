"""A database in memory: tables, transactions, locks, connections that break. It knows our statements by text.

What it shares with TimescaleDB is told by ``test_database_contract.py``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from simulation.loop import Process, this_process
from simulation.servers.weather import Calm, Weather

Table = dict[Any, Mapping[str, Any]]
"""Rows by their key."""
Answer = list["Row"] | int | None
"""What a statement gives: rows, or of how many rows it was."""
Statement = Callable[..., Answer]
"""A statement on the tables that a transaction sees, with its arguments."""


class Row(dict[str, Any]):
    """A row, by name as by order: it iterates over its values, as asyncpg's does."""

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(self.values())


@dataclass(slots=True)
class Work:
    """What a transaction sees and has changed: nothing of it is anybody else's until it commits."""

    committed: dict[str, Table]
    changed: dict[str, Table] = field(default_factory=dict)
    temporary: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    connection: "MemoryConnection | None" = None

    def table(self, name: str) -> Table:
        """A table, to be read and changed; rows are replaced, never altered."""
        if name not in self.changed:
            self.changed[name] = dict(self.committed.get(name, {}))
        return self.changed[name]

    def incoming(self, name: str) -> list[tuple[Any, ...]]:
        """A temporary table, which is empty again after each transaction."""
        return self.temporary.setdefault(name, [])


class MemoryDatabase:
    """A server. One transaction at a time writes; the others wait."""

    def __init__(self, statements: Mapping[str, Statement], weather: Weather | None = None) -> None:
        self.statements, self.weather = statements, weather or Calm()
        self.tables: dict[str, Table] = {}
        self.named_locks: dict[str, MemoryConnection] = {}
        self.holder: MemoryConnection | None = None
        self._waiting: list[asyncio.Future[None]] = []

    async def connect(self, *_: Any, **__: Any) -> "MemoryConnection":
        """A connection, which breaks when its process ends."""
        connection = MemoryConnection(self, this_process())
        await connection.asked()
        return connection

    def create_pool(self, *_: Any, **__: Any) -> "MemoryPool":
        """A pool."""
        return MemoryPool(self)

    async def hold(self, connection: "MemoryConnection") -> None:
        """Become the one that writes."""
        while self.holder is not None:
            freed = asyncio.get_running_loop().create_future()
            self._waiting.append(freed)
            await freed
            connection.ensure_open()
        self.holder = connection

    def free(self, connection: "MemoryConnection") -> None:
        """Let others write."""
        if self.holder is connection:
            self.holder = None
            waiting, self._waiting = self._waiting, []
            for one in waiting:
                if not one.done():
                    one.set_result(None)


class MemoryConnection:
    """Of asyncpg's connection what our code uses."""

    def __init__(self, database: MemoryDatabase, process: Process | None) -> None:
        self._database, self._process = database, process
        self._is_open = True
        self._work: Work | None = None
        if process is not None:
            process.on_end.append(self.terminate)

    async def set_type_codec(self, *_: Any, **__: Any) -> None:
        """Values are Python's here."""

    async def execute(self, query: str, *arguments: Any) -> str:
        """Run a statement; how many rows it was of."""
        answer = await self._run(query, [arguments])
        return f"DONE {answer if isinstance(answer, int) else 0}"

    async def executemany(self, query: str, rows: Iterable[Any]) -> None:
        """Run a statement once for each."""
        await self._run(query, [tuple(row) for row in rows])

    async def fetch(self, query: str, *arguments: Any) -> list[Row]:
        """The rows that a statement gives."""
        answer = await self._run(query, [arguments])
        assert isinstance(answer, list), query
        return answer

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """The first value of its first row."""
        rows = await self.fetch(query, *arguments)
        return next(iter(rows[0])) if rows else None

    async def copy_records_to_table(self, name: str, *, records: Iterable[Any]) -> None:
        """Rows into a temporary table."""
        assert self._work is not None, "temporary tables are of a transaction"
        await self.asked()
        self._work.incoming(name).extend(tuple(record) for record in records)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All of it, or nothing."""
        assert self._work is None, "transactions are not nested here"
        await self.asked()
        await self._database.hold(self)
        self._work = Work(self._database.tables, connection=self)
        try:
            yield
            await self.asked()
            self._commit()
        finally:
            self._work = None
            self._database.free(self)
        await self._answered()

    def terminate(self) -> None:
        """The connection ends: what it had begun is undone, what it held is free."""
        self._is_open, self._work = False, None
        locks = self._database.named_locks
        for name in [name for name, holder in locks.items() if holder is self]:
            del locks[name]
        self._database.free(self)

    async def close(self) -> None:
        """The same, politely."""
        self.terminate()

    def ensure_open(self) -> None:
        """Check that the connection lives.

        Raises:
            asyncpg.InterfaceError: it does not.
        """
        if not self._is_open:
            raise asyncpg.InterfaceError("connection is closed")

    async def asked(self) -> None:
        """The way to the server."""
        self.ensure_open()
        await self._database.weather.pause()
        self._strike()

    async def _answered(self) -> None:
        """The way back."""
        await self._database.weather.pause()
        self._strike()

    def _strike(self) -> None:
        try:
            self._database.weather.strike()
        except Exception:
            self.terminate()
            raise

    async def _run(self, query: str, rows: list[tuple[Any, ...]]) -> Answer:
        await self.asked()
        if self._work is not None:
            answer = self._steps(self._work, query, rows)
        else:
            await self._database.hold(self)
            self._work = Work(self._database.tables, connection=self)
            try:
                answer = self._steps(self._work, query, rows)
                self._commit()
            finally:
                self._work = None
                self._database.free(self)
        await self._answered()
        return answer

    def _steps(self, work: Work, query: str, rows: list[tuple[Any, ...]]) -> Answer:
        statement = self._database.statements[query]
        answer: Answer = None
        for row in rows:
            answer = statement(work, *row)
        return answer

    def _commit(self) -> None:
        self.ensure_open()
        assert self._work is not None
        self._database.tables |= self._work.changed
        self._database.weather.written(self._process)


class MemoryPool:
    """Connections for a while each."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    async def __aenter__(self) -> "MemoryPool":
        await (await self._database.connect()).close()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is kept."""

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[MemoryConnection]:
        """A connection."""
        connection = await self._database.connect()
        try:
            yield connection
        finally:
            connection.terminate()

    async def fetch(self, query: str, *arguments: Any) -> list[Row]:
        """The rows that a statement gives."""
        async with self.acquire() as connection:
            return await connection.fetch(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """The first value of its first row."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *arguments)

    async def execute(self, query: str, *arguments: Any) -> str:
        """Run a statement."""
        async with self.acquire() as connection:
            return await connection.execute(query, *arguments)
