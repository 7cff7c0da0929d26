"""Records that the client's decoder raises on cost nothing but themselves: events and checkpoints."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.engine_log import MINUTE, T0
from support.monitor_city import STATIONS, city_plan, frame, tick
from support.monitor_log import fill, found_city
from support.monitor_process import LOADED, Installation, children_of, kind_of, new_installation
from support.odd_records import GZIP, raw_producer, send_odd, send_raw
from support.programs import Program

from schemas.headers import header
from schemas.snapshots import full_key, header_key
from schemas.topics import TopicName, partition_of
from services.runtime.kafka import ensure_namespace

MAX_MIB = 400
STATION = STATIONS[0]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Installation]:
    """A namespace of its own for the monitor."""
    made = new_installation(tmp_path)
    with children_of(made):
        yield made


async def judged(city: Installation) -> Program:
    """Run a monitor to the end of the log; it is still running."""
    child = city.start()
    await child.until(LOADED)
    await city.caught_up()
    return child


async def reasons(city: Installation) -> list[str]:
    """Why the monitor's rejects were not taken."""
    return [header(r.headers, "reason") or "" for r in await city.written((TopicName.REJECTS,))]


async def test_events_that_no_client_reads_are_rejected_and_the_rest_is_judged(city: Installation) -> None:
    """Each is rejected and named, once; a frame in gzip and all those between are judged."""
    await found_city(city, city_plan())
    odd, good = frame(STATION, 1, 99.0), frame(STATION, 2, 30.0)
    await fill(city, [frame(STATION, 0, 1.0)])
    topic = TopicName.EVENTS.within(city.settings.namespace)
    assert odd.key is not None
    facts = {"key": odd.key, "value": odd.value, "headers": odd.headers, "partition": odd.partition}
    sent = await send_odd(city.settings, topic, **facts)  # type: ignore[arg-type]
    async with raw_producer(city.settings) as producer:
        zipped = (good.key, good.value, good.headers)
        await send_raw(producer, topic, [zipped], partition=good.partition, codec=GZIP)
    await fill(city, [tick(good.partition, T0 + 3 * MINUTE + 40_000)])
    child = await judged(city)
    assert child.peak_mib() < MAX_MIB
    await child.kill()
    child = await judged(city)
    assert Counter(await reasons(city)).total() == sent
    alerts = [json.loads(r.value) for r in await city.written((TopicName.ALERTS,)) if kind_of(r) == "alert"]
    assert {one["value"] for one in alerts if one["station_id"] == STATION} == {30.0}
    assert "Traceback" not in child.said()
    details = " ".join(header(r.headers, "detail") or "" for r in await city.written((TopicName.REJECTS,)))
    assert "no UTF-8" in details
    assert "headers; at most" in details
    assert await child.stop() == 0


async def test_checkpoints_that_no_client_reads_change_nothing(city: Installation) -> None:
    """They are counted; what stood there before them is loaded, and its alert goes on."""
    await found_city(city, city_plan())
    await fill(city, [frame(STATION, 0, 30.0)])
    assert await (await judged(city)).stop() == 0
    epoch, partition = await ensure_namespace(city.settings), partition_of(STATION)
    topic = TopicName.MONITOR_STATE.within(city.settings.namespace)
    for key in (full_key(STATION), header_key(partition)):
        await send_odd(
            city.settings,
            topic,
            key=key,
            value=b"\x02\x00\x90",
            headers=[("epoch", epoch.encode())],
            partition=partition,
        )
    await fill(city, [frame(STATION, 1, 60.0), frame(STATION, 2, 1.0)])
    child = await judged(city)
    assert child.peak_mib() < MAX_MIB
    assert await child.stop() == 0
    alerts = [r for r in await city.written((TopicName.ALERTS,)) if kind_of(r) == "alert"]
    assert len({header(r.headers, "ce_id") for r in alerts}) == 3, "raised, escalated, cleared: one alert"
    assert len({(header(r.headers, "ce_id") or "").partition(":")[0] for r in alerts}) == 1
    assert "monitor: cannot read a record topic=monitor-state" in child.said()
    assert "engine_failure" not in await asyncio.to_thread(child.said)
