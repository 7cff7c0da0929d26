"""Late data, orphans of a census, and what the broker deleted: told once, and as it is."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from support.notifier_city import (
    acknowledged,
    caught,
    changed,
    cleared,
    process,
    raised,
    returned,
    until_ready,
)
from support.outbox import DONE, fates, until_true
from support.output_records import Outputs
from support.recorder_process import send, until

from schemas.alerts import Alert, AlertState, TransitionReason
from schemas.outputs import decode
from services.recorder.store import prepare, store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")

AS_BEFORE = """
UPDATE outbox SET epoch = NULL, src_partition = NULL, src_offset = NULL, station_id = NULL WHERE alert_id = $1
"""


@pytest.mark.usefixtures("catcher")
async def test_late_alerts_of_a_station_go_as_one_message(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """To each person by each channel, with when each was and whether it still is; life safety at once."""
    gathering = settings.model_copy(update={"gather_late_s": 3.0})
    outputs = Outputs(settings.namespace)

    def late(number: int, station: str = "pump-1", *, life_safety: bool = False) -> Alert:
        return replace(raised(number), late=True, life_safety=life_safety, station_id=station)

    over, lasts, elsewhere, lives = late(1), late(2), late(3, "pump-2"), late(4, life_safety=True)
    with process(gathering, notifier_log, "notifier", "run"):
        await until_ready(settings.notifier_port)
        await send(settings, [outputs.alert(one) for one in (over, lasts, elsewhere, lives)])
        await until(lambda: len(caught(settings)) == 4, within_s=10, what="life safety")
        assert {lives.alert_id in message["body"] for message in caught(settings)} == {True}
        assert any("迟到数据" in message["body"] for message in caught(settings))
        await send(settings, [outputs.alert(returned(over))])
        await until(lambda: len(caught(settings)) == 12, within_s=30, what="a message for each station")
        await send(settings, [outputs.alert(acknowledged(lasts))])
        await until(lambda: len(caught(settings)) == 16, within_s=30, what="what follows goes by itself")
        messages = caught(settings)
    assert set(await fates(database, over)) == {("raised", "sent", ""), ("cleared", "sent", "")}
    gathered = [m for m in messages if "迟到告警" in m["subject"] and m["to"] == "wang@x.example"]
    first, second = sorted(gathered, key=lambda message: "2 条" not in message["subject"])
    assert first["body"].count("11:00:05 起，仍未恢复") == 1
    assert first["body"].count("11:00:05 至 2026-01-13 11:00:06，已结束") == 1
    assert "模拟数据" in first["body"]
    assert second["body"].count("起，仍未恢复") == 1
    assert sum("已确认" in message["subject"] for message in messages) == 2, "to wang, by both channels"


@pytest.mark.usefixtures("catcher")
async def test_orphans_of_a_census_end_for_those_who_were_told(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """In words of its own; what is listed or younger goes on; a later transition of the alert counts."""
    outputs = Outputs(settings.namespace)
    orphan, listed, younger = raised(1), raised(2), raised(3)
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(one, offset=50) for one in (orphan, listed)])
        await send(settings, [outputs.alert(younger, offset=101)])
        await until(lambda: len(caught(settings)) == 12, within_s=30, what="three alerts")
        census = outputs.census(3, 100, orphan.timeline[-1].at + 60_000, [listed.alert_id])
        await send(settings, [census, outputs.again(census)])
        await until(lambda: len(caught(settings)) == 16, within_s=30, what="an orphan's end")
        end = caught(settings)[0]
        await send(settings, [outputs.alert(changed(orphan, TransitionReason.ESCALATED), offset=120)])
        await until(lambda: len(caught(settings)) == 20, within_s=30, what="the monitor knows it again")
        await until_true(database, DONE, "all is noted")
    assert "监测已无此告警" in end["subject"] or "no longer known to the monitor" in end["subject"]
    assert set(await fates(database, orphan)) == {
        (k, "sent", "") for k in ("raised", "orphaned", "escalated")
    }
    assert (
        set(await fates(database, listed)) == set(await fates(database, younger)) == {("raised", "sent", "")}
    )


@pytest.mark.usefixtures("catcher")
async def test_what_is_over_and_acknowledged_is_no_orphan(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Acknowledged after its end an alert is closed: no census lists it, and nobody is told of it."""
    outputs, over = Outputs(settings.namespace), [raised(1)]
    over.append(returned(over[-1]))
    over.append(changed(over[-1], TransitionReason.ACKNOWLEDGED, to_state=AlertState.NORMAL, acked=True))
    with process(settings, notifier_log, "notifier", "run"):
        for number, one in enumerate(over, start=1):
            await send(settings, [outputs.alert(one, offset=50 + number)])
            await until(lambda n=number: len(caught(settings)) == 4 * n, within_s=30, what="all hear of it")
        census = outputs.census(3, 100, over[-1].timeline[-1].at + 60_000, [])
        await send(settings, [census, outputs.alert(raised(2), offset=101)])
        await until(lambda: len(caught(settings)) == 16, within_s=30, what="the next alert")
        await until_true(database, DONE, "all is noted")
    kinds = {kind for kind, _, _ in await fates(database, over[0])}
    assert kinds == {"raised", "cleared", "acknowledged"}


async def test_call_of_an_orphan_waits_no_longer(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Nobody was told of it: nobody hears of it any more, also where the first releases queued the call."""
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run") as running:
        await send(settings, [outputs.alert(raised(1), offset=50), outputs.alert(raised(2), offset=50)])
        tried = "SELECT count(*) = 8 AND max(attempts) >= 1 FROM outbox"
        await until_true(database, tried, "all is queued, and one was tried")
        await running.stop()
    await database.execute(AS_BEFORE, raised(2).alert_id)
    alerts = [decode(outputs.alert(raised(2), offset=50))]
    await prepare(database)
    await store_bisecting(database, alerts)
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.census(3, 100, raised(1).timeline[-1].at + 60_000, [])])
        await until_true(
            database, "SELECT count(*) = 16 AND bool_and(state = 'dropped') FROM outbox", "all is dropped"
        )
    assert await fates(database, raised(2)) == {
        ("raised", "dropped", "over"): 4,
        ("orphaned", "dropped", "not_told"): 4,
    }


@pytest.mark.usefixtures("catcher")
async def test_what_the_broker_deleted_is_told_by_what_is_stored(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Of each alert its newest word: what burns, and what became of what was told; not what is over."""
    outputs = Outputs(settings.namespace)
    told, burns, over = raised(1), raised(2), raised(3)
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(told)])
        await until(lambda: len(caught(settings)) == 4, within_s=30, what="the first")
        await until_true(database, DONE, "it is noted")
    missed = [
        outputs.alert(one)
        for one in (burns, over, acknowledged(over), cleared(acknowledged(over)), acknowledged(told))
    ]
    noted = changed(changed(burns, TransitionReason.COMMENTED), TransitionReason.HELD)
    missed.append(outputs.alert(noted))
    await send(settings, missed)
    await prepare(database)
    await store_bisecting(database, [decode(record) for record in missed])
    topic, partition = missed[0].topic, missed[0].partition
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(1 + len(missed))})
    await admin.close()
    with process(settings, notifier_log, "notifier", "run"):
        await until(lambda: len(caught(settings)) == 12, within_s=30, what="what stands")
        await until_true(database, DONE, "it is noted")
    assert set(await fates(database, told)) == {("raised", "sent", ""), ("acknowledged", "sent", "")}
    assert set(await fates(database, burns)) == {("raised", "sent", "")}
    assert await fates(database, over) == {}
