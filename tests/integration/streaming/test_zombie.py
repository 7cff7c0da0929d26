"""A worker that was stopped while another took its partitions over writes nothing that counts."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from aiokafka import ConsumerRecord
from support.monitor_city import STATIONS, city_plan, frame
from support.monitor_log import fill, found_city
from support.monitor_process import LOADED, Admin, Installation, children_of, new_installation
from support.programs import deadline_in
from support.stream_contract import judged, told_since

from schemas.snapshots import RecordKind, kind_of
from schemas.topics import TopicName
from services.judging import snapshots

pytestmark = pytest.mark.timeout(300)
EVERY_S = "1.5"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Installation]:
    """A namespace of its own for two monitors."""
    made = new_installation(tmp_path)
    with children_of(made):
        yield made


class Load:
    """Frames of all stations, minute after minute, until it is told to end."""

    def __init__(self, city: Installation) -> None:
        self.city = city
        self.minute = 0
        self.goes_on = True

    async def run(self) -> None:
        """Some are beyond their limits, so that alerts come and go."""
        while self.goes_on:
            values = [(name, 60.0 if (self.minute + n) % 5 == 0 else 1.0) for n, name in enumerate(STATIONS)]
            await fill(self.city, [frame(name, self.minute, value) for name, value in values])
            self.minute += 1
            await asyncio.sleep(0.05)


async def checkpointed(city: Installation, beyond: dict[int, int]) -> dict[int, int]:
    """The committed offsets, once they are beyond others in most partitions."""
    deadline = deadline_in(60)
    async with Admin(city.settings) as admin:
        while True:
            found = await city.committed(admin)
            if sum(offset > beyond.get(number, 1) for number, offset in found.items()) > 8:
                return found
            assert monotonic() < deadline, f"committed {found}, not beyond {beyond}"
            await asyncio.sleep(0.2)


def as_of(record: ConsumerRecord) -> int:
    """How much of the log a record of the state topic includes."""
    named = kind_of(record.key)
    if named is not None and named[0] is RecordKind.HEADER:
        return snapshots.decode_header(record).next
    return snapshots.decode(record)[0]


async def older_behind_newer(city: Installation) -> list[bytes]:
    """Keys of the state topic of which an older record stands behind a newer one."""
    newest: dict[bytes, int] = {}
    found = []
    for record in await city.written((TopicName.MONITOR_STATE,)):
        at = as_of(record)
        if at < newest.get(record.key, -1):
            found.append(record.key)
        newest[record.key] = max(at, newest.get(record.key, -1))
    assert len(newest) > len(STATIONS)
    return found


async def test_a_worker_that_was_stopped_and_goes_on_writes_nothing_that_counts(city: Installation) -> None:
    """Its checkpoint is refused, and it ends; what is told is what an undisturbed worker tells."""
    await found_city(city, city_plan())
    zombie = city.start(MIYUN_CHECKPOINT_EVERY_S=EVERY_S)
    await zombie.until(LOADED)
    load = Load(city)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load.run())
        at = await checkpointed(city, {})
        await asyncio.sleep(0.7)  # it has judged what it has not written
        zombie.process.send_signal(signal.SIGSTOP)
        other = city.start(MIYUN_CHECKPOINT_EVERY_S=EVERY_S)
        await other.until(LOADED)
        at = await checkpointed(city, await checkpointed(city, at))
        zombie.process.send_signal(signal.SIGCONT)
        assert await zombie.ended() == 1
        await checkpointed(city, at)
        load.goes_on = False
    await city.caught_up()
    assert await other.stop() == 0
    assert await older_behind_newer(city) == []
    told, _ = await told_since(city, None)

    before = await city.ends()
    assert (await asyncio.to_thread(city.adopt, "--all", "--yes")).returncode == 0
    await judged(city)
    assert (await told_since(city, before))[0] == told
