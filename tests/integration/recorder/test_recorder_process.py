"""The recorder's process on a real broker and a real database: killed, cut off, on the wrong log."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from support.output_records import BUCKET, MINUTE, Output, Outputs, part
from support.recorder_process import recorder, send, stored_records, until, until_stored
from support.shown_alerts import alert

from schemas.outputs import decode
from schemas.topics import TopicName
from services.recorder.schema import migrate
from services.recorder.store import OFFSETS, prepare, store_bisecting
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")

COMPARED = {
    "alerts": "alert_id, seq, state, severity, src_offset, snapshot::text",
    "alert_transitions": "alert_id, seq, at, reason, event_ref",
    "aggregates_1m": "bucket, station_id, point, n, n_good, sum, min, max, mean, last, last_at, revision",
    "consumer_offsets": "topic, partition, next_offset, last_ce_id",
}
STATIONS = [f"gas-{n}" for n in range(40)]
KILLS = 3


def city_hours(outputs: Outputs, minutes: int) -> list[Output]:
    """Minutes of many stations with late parts and repeats, and alerts that change."""
    chance = Random(7)
    records: list[Output] = []
    for minute in range(minutes):
        bucket = BUCKET + minute * MINUTE
        for number, station in enumerate(STATIONS):
            values = [chance.uniform(0, 9) for _ in range(4)]
            parts = {f"p{k}": part(*values, at=bucket + k) for k in range(6)}
            records.append(outputs.minute(station, bucket, parts, minute * 100 + number))
            if chance.random() < 0.05:
                late = {"p0": part(chance.uniform(0, 9), at=bucket + 50)}
                records.append(outputs.minute(station, bucket, late, minute * 100 + number + 50))
        records.append(outputs.alert(alert(f"{minute % 7:08x}-0", minute // 7 + 1), offset=minute))
    tail = records[-400:]
    return records + [outputs.again(record) for record in tail]


async def rows(connection: Connection) -> dict[str, list[str]]:
    """What is compared."""
    return {
        table: sorted(
            str(tuple(row))
            for row in await connection.fetch(f"SELECT {columns} FROM {table}")  # noqa: S608
        )
        for table, columns in COMPARED.items()
    }


@pytest.fixture
async def watching(fresh: Settings) -> AsyncIterator[Connection]:
    """A connection of the test's own, on the schema that the recorder will fill."""
    connection = await connect(fresh)
    await migrate(connection, fresh.namespace)
    yield connection
    await connection.execute(f'DROP SCHEMA "{fresh.namespace}" CASCADE')
    await connection.close()


async def expected(settings: Settings, records: list[Output]) -> dict[str, list[str]]:
    """The tables that the records make, stored in one go in a schema of their own."""
    other = settings.model_copy(update={"namespace": f"{settings.namespace}_x"})
    connection = await connect(other)
    await migrate(connection, other.namespace)
    await prepare(connection)
    await store_bisecting(connection, [decode(record) for record in records])
    found = await rows(connection)
    await connection.execute(f'DROP SCHEMA "{other.namespace}" CASCADE')
    await connection.close()
    return found


async def test_killed_recorder_leaves_exact_tables(
    fresh: Settings, watching: Connection, tmp_path: Path
) -> None:
    """kill -9, again and again, while the topics are read: the tables are those of one quiet run."""
    records = city_hours(Outputs(fresh.namespace), 220)
    await send(fresh, records)
    reached = 0
    for _ in range(KILLS):
        with recorder(fresh, tmp_path / "log") as running:
            await until_stored(watching, reached + 1)
            await running.kill()
        reached = await stored_records(watching)
        assert reached < len(records), "killed while there was something to do"
    with recorder(fresh, tmp_path / "log") as running:
        await until_stored(watching, len(records))
        assert await running.stop() == 0, running.said()
    assert await rows(watching) == await expected(fresh, records)


