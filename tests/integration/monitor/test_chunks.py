"""What the chunked driver leaves of Faust's bookkeeping: nothing that grows with what is read."""

import asyncio
from statistics import median
from time import monotonic
from urllib.request import urlopen

from support.engine_log import SECOND, T0
from support.monitor_city import city_plan, tick, write
from support.monitor_log import Install, found_city
from support.monitor_process import GAP_TREE, LOADED
from support.programs import free_ports

from schemas.topics import EVENT_PARTITIONS, MIB, TopicName
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings

TICKS = 'miyun_monitor_events_total{kind="tick"}'
ENTRIES = "miyun_monitor_faust_entries"
PER_CHUNK = 3
WAIT_MS = 2_000


def told(port: int) -> dict[str, float]:
    """The monitor's metrics by name with labels."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


async def started(install: Install, *, prelude: str = "", **changes: object) -> Settings:
    """A monitor that takes records of a new log."""
    installation = install()
    (port,) = free_ports(1)
    installation.settings = installation.settings.model_copy(update=changes | {"monitor_port": port})
    await found_city(installation, city_plan())
    await installation.start(prelude=prelude).until(LOADED)
    return installation.settings


async def judged_chunks(settings: Settings, chunks: int) -> list[tuple[float, float]]:
    """Some ticks on each partition, again and again: seconds until they were judged, Faust's entries then."""
    topic, found = TopicName.EVENTS.within(settings.namespace), []
    async with make_producer(settings) as producer:
        for chunk in range(chunks):
            times = [T0 + (chunk * PER_CHUNK + number) * SECOND for number in range(PER_CHUNK)]
            began, wanted = monotonic(), (chunk + 1) * PER_CHUNK * EVENT_PARTITIONS
            await write(producer, topic, [tick(p, at) for at in times for p in range(EVENT_PARTITIONS)])
            while (now := told(settings.monitor_port)).get(TICKS, 0) < wanted:
                assert monotonic() < began + 20, now
                await asyncio.sleep(0.05)
            found.append((monotonic() - began, now[ENTRIES]))
    return found


async def test_faust_keeps_no_more_than_before(install: Install) -> None:
    """Chunks are taken at once, as it was set, and after 20 more of them Faust holds as many entries."""
    settings = await started(install, fetch_min_bytes=1, fetch_max_wait_ms=WAIT_MS)
    found = await judged_chunks(settings, 25)
    assert median(seconds for seconds, _ in found) < 1.0
    assert found[-1][1] - found[4][1] <= EVENT_PARTITIONS, found


async def test_with_its_list_of_gaps_faust_keeps_more_and_more(install: Install) -> None:
    """The gauge notices when our override is taken away. And fetches are collected for as long as was set."""
    settings = await started(install, prelude=GAP_TREE, fetch_min_bytes=MIB, fetch_max_wait_ms=WAIT_MS)
    found = await judged_chunks(settings, 6)
    assert median(seconds for seconds, _ in found) > 1.0
    assert found[-1][1] - found[1][1] >= 3 * EVENT_PARTITIONS, found
