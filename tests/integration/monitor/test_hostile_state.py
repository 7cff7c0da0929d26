"""Checkpoints, plans and parts of plans that nobody can read: they cost what they name, never the city."""

import asyncio
import json
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from support.engine_log import MINUTE, T0
from support.hostile_outputs import WRONG_SNAPSHOTS, bomb, hostile_plans
from support.monitor_city import STATIONS, city_plan, frame, tick
from support.monitor_log import Install, fill, found_city, publish_parts
from support.monitor_process import LOADED, Admin, Installation, kind_of
from support.output_records import Outputs
from support.programs import Program
from support.recorder_process import send

from schemas.plan import plan_bytes, plan_id
from schemas.snapshots import full_key, header_key, hot_key
from schemas.topics import EVENT_PARTITIONS, TopicName, partition_of
from services.rules.state import STATE_VERSION
from services.runtime.kafka import ensure_namespace, make_producer
from services.runtime.records.authenticity import Signer, ensure_output_key

pytestmark = pytest.mark.timeout(180)

LOST, WELL, BOMBED = STATIONS[0], STATIONS[1], STATIONS[2]
TOUCHED = (LOST, WELL, BOMBED)
MAX_MIB = 400
NEWER = STATE_VERSION + 1
"""Of a release to come."""


async def judged(installation: Installation) -> Program:
    """Run a monitor to the end of the log; it is still running."""
    child = installation.start()
    await child.until(LOADED)
    await installation.caught_up()
    return child


async def put_state(installation: Installation, *records: tuple[str, bytes, bytes | None]) -> None:
    """Write to ``monitor-state`` (station, key, value), signed: as a bug of the monitor could."""
    settings = installation.settings
    epoch = await ensure_namespace(settings)
    topic, signer = (
        TopicName.MONITOR_STATE.within(settings.namespace),
        Signer(ensure_output_key(settings.keys_dir)),
    )
    async with make_producer(settings) as producer:
        for station, key, value in records:
            partition, headers = partition_of(station), [("epoch", epoch.encode())]
            signed = signer.sign(topic, partition, key=key, value=value, headers=headers)
            await producer.send_and_wait(topic, value, key=key, partition=partition, headers=signed)


async def told(installation: Installation, topic: TopicName, kind: str) -> list[dict[str, Any]]:
    """What was written there of a kind."""
    records = await installation.written((topic,))
    return [json.loads(record.value or b"{}") for record in records if kind_of(record) == kind]


async def failures(installation: Installation) -> dict[str | None, str]:
    """What loads have flagged: station, or None for a partition, and why."""
    findings = await told(installation, TopicName.OUTCOMES, "finding")
    return {one["station"]: one["detail"] for one in findings if one["kind"] == "engine_failure"}


async def reasons(installation: Installation, station: str) -> list[str]:
    """The transitions of a station's alerts."""
    alerts = await told(installation, TopicName.ALERTS, "alert")
    return [one["timeline"][-1]["reason"] for one in alerts if one["station_id"] == station]


async def until_gone(admin: AIOKafkaAdminClient, topic: str) -> None:
    """Wait until the broker has deleted the topic."""
    for _ in range(100):
        if topic not in await admin.list_topics():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{topic} is still there")


