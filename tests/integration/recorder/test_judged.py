"""What the monitor's workers say of how far they have judged is kept, the last of each partition."""

from typing import Any

from support.output_records import APPENDED, Outputs, changed
from support.shown_alerts import AT

from schemas.alerts import PartitionJudged
from schemas.outputs import decode
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


async def judged(connection: Connection) -> dict[int, tuple[Any, ...]]:
    """Until when (ms before or after ``AT``), records waiting, how far behind, by partition."""
    rows = await connection.fetch("SELECT *, extract(epoch FROM until) * 1000 AS ms FROM judged")
    return {
        row["partition"]: (
            None if row["ms"] is None else round(row["ms"]) - AT,
            row["waiting"],
            row["behind_ms"],
        )
        for row in rows
    }


async def test_the_last_of_each_partition_is_kept(database: Connection, fresh: Settings) -> None:
    """Of several workers, in one batch or in several; one without a time yet has none."""
    outputs = Outputs(fresh.namespace)
    first = outputs.judged(AT, PartitionJudged(0, 0, 5, 70_000), PartitionJudged(1, 2_000, 0, 0))
    second = outputs.judged(0, PartitionJudged(2, 0, 0, 0))
    third = outputs.judged(AT + 5_000, PartitionJudged(0, 0, 0, 0))
    await store_bisecting(database, [decode(first), decode(second)])
    assert await judged(database) == {0: (0, 5, 70_000), 1: (-2_000, 0, 0), 2: (None, 0, 0)}
    await store_bisecting(database, [decode(third)])
    assert (await judged(database))[0] == (5_000, 0, 0)
    said = await database.fetchval(
        "SELECT extract(epoch FROM said_at) * 1000 FROM judged WHERE partition = 0"
    )
    assert round(said) == APPENDED + 2


async def test_what_was_said_earlier_changes_nothing(database: Connection, fresh: Settings) -> None:
    """Such as by a worker that stood still and goes on: by the broker's clock."""
    outputs = Outputs(fresh.namespace)
    later = outputs.judged(AT + 5_000, PartitionJudged(0, 0, 0, 0))
    earlier = changed(outputs.judged(AT, PartitionJudged(0, 0, 9, 9)), timestamp=APPENDED - 1)
    await store_bisecting(database, [decode(later)])
    await store_bisecting(database, [decode(earlier)])
    assert await judged(database) == {0: (5_000, 0, 0)}
