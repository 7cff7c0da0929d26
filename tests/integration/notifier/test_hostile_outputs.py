"""What nobody can read, or the database refuses, costs nothing but itself: people go on being told."""

from pathlib import Path

import pytest
from support.hostile_outputs import hostile_alerts
from support.notifier_city import caught, fetched, process, raised, text_of, until_ready
from support.output_records import Outputs
from support.recorder_process import send, until

from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics", "catcher")


async def test_hostile_alerts_silence_nobody(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """A message of the alert before them, and of the one behind; each is counted and named in the log."""
    outputs = Outputs(settings.namespace)
    hostile = [record for _, record in hostile_alerts(outputs)]
    await send(settings, [outputs.alert(raised(1)), *hostile, outputs.alert(raised(2))])
    for start in (1, 2):
        with process(settings, notifier_log, "notifier", "run") as running:
            await until_ready(settings.notifier_port)
            await until(lambda: len(caught(settings)) == 8, within_s=30, what="eight messages")
            assert running.runs
            health = fetched(f"http://127.0.0.1:{settings.notifier_port}/readyz")
        assert health["unreadable"] == ({"alerts": len(hostile)} if start == 1 else {}), "read once"
    said = text_of(notifier_log)
    assert "notifier: cannot read a record topic=alerts partition=" in said
    assert "Traceback" not in said
    assert await database.fetchval("SELECT count(*) FROM outbox") == 8


async def test_a_record_that_the_database_refuses_stands_alone(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """In the middle of a batch; its neighbours are queued, its offset is passed."""
    await database.execute("ALTER TABLE outbox ADD CHECK (alert_id NOT LIKE '00000007%')")
    outputs = Outputs(settings.namespace)
    await send(settings, [outputs.alert(raised(n)) for n in range(1, 14)])
    with process(settings, notifier_log, "notifier", "run") as running:
        await until_ready(settings.notifier_port)
        await until(lambda: len(caught(settings)) == 48, within_s=30, what="twelve alerts told")
        assert running.runs
        health = fetched(f"http://127.0.0.1:{settings.notifier_port}/readyz")
    assert health["unreadable"] == {"alerts": 1}
    assert "reason=data_error detail=23514" in text_of(notifier_log)
    reached = await database.fetchval("SELECT sum(next_offset) FROM notifier_offsets")
    assert reached == sum(outputs.ends.values())