async def test_an_unreadable_snapshot_costs_its_station(install: Install) -> None:
    """It is flagged, its alert is held and goes on; the others judge on; the next load finds all mended."""
    installation = install()
    await found_city(installation, city_plan())
    await fill(installation, [frame(name, 0, 30.0) for name in TOUCHED])
    assert await (await judged(installation)).stop() == 0

    junk = [(LOST, key(LOST), value) for value in WRONG_SNAPSHOTS.values() for key in (full_key, hot_key)]
    foreign = [(LOST, key, b"\x02\x00\x90") for key in (b"\xff", b"gas|cold", b"|hot", header_key(99))]
    await put_state(installation, *junk, *foreign, (BOMBED, full_key(BOMBED), bomb()))
    await send(
        installation.settings,
        [record for _, record in hostile_plans(Outputs(installation.settings.namespace))],
    )
    await fill(installation, [tick(partition_of(name), T0 + MINUTE) for name in TOUCHED])
    await fill(installation, [frame(name, 2, 30.0) for name in TOUCHED])
    await fill(installation, [frame(name, 3, 1.0) for name in TOUCHED])

    child = await judged(installation)
    assert child.peak_mib() < MAX_MIB
    assert await child.stop() == 0
    found = await failures(installation)
    assert set(found) == {LOST, BOMBED}
    assert "truncated" in found[LOST]
    assert "inflates to more than" in found[BOMBED]
    for station in (LOST, BOMBED):
        assert await reasons(installation, station) == ["raised", "held", "resumed", "cleared"]
    assert await reasons(installation, WELL) == ["raised", "cleared"]
    said = child.said()
    assert "monitor: cannot read a record topic=monitor-state partition=" in said
    assert "monitor: cannot read a record topic=plans partition=0" in said

    assert await (await judged(installation)).stop() == 0
    assert len(await told(installation, TopicName.OUTCOMES, "finding")) == EVENT_PARTITIONS + 2, "mended"


async def test_a_newer_release_is_told_from_junk_and_adopt_helps(install: Install) -> None:
    """A whole snapshot of a newer version is refused with its remedy, which is one."""
    installation = install()
    await found_city(installation, city_plan())
    await fill(installation, [frame(LOST, 0, 30.0)])
    assert await (await judged(installation)).stop() == 0
    newer, junk = (LOST, full_key(LOST), bytes([NEWER, 0, 0x90])), (WELL, full_key(WELL), b"\xff\x00")
    await put_state(installation, newer, junk)

    refused = installation.start()
    assert await refused.ended() == 3
    assert (
        f"state version {NEWER}, this release reads up to {STATE_VERSION}: run the newer release"
        in refused.said()
    )
    shown = await asyncio.to_thread(installation.adopt)
    assert shown.returncode == 0, shown.stderr
    assert f"{WELL!r} of its checkpoint cannot be read, and is passed over: truncated" in shown.stdout
    assert f"state version {NEWER}" in shown.stdout
    assert "nothing to adopt" in shown.stdout
    assert await installation.start().ended() == 3

    adopted = await asyncio.to_thread(installation.adopt, "--all", "--yes")
    assert adopted.returncode == 0, adopted.stderr
    child = await judged(installation)
    assert await child.stop() == 0
    assert await failures(installation) == {}


async def test_a_lost_header_and_a_lost_plan_cost_no_judgement(install: Install) -> None:
    """Judging goes on at what is committed, and under the last plan that can be read; findings say so."""
    installation = install()
    plan = city_plan()
    await found_city(installation, plan)
    await fill(installation, [frame(name, 0, 30.0) for name in TOUCHED])
    assert await (await judged(installation)).stop() == 0
    key = header_key(partition_of(LOST))
    await put_state(installation, (LOST, key, None), (LOST, key, b"\x02\x01junk"))
    await fill(installation, [frame(name, 1, 60.0) for name in TOUCHED])
    assert await (await judged(installation)).stop() == 0
    for station in TOUCHED:
        assert await reasons(installation, station) == ["raised", "escalated"]
    found = await failures(installation)
    assert set(found) == {None}
    assert "the partition's header cannot be read" in str(found[None])

    other = city_plan(limit=70.0)
    topic = TopicName.PLANS.within(installation.settings.namespace)
    async with Admin(installation.settings) as admin:
        await admin.delete_topics([topic])
        await until_gone(admin, topic)
    await ensure_namespace(installation.settings)
    await publish_parts(installation, other)
    await fill(installation, [frame(name, 2, 60.0) for name in TOUCHED])
    assert await (await judged(installation)).stop() == 0
    for station in TOUCHED:
        assert await reasons(installation, station) == ["raised", "escalated", "rule_changed"]
    name, other_name = plan_id(plan_bytes(plan)), plan_id(plan_bytes(other))
    assert f"plan {name} cannot be read; judged by {other_name}" in (await failures(installation)).values()
