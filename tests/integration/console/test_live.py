"""LIVE is what was judged: a slow monitor, one that stands still, a partition that has none."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import pytest
from bench.slow_monitor import prelude
from support.monitor_city import STATIONS, city_plan, history
from support.monitor_log import fill, found_city
from support.monitor_process import LOADED, Installation, children_of, kind_of, new_installation
from support.programs import deadline_in, free_port
from support.stored import schema_of

from schemas.alerts import Judged
from schemas.outputs import decode
from schemas.topics import EVENT_PARTITIONS, JUDGED_EVERY_S, TopicName, control_key, partition_of
from services.console.api import Heartbeat
from services.console.feed.alerts_consumer import AlertsConsumer
from services.console.feed.feed import Feed
from services.console.feed.liveness import EVERY_S, Liveness
from services.runtime.following.judged import FRESH_WITHIN_S
from services.runtime.postgres import pool

TOLD_WITHIN_S = FRESH_WITHIN_S + EVERY_S
"""What is not live is told so within this time, and what a look takes."""
WITHOUT_PARTITION_3 = """
from services.streaming.worker import Worker
load = Worker.load
async def load_others(worker):
    await load(worker)
    worker.assigned.pop(3, None)
Worker.load = load_others
"""
"""A prelude: the worker takes part in the group and judges nothing of one partition."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A namespace of its own; no process of it survives."""
    made = new_installation(tmp_path)
    with children_of(made):
        yield made


@asynccontextmanager
async def looking(installation: Installation) -> AsyncIterator[Liveness]:
    """The feed's liveness over a small city with a plan; the recorder's tables are there, and empty."""
    await found_city(installation, city_plan())
    async with schema_of(installation.settings), pool(installation.settings) as opened:
        consumer = AlertsConsumer(installation.settings, Feed("b"), opened)
        liveness = Liveness(installation.settings, consumer)
        running = [asyncio.create_task(consumer.run()), asyncio.create_task(liveness.run())]
        try:
            yield liveness
            assert not any(task.done() for task in running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def next_beat(liveness: Liveness) -> Heartbeat:
    """The next heartbeat."""
    before, deadline = liveness.heartbeat, deadline_in(4 * EVERY_S)
    while liveness.heartbeat is before:
        assert monotonic() < deadline, "no heartbeat"
        await asyncio.sleep(0.05)
    return liveness.heartbeat


async def until_live(liveness: Liveness, *, live: bool = True, within_s: float = 40.0) -> Heartbeat:
    """The first heartbeat that says so."""
    deadline = deadline_in(within_s)
    while (beat := await next_beat(liveness)).live is not live:
        assert monotonic() < deadline, beat
    return beat


def unjudged(port: int, written: int) -> int:
    """How many records the monitor has not judged yet, by its own count."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    counted = [line for line in lines if line.startswith("miyun_monitor_events_total{")]
    return written - sum(round(float(line.rpartition(" ")[2])) for line in counted)


async def test_a_slow_monitor_is_not_live_while_records_wait(installation: Installation) -> None:
    """Some hundred records of some minutes, a sixth of a second each: no beat says LIVE meanwhile."""
    port = free_port()
    installation.settings = installation.settings.model_copy(update={"monitor_port": port})
    async with looking(installation) as liveness:
        await installation.start(prelude=prelude(0.16)).until(LOADED)
        await until_live(liveness)
        await fill(installation, history(8))
        written = sum((await installation.ends((TopicName.EVENTS,))).values())
        beats = [await next_beat(liveness)]
        while not beats[-1].live:
            beats.append(await next_beat(liveness))
        left = await asyncio.to_thread(unjudged, port, written)
        assert left < 100, "live, although more than the last minute was still to be judged"
    behind = [beat for beat in beats if beat.reason is not None and "判定落后" in beat.reason.zh]
    assert len(behind) >= 3, beats
    until = [beat.judged_ms or 0 for beat in behind]
    assert until == sorted(until)
    assert all((beat.city_ms or 0) > (beat.judged_ms or 0) for beat in behind)


async def test_a_monitor_that_stands_still_is_not_live(installation: Installation) -> None:
    """Its group still has a member for a while; when it goes on, the page is live again."""
    async with looking(installation) as liveness:
        child = installation.start()
        await child.until(LOADED)
        await until_live(liveness)
        child.process.send_signal(signal.SIGSTOP)
        began = monotonic()
        beat = await until_live(liveness, live=False)
        assert monotonic() - began < TOLD_WITHIN_S + EVERY_S
        assert beat.reason is not None
        assert beat.reason.zh == "监测引擎未运行,告警不再更新"
        child.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(JUDGED_EVERY_S)
        if not child.runs:  # it may end at what it missed: supervision starts it again
            installation.start()
        await until_live(liveness, within_s=60)


async def test_a_partition_without_a_worker_is_not_live(installation: Installation) -> None:
    """All others are judged: it is the one that the page names."""
    async with looking(installation) as liveness:
        child = installation.start(prelude=WITHOUT_PARTITION_3)
        await child.until(LOADED)
        deadline = deadline_in(40)
        while liveness.heartbeat.reason is None or "分区" not in liveness.heartbeat.reason.zh:
            beat = await next_beat(liveness)
            assert not beat.live
            assert monotonic() < deadline, beat
        assert "分区 3 没有监测引擎判定" in liveness.heartbeat.reason.zh
        assert "no monitor judges partition 3:" in liveness.heartbeat.reason.en
        await child.kill()
        await installation.start().until(LOADED)
        await until_live(liveness)


async def test_it_is_told_while_the_monitor_is_busy(installation: Installation) -> None:
    """Every few seconds, of all its partitions, behind what came of the records before.

    Also in the midst of a chunk that takes half a minute.
    """
    await found_city(installation, city_plan())
    home = partition_of(STATIONS[0])
    frames = [one for one in history(200) if one.partition == home and one.key != control_key(home).encode()]
    await fill(installation, frames)
    child = installation.start(prelude=prelude(30 / len(frames)))
    await child.until(LOADED)
    await installation.caught_up()
    await asyncio.sleep(JUDGED_EVERY_S + 1)
    assert await child.stop() == 0
    records = await installation.written((TopicName.ALERTS,))
    told = [record for record in records if kind_of(record) == "judged"]
    bodies = [body for record in told if isinstance(body := decode(record).body, Judged)]
    assert len(bodies) == len(told)
    times = [record.timestamp / 1000 for record in told]
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) < FRESH_WITHIN_S, gaps
    rows = [body.partitions for body in bodies]
    assert all([one.partition for one in row] == list(range(EVENT_PARTITIONS)) for row in rows)
    busy, last = [row for row in rows if any(one.records for one in row)], rows[-1]
    assert busy, "nothing was told while records waited"
    assert any(one.behind_ms > 60_000 for one in busy[0])
    assert all(one.records == one.behind_ms == 0 for one in last)
    places = {record.partition for record in records if kind_of(record) == "alert"}
    assert {record.partition for record in told} == places, "on the way of the alerts"
