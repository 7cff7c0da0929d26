"""A table of positions with a fault that was planted."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from schemas.outputs import Origin
from services.runtime.following.offsets import OffsetsTable
from services.runtime.postgres import Connection


@dataclass(frozen=True, slots=True)
class OffsetsOutside(OffsetsTable):
    """Stores offsets in a transaction of their own, before what they stand for."""

    @asynccontextmanager
    async def taking(self, connection: Connection, origins: Iterable[Origin]) -> AsyncIterator[None]:
        """Two transactions, where there must be one."""
        async with OffsetsTable.taking(self, connection, origins):
            pass
        async with connection.transaction():
            yield
