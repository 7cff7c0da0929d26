"""What every service in the streaming shell keeps, whatever it judges."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import RecordsToDelete
from support.monitor_process import LOADED, Admin, Ends, Installation, distinct, kind_of
from support.programs import deadline_in

Told = dict[tuple[str, str], tuple[object, ...]]
LONG_FETCHES = """
from services.streaming.chunked import Consumer
fetch = Consumer.getmany
Consumer.getmany = lambda consumer, timeout: fetch(consumer, 30.0)
"""
"""A prelude that lets a fetch wait longer than any handover takes; Faust begins a new one each second."""
WITHOUT_COMMITS = """
from services.streaming.chunked import Consumer
commit = Consumer.commit_positions
async def commit_beginnings(consumer, positions):
    return not any(positions.values()) and await commit(consumer, positions)
Consumer.commit_positions = commit_beginnings
"""
"""A prelude that commits where the log begins, and nothing of what is judged."""
OF_LOADS = ("census", "finding", "judged", "load")
"""Kinds of records that a load or a clock causes, not the log."""


async def told_since(installation: Installation, since: Ends | None) -> tuple[Told, int]:
    """What was said about the log, once each, and how often a record came again."""
    records = [r for r in await installation.written(since=since) if not is_about_loads(r)]
    told = distinct(records)
    return told, len(records) - len(told)


def is_about_loads(record: ConsumerRecord) -> bool:
    """Records that a load causes, not the log."""
    return kind_of(record) in OF_LOADS


async def judged(installation: Installation) -> None:
    """One worker, from where the last one ended to the end of the log."""
    child = installation.start()
    await child.until(LOADED)
    await installation.caught_up()
    assert await child.stop() == 0


async def kills_and_handovers_change_nothing(installation: Installation) -> Told:
    """Three readings of one log: undisturbed, killed thrice, handed over twice. The records are equal by id,
    byte for byte, whatever came twice.
    """
    await judged(installation)
    expected, repeated = await told_since(installation, None)
    assert expected
    assert repeated == 0

    before = await _anew(installation)
    assert await _killed(installation, 3) == 3
    told, repeated = await told_since(installation, before)
    assert told == expected
    assert repeated > 0, "no kill lay between an effect and its checkpoint: the test proved nothing"

    before = await _anew(installation)
    await _handed_over(installation)
    told, _ = await told_since(installation, before)
    assert told == expected
    return expected


async def what_comes_after_a_handover_is_judged_at_once(
    installation: Installation, append: Callable[[], Awaitable[None]]
) -> None:
    """A second worker comes and goes; the first record after it is judged without another one behind it.

    A fetch that waits through a handover would take records that nobody judges: the next one is then a gap,
    which ends the worker, and without a next one the partition stands still.
    """
    first = installation.start(prelude=LONG_FETCHES)
    await first.until(LOADED)
    second = installation.start(prelude=LONG_FETCHES)
    await second.until(LOADED)
    await first.until(LOADED, times=2)
    await append()
    await installation.caught_up(within_s=20)
    assert await second.stop() == 0
    await first.until(LOADED, times=3)
    await append()
    await installation.caught_up(within_s=20)
    assert await first.stop() == 0


async def _killed(installation: Installation, times: int) -> int:
    """Kill workers that have just said something, then let one come to the log's end. How often one lived."""
    in_the_midst = 0
    for _number in range(times):
        before = await installation.ends()
        child = installation.start()
        await child.until(LOADED)
        for _ in range(1_000):
            if child.process.poll() is not None or (await told_since(installation, before))[0]:
                break
            await asyncio.sleep(0.02)
        in_the_midst += child.process.poll() is None
        await child.kill()
    await judged(installation)
    return in_the_midst


async def _handed_over(installation: Installation) -> None:
    """One worker, then two, then one."""
    first = installation.start()
    await first.until(LOADED)
    second = installation.start()
    await second.until(LOADED)
    await asyncio.sleep(0.5)
    assert await first.stop() == 0
    await installation.caught_up()
    assert await second.stop() == 0


async def _anew(installation: Installation) -> Ends:
    """Forget the checkpoints, so that the same log is read again; where the outputs end by now."""
    adopted = await asyncio.to_thread(installation.adopt, "--all", "--yes")
    assert adopted.returncode == 0, adopted.stderr
    return await installation.ends()


async def another_log_is_refused_until_it_is_adopted(
    installation: Installation, refill: Callable[[], Awaitable[None]], *, partitions: int
) -> Ends:
    """The input is made again and refilled: otherwise everything in it below the old offsets would be skipped
    without a word. ``partitions``: of how many. Returns where the outputs ended before the new log was read.
    """
    topic = installation.stream.input.within(installation.settings.namespace)
    await _delete(installation, topic)
    await refill()
    refused = installation.start()
    assert await refused.ended() == 3
    (line,) = [line for line in refused.said().splitlines() if line.startswith("miyun: another log")]
    assert f"{topic} partition " in line
    assert f"`{installation.stream.adopt}`" in line

    shown = await asyncio.to_thread(installation.adopt)
    assert shown.returncode == 0, shown.stderr
    assert "nothing done" in shown.stdout
    assert await installation.start().ended() == 3

    before = await installation.ends()
    adopted = await asyncio.to_thread(installation.adopt, "--yes")
    assert adopted.returncode == 0, adopted.stderr
    assert f"forgotten: {partitions} partitions" in adopted.stdout
    await judged(installation)
    again = await asyncio.to_thread(installation.adopt)
    assert "nothing to adopt" in again.stdout
    return before


async def _delete(installation: Installation, topic: str) -> None:
    """As somebody would who makes the topic again by hand."""
    async with Admin(installation.settings) as admin:
        await admin.delete_topics([topic])
        for _ in range(100):
            if topic not in await admin.list_topics():
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"{topic} is still there")


async def adoption_is_refused_while_a_worker_runs(installation: Installation) -> None:
    """It would write its checkpoint over the tombstones."""
    child = installation.start()
    await child.until(LOADED)
    refused = await asyncio.to_thread(installation.adopt, "--all", "--yes")
    assert refused.returncode == 1
    assert "are running: stop them first" in refused.stderr
    assert await child.stop() == 0


async def a_finished_backlog_is_committed_at_once(installation: Installation) -> None:
    """With checkpoints an hour apart the group's offsets are at the log's end within seconds."""
    child = installation.start(MIYUN_CHECKPOINT_EVERY_S="600")
    await child.until(LOADED)
    await installation.caught_up(within_s=20)
    assert await child.stop() == 0


async def what_was_checkpointed_is_committed_by_the_next_load(
    installation: Installation, outputs: int
) -> None:
    """A worker that is killed between a header and its commit leaves an offset that is too low: a partition
    that hears nothing more would look as far behind for ever. ``outputs``: of judging the log.
    """
    killed = installation.start(prelude=WITHOUT_COMMITS)
    deadline = deadline_in(20)
    while len((await told_since(installation, None))[0]) < outputs:
        assert monotonic() < deadline, killed.said()
        await asyncio.sleep(0.1)
    assert await killed.stop() == 0  # with a last checkpoint
    async with Admin(installation.settings) as admin:
        assert set((await installation.committed(admin)).values()) == {0}
    idle = installation.start()
    await installation.caught_up(within_s=20)
    assert await idle.stop() == 0


async def lose_beginning(installation: Installation, place: TopicPartition, before: int) -> None:
    """Delete a partition's records before an offset, as retention does."""
    async with Admin(installation.settings) as admin:
        await admin.delete_records({place: RecordsToDelete(before)})