async def test_cut_off_database_loses_nothing(fresh: Settings, watching: Connection, tmp_path: Path) -> None:
    """When its backends are terminated again and again, the recorder says so once and goes on."""
    records = city_hours(Outputs(fresh.namespace), 60)
    with recorder(fresh, tmp_path / "log") as running:
        sending = asyncio.create_task(send(fresh, records))
        for quota in (0.05, 0.3, 0.6):
            await until_stored(watching, int(quota * len(records)))
            await watching.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
            )
        await sending
        await until_stored(watching, len(records))
        assert running.runs
    assert await rows(watching) == await expected(fresh, records)
    assert "waiting for the database at" in (tmp_path / "log").read_text()


async def test_log_of_another_epoch_is_refused(fresh: Settings, watching: Connection, tmp_path: Path) -> None:
    """Offsets that belong to another log stop the recorder with one line that names the remedy."""
    outputs = Outputs(fresh.namespace)
    await send(fresh, [outputs.alert(alert(seq=1)), outputs.alert(alert(seq=2), offset=9)])
    with recorder(fresh, tmp_path / "log"):
        await until_stored(watching, 2)
    await watching.execute("UPDATE consumer_offsets SET epoch = 'another' WHERE topic = 'alerts'")
    with recorder(fresh, tmp_path / "refused") as refused:
        assert await refused.ended() == 3
    last = (tmp_path / "refused").read_text().splitlines()[-1]
    for word in ("consumer_offsets", "topic alerts", "partition", "miyun recorder adopt"):
        assert word in last, last


async def test_shorter_log_is_refused_until_offsets_are_forgotten(
    fresh: Settings, watching: Connection, tmp_path: Path
) -> None:
    """A log that ends before what is stored is another one, until its offsets are forgotten."""
    outputs = Outputs(fresh.namespace)
    await send(fresh, [outputs.alert(alert(seq=1)), outputs.alert(alert(seq=2), offset=9)])
    await watching.execute("INSERT INTO consumer_offsets VALUES ('alerts', 0, 'e', 900, 'x')")
    with recorder(fresh, tmp_path / "log") as refused:
        assert await refused.ended() == 3
    assert "miyun recorder adopt" in (tmp_path / "log").read_text()
    assert await OFFSETS.forget(watching, TopicName.ALERTS) == 1
    with recorder(fresh, tmp_path / "log"):
        await until_stored(watching, 2)
    assert await watching.fetchval("SELECT max(seq) FROM alerts") == 2


async def test_records_lost_before_they_were_stored_are_told(
    fresh: Settings, watching: Connection, tmp_path: Path
) -> None:
    """The broker deleted records: the recorder says how many, and goes on with the next."""
    outputs = Outputs(fresh.namespace)
    records = [outputs.alert(alert(seq=n), offset=n) for n in range(1, 6)]
    await send(fresh, records)
    place = TopicPartition(TopicName.ALERTS.within(fresh.namespace), records[0].partition)
    admin = AIOKafkaAdminClient(bootstrap_servers=fresh.kafka_bootstrap)
    await admin.start()
    await admin.delete_records({place: RecordsToDelete(before_offset=3)})
    await admin.close()
    with recorder(fresh, tmp_path / "log"):
        await until_stored(watching, 5)
    assert "records=3" in (tmp_path / "log").read_text()
    stored = await OFFSETS.stored(watching)
    assert stored[TopicName.ALERTS, place.partition].next == 5
    seqs = await watching.fetch("SELECT seq FROM alert_transitions ORDER BY seq")
    assert [row["seq"] for row in seqs] == [4, 5]


async def test_second_recorder_waits_for_the_first(
    fresh: Settings, watching: Connection, tmp_path: Path
) -> None:
    """Two recorders of one namespace do not fight: the second takes over when the first is gone."""
    outputs = Outputs(fresh.namespace)
    logs = tmp_path / "second", tmp_path / "first"

    def one_waits() -> bool:
        return any("other recorder" in log.read_text() for log in logs)

    await send(fresh, [outputs.alert(alert(seq=1))])
    with recorder(fresh, tmp_path / "second") as second:
        with recorder(fresh, tmp_path / "first"):
            await until_stored(watching, 1)
            await until(one_waits, within_s=15, what="one of them waits")
        await send(fresh, [outputs.alert(alert(seq=2), offset=9)])
        await until_stored(watching, 2)
        assert second.runs
