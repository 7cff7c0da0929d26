"""A census closes the alerts that the monitor does not know, and no other."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.output_records import Output, Outputs
from support.shown_alerts import AT, alert

from schemas.outputs import decode
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

AT_CENSUS = AT + 3_600_000


async def store(connection: Connection, records: Sequence[Output]) -> None:
    await store_bisecting(connection, [decode(record) for record in records])


async def closed(connection: Connection) -> set[str]:
    rows = await connection.fetch("SELECT alert_id FROM alerts WHERE closed_at IS NOT NULL")
    return {row["alert_id"] for row in rows}


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


async def test_only_orphans_are_closed(database: Connection, outputs: Outputs) -> None:
    """Listed, younger than the census, of another partition: they stay open."""
    elsewhere = replace(alert("elsewhere"), src_partition=4)
    await store(
        database,
        [
            outputs.alert(alert("orphan"), offset=50),
            outputs.alert(alert("at-the-edge"), offset=100),
            outputs.alert(alert("listed"), offset=50),
            outputs.alert(alert("younger"), offset=101),
            outputs.alert(elsewhere, offset=50),
        ],
    )
    await store(database, [outputs.census(3, 100, AT_CENSUS, ["listed"])])
    assert await closed(database) == {"orphan", "at-the-edge"}


async def test_closing_leaves_its_traces(database: Connection, outputs: Outputs) -> None:
    """State A at the census' time, a transition ``orphaned`` with the seq as it was, a row of the audit."""
    await store(database, [outputs.alert(alert("orphan", seq=4), offset=50)])
    await store(database, [outputs.census(3, 100, AT_CENSUS, [])])
    row = await database.fetchrow("SELECT state, seq, closed_at FROM alerts")
    assert row is not None
    assert (row["state"], row["seq"], row["closed_at"].timestamp() * 1000) == ("A", 4, AT_CENSUS)
    last = await database.fetchrow("SELECT * FROM alert_transitions ORDER BY at DESC LIMIT 1")
    assert last is not None
    assert (last["reason"], last["seq"], last["from_state"], last["to_state"]) == ("orphaned", 4, "B", "A")
    noted = await database.fetchrow("SELECT actor, action, target, result, reason FROM audit")
    assert noted is not None
    assert tuple(noted) == ("recorder", "close_alert", "orphan", "applied", "orphaned")


async def test_later_snapshot_wins_over_the_census(database: Connection, outputs: Outputs) -> None:
    """An alert that the monitor does know after all comes back with its next seq; a repeat does nothing."""
    first = outputs.alert(alert("orphan", seq=4), offset=50)
    await store(database, [first, outputs.census(3, 100, AT_CENSUS, [])])
    await store(database, [outputs.again(first)])
    assert await closed(database) == {"orphan"}
    await store(database, [outputs.alert(alert("orphan", seq=5), offset=120)])
    assert await closed(database) == set()


async def test_repeated_census_changes_nothing(database: Connection, outputs: Outputs) -> None:
    """What is closed stays closed as it was: one transition, one row of the audit."""
    await store(database, [outputs.alert(alert("orphan"), offset=50)])
    census = outputs.census(3, 100, AT_CENSUS, [])
    await store(database, [census])
    await store(database, [outputs.again(census), outputs.census(3, 200, AT_CENSUS + 1, [])])
    assert await database.fetchval("SELECT count(*) FROM alert_transitions WHERE reason = 'orphaned'") == 1
    assert await database.fetchval("SELECT count(*) FROM audit") == 1


async def test_alerts_of_another_log_are_orphans(database: Connection, outputs: Outputs) -> None:
    """Offsets of two logs cannot be compared: what another log left open is closed."""
    old = Outputs(outputs.namespace, epoch="00000000-0000-4000-8000-00000000000f", ends=outputs.ends)
    await store(database, [old.alert(alert("of-the-old-log"), offset=90_000)])
    await store(database, [outputs.census(3, 100, AT_CENSUS, [])])
    assert await closed(database) == {"of-the-old-log"}


async def test_census_in_the_batch_of_its_alerts(database: Connection, outputs: Outputs) -> None:
    """Read together or one by one, the outcome is the same."""
    await store(
        database,
        [
            outputs.alert(alert("orphan"), offset=50),
            outputs.census(3, 100, AT_CENSUS, []),
            outputs.alert(alert("younger"), offset=101),
        ],
    )
    assert await closed(database) == {"orphan"}
