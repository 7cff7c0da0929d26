"""``miyun drain`` waits for the monitor's group and for the recorder's tables."""

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from support.output_records import Outputs
from support.programs import environment_of, miyun
from support.recorder_process import recorder, send
from support.shown_alerts import alert

from schemas.topics import EVENT_PARTITIONS, GroupName, TopicName
from services.recorder.drain import Drained, Progress, drain
from services.runtime.following.lag import Extents
from services.runtime.kafka import NamespaceError
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings


async def commit(settings: Settings, *, short_of: int = 0) -> None:
    """What the monitor does at a checkpoint: every partition holds one record, its genesis."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        group_id=GroupName.MONITOR.within(settings.namespace),
        enable_auto_commit=False,
    )
    await consumer.start()
    topic = TopicName.EVENTS.within(settings.namespace)
    places = [TopicPartition(topic, number) for number in range(EVENT_PARTITIONS)]
    consumer.assign(places)
    await consumer.commit({place: OffsetAndMetadata(1, "") for place in places[short_of:]})
    await consumer.stop()


@pytest.mark.usefixtures("topics")
async def test_drain_waits_for_monitor_and_recorder(
    database: Connection, fresh: Settings, tmp_path: Path
) -> None:
    """It says what is left while partitions are not committed, then while outputs are not stored."""
    said: list[Drained] = []
    outputs = Outputs(fresh.namespace)
    await send(fresh, [outputs.alert(alert(seq=n), offset=n) for n in range(1, 4)])
    await commit(fresh, short_of=2)
    with pytest.raises(StopProcessError, match=r"not drained after 1 s \(judging: 2 records .*2 of events"):
        await drain(fresh, timeout_s=1, say=said.append)
    await commit(fresh)
    with pytest.raises(StopProcessError, match=r"storing: 3 records to go \(3 of alerts\)"):
        await drain(fresh, timeout_s=2, say=said.append)
    draining = asyncio.create_task(drain(fresh, timeout_s=30, say=said.append))
    with recorder(fresh, tmp_path / "log"):
        await draining
    done = await asyncio.to_thread(miyun, "drain", "--json", environment=environment_of(fresh))
    (line,) = done.stdout.splitlines()
    assert json.loads(line) == {"behind": {}, "done": True, "text": said[-1].text["en"]}
    assert said[-1].text["en"] == "all 16 events are judged, all 3 results stored"
    assert [now.behind for now in said if now.done] == [{}]
    assert {"events": 2} in [now.behind for now in said]
    assert {"alerts": 3} in [now.behind for now in said]
    assert said[-1].text["zh"] == "16 条事件已全部判定，3 条结果已全部入库"
    assert await database.fetchval("SELECT max(seq) FROM alerts") == 3


async def test_namespace_without_topics_is_named(database: Connection, fresh: Settings) -> None:
    """A misspelt namespace is told at once, not waited for."""
    assert await database.fetchval("SELECT 1") == 1
    with pytest.raises(NamespaceError, match=f"no topic {fresh.namespace}.events"):
        await drain(fresh, timeout_s=10, say=print)


def test_deleted_records_are_not_waited_for() -> None:
    """What retention took before anybody read it can never be reached."""
    gone, half = TopicPartition("t.alerts", 0), TopicPartition("t.events", 1)
    spans = Extents({gone: 7, half: 3}, {gone: 7, half: 9})
    assert spans.lag({}) == {"events": 6}
    assert spans.lag({half: 8}) == {"events": 1}
    assert spans.lag({half: 9}) == {}


def test_progress_is_said_not_too_often() -> None:
    """At once, then every two seconds; the latest state is known whenever somebody asks."""
    said: list[Drained] = []
    progress = Progress(said.append)
    for n in range(3):
        progress.note(Drained({"zh": f"{n}", "en": f"{n}"}))
    assert said == [Drained({"zh": "0", "en": "0"})]
    assert progress.now.text["en"] == "2"
