"""Parts of a minute merge exactly once, in whatever order and cut they come."""

import asyncio
import os
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.namespaces import new_namespace
from support.output_records import BUCKET, MINUTE, Output, Outputs, part

from schemas.outputs import decode
from schemas.topics import partition_of
from services.recorder.aggregates import forget_parts
from services.recorder.schema import migrate
from services.recorder.store import prepare, store_bisecting
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

Figures = tuple[int, int, float, float | None, float | None, float | None, int]
HOUR = 60 * MINUTE


async def store(connection: Connection, records: Sequence[Output]) -> None:
    await store_bisecting(connection, [decode(record) for record in records])


async def figures(connection: Connection) -> list[tuple[object, ...]]:
    rows = await connection.fetch(
        "SELECT station_id, point, bucket, n, n_good, sum, min, max, last, revision FROM aggregates_1m"
        " ORDER BY station_id, point, bucket"
    )
    return [tuple(row) for row in rows]


Given = tuple[int, list[int]]
VALUES = st.lists(st.integers(-50, 50), max_size=4)
PARTS = st.lists(st.tuples(st.integers(0, 2), VALUES), min_size=1, max_size=8)
FEW = st.integers(0, 8)


@settings(max_examples=25, deadline=None)
@given(given=PARTS, order=st.randoms(use_true_random=False), cuts=FEW, repeats=FEW)
def test_order_cut_and_repeats_do_not_matter(
    given: list[Given], order: object, cuts: int, repeats: int
) -> None:
    """Any order, any batches, any repeats: each minute is the merge of its parts, once each."""
    asyncio.run(_check(given, order, cuts, repeats))


async def _check(given: list[Given], order: object, cuts: int, repeats: int) -> None:
    namespace = new_namespace()
    connection = await connect(
        Settings(namespace=namespace, clock="log", database_url=os.environ["MIYUN_DATABASE_URL"])
    )
    try:
        await migrate(connection, namespace)
        await prepare(connection)
        chosen = list(enumerate(given))
        order.shuffle(chosen)  # type: ignore[attr-defined]  # a seeded random.Random
        outputs = Outputs(namespace)
        records = [_record(outputs, number, one) for number, one in chosen]
        records += [outputs.again(record) for record in records[:repeats]]
        cut = min(cuts, len(records))
        for batch in (records[:cut], records[cut:]):
            if batch:
                await store(connection, batch)
        assert await figures(connection) == expected(given)
        await connection.execute(f'DROP SCHEMA "{namespace}" CASCADE')
    finally:
        await connection.close()


def _record(outputs: Outputs, number: int, one: Given) -> Output:
    minute, values = one
    bucket = BUCKET + minute * MINUTE
    return outputs.minute("s", bucket, {"p": part(*map(float, values), at=bucket + number * 5_000)}, number)


def expected(given: list[Given]) -> list[tuple[object, ...]]:
    """The merge, written down plainly."""
    from datetime import UTC, datetime

    rows: list[tuple[object, ...]] = []
    for minute in sorted({minute for minute, _ in given}):
        lists = [values for m, values in given if m == minute]
        good = [float(v) for values in lists for v in values]
        last = next((float(values[-1]) for values in reversed(lists) if values), None)
        n = sum(max(1, len(values)) for values in lists)
        bucket = datetime.fromtimestamp((BUCKET + minute * MINUTE) / 1000, UTC)
        least, most = (min(good), max(good)) if good else (None, None)
        rows.append(("s", "p", bucket, n, len(good), sum(good), least, most, last, len(lists)))
    return rows


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


async def test_repeats_after_parts_are_forgotten_change_nothing(
    database: Connection, outputs: Outputs
) -> None:
    """A replay passes hours of the log within one checkpoint: what the monitor then sends again is known,

    although the parts are gone, and a late part that is new still merges into its minute.
    """
    hours = [
        outputs.minute("s", BUCKET + n * HOUR, {"p": part(1.0 * n, at=BUCKET + n * HOUR)}, 10 * n)
        for n in range(1, 7)
    ]
    await store(database, hours)
    once = await figures(database)
    assert await forget_parts(database) > 0
    assert await database.fetchval("SELECT count(*) FROM aggregate_parts") < len(hours)
    await store(database, [outputs.again(record) for record in hours])
    assert await figures(database) == once
    late = outputs.minute("s", BUCKET + HOUR, {"p": part(9.0, at=BUCKET + HOUR + 5)}, 70)
    await store(database, [late])
    await forget_parts(database)
    await store(database, [outputs.again(late)])
    row = await database.fetchrow("SELECT n, max, revision FROM aggregates_1m ORDER BY bucket LIMIT 1")
    assert row is not None
    assert tuple(row) == (2, 9.0, 2)


async def test_partitions_forget_on_their_own(database: Connection, outputs: Outputs) -> None:
    """A partition whose stations report little keeps its parts, however far another has come."""
    quiet = outputs.minute("gas-2", BUCKET, {"p": part(1)}, 3)
    busy = [outputs.minute("s", BUCKET + n * HOUR, {"p": part(n)}, n) for n in range(1, 9)]
    assert quiet.partition != busy[0].partition
    await store(database, [quiet, *busy])
    await forget_parts(database)
    kept = await database.fetch('SELECT station_id, "offset" FROM aggregate_parts ORDER BY 1, 2')
    assert [tuple(row) for row in kept] == [("gas-2", 3), ("s", 6), ("s", 7), ("s", 8)]
    assert all(a <= b for a, b in pairwise(kept))


async def test_sums_do_not_depend_on_batches(database: Connection, outputs: Outputs, fresh: Settings) -> None:
    """Floating point: one by one or in one batch, the sum is the same to the last bit."""
    values = [0.1, 0.7, 1e16, 0.3, -1e16, 0.2]
    records = [outputs.minute("s", BUCKET, {"p": part(v)}, n) for n, v in enumerate(values)]
    for record in records:
        await store(database, [record])
    single = await database.fetchval("SELECT sum FROM aggregates_1m")
    for table in ("aggregates_1m", "aggregate_parts", "consumer_offsets"):
        await database.execute(f"TRUNCATE {table}")
    await store(database, records)
    assert await database.fetchval("SELECT sum FROM aggregates_1m") == single


async def test_one_tick_closes_minutes_of_several_stations(database: Connection, outputs: Outputs) -> None:
    """Parts of one event are told apart by station and minute: all merge, and none of them twice."""
    stations = ["s", next(f"t-{n}" for n in range(99) if partition_of(f"t-{n}") == partition_of("s"))]
    records = [
        outputs.minute(station, BUCKET + n * MINUTE, {"p": part(1), "q": part(2)}, 7)
        for station in stations
        for n in range(2)
    ]
    await store(database, records)
    await store(database, [outputs.again(record) for record in records])
    rows = await figures(database)
    assert len(rows) == 8
    assert {row[-1] for row in rows} == {1}
