"""What the database in memory shares with TimescaleDB: batches, positions and locks give the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest
from simulation.servers.database_servers import MEMORY, TIMESCALE, Server, server_of
from simulation.servers.log import MemoryLog
from simulation.servers.statements import recorder_statements
from simulation.worlds.city import PARTITIONS

from schemas.alerts import Alert, Census
from schemas.outputs import Output, decode
from schemas.topics import TopicName
from services.recorder.aggregates import forget_parts
from services.recorder.store import OFFSETS, prepare, store_batch, store_bisecting, store_entries
from services.runtime.following.offsets import StoredElsewhereError
from services.runtime.following.reader import take_lock
from services.runtime.postgres import Connection


@pytest.fixture(params=[MEMORY, TIMESCALE])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    """The fake, and the real one."""
    async with server_of(request.param, recorder_statements()) as made:
        yield made


@asynccontextmanager
async def _storing(server: Server) -> AsyncIterator[Connection]:
    """One more connection, ready to store."""
    async with server.connected() as connection:
        await prepare(connection)
        yield connection


def batches(outputs: MemoryLog, chance: Random) -> list[list[Output]]:
    """The outputs in batches of any size, each partition's in order."""
    waiting = [[slot.record for slot in it.slots] for it in outputs.partitions.values() if it.slots]
    found = []
    while waiting:
        batch: list[Output] = []
        for _ in range(chance.randint(1, 5)):
            records = chance.choice(waiting)
            size = chance.randint(1, 40)
            batch += [decode(record) for record in records[:size] if record is not None]
            del records[:size]
            waiting = [it for it in waiting if it]
            if not waiting:
                break
        found.append(batch)
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_the_same_batches_make_the_same_tables(outputs: MemoryLog, seed: int) -> None:
    """Alerts, transitions, minutes, censuses, outcomes, rejects, positions: all that a monitor says."""
    found = []
    for kind in (MEMORY, TIMESCALE):
        chance = Random(seed)
        async with server_of(kind, recorder_statements()) as server, _storing(server) as connection:
            for batch in batches(outputs, chance):
                await store_bisecting(connection, batch)
                if chance.random() < 0.1:
                    await forget_parts(connection)
            await _orphan_all(connection, outputs)
            found.append(await server.contents(connection))
    memory, timescale = found
    assert all(timescale.values()), "every kind is there"
    assert any("orphaned" in row for row in timescale["alert_transitions"])
    assert memory == timescale


async def _orphan_all(connection: Connection, outputs: MemoryLog) -> None:
    """Censuses that know no alert."""
    records = [slot.record for it in outputs.partitions.values() for slot in it.slots if slot.record]
    some = next(it for it in map(decode, records) if isinstance(it.body, Alert))
    at = some.body.raised_at
    censuses = [Census(partition=number, offset=10**9, at=at, open_alerts=()) for number in PARTITIONS]
    async with connection.transaction():
        await store_entries(connection, [Output(some.origin, it, some.record) for it in censuses])


async def test_a_transaction_that_fails_leaves_nothing(server: Server, outputs: MemoryLog) -> None:
    """Neither rows nor positions; what follows it is stored as if it had not been."""
    first, *_ = batches(outputs, Random(1))
    async with _storing(server) as connection:
        before = await server.contents(connection)
        with suppress(ZeroDivisionError):
            async with OFFSETS.taking(connection, [output.origin for output in first]):
                raise ZeroDivisionError
        assert await server.contents(connection) == before
        await store_batch(connection, first)
        assert (await server.contents(connection))["consumer_offsets"]


async def test_what_is_not_committed_is_nobody_elses(server: Server, outputs: MemoryLog) -> None:
    """And is gone with its connection."""
    first, *_ = batches(outputs, Random(1))
    async with _storing(server) as connection, server.connected() as other:
        async with OFFSETS.taking(connection, [output.origin for output in first]):
            assert await _seen_by(server, other) == {}
        assert await OFFSETS.stored(other) != {}


async def _seen_by(server: Server, other: Connection) -> object:
    """What another connection sees; the fake lets it wait instead, so its committed tables are looked at."""
    return await OFFSETS.stored(other) if server.memory is None else server.memory.tables


async def test_what_is_stored_is_not_stored_again(server: Server, outputs: MemoryLog) -> None:
    """By whomever; the offsets say so."""
    first, *_ = batches(outputs, Random(1))
    async with _storing(server) as connection:
        await store_batch(connection, first)
        stored = await server.contents(connection)
        with pytest.raises(StoredElsewhereError):
            await store_batch(connection, first)
        assert await server.contents(connection) == stored


async def test_offsets_without_a_record_are_passed_over(server: Server) -> None:
    """Never back."""
    place = TopicName.ALERTS, 0
    async with _storing(server) as connection:
        for given, expected in ((5, 5), (3, 5), (9, 9)):
            await OFFSETS.pass_over(connection, {place: given})
            assert (await OFFSETS.stored(connection))[place].next == expected


async def test_a_named_lock_is_one_connections(server: Server) -> None:
    """As long as that lives."""
    name = server.settings.namespace
    async with server.connected() as other:
        async with _storing(server) as connection:
            assert await take_lock(connection, name, "recorder")
            assert not await take_lock(other, name, "recorder")
            assert await take_lock(other, name, "notifier")
        for _ in range(100):
            if await take_lock(other, name, "recorder"):
                return
            await other.execute("SELECT 1")
    pytest.fail("the lock outlives its connection")
