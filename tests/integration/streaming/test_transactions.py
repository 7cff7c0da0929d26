"""Offsets without a record are legal: ends of transactions, what they aborted; a lost beginning is a gap."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from support.counting import COUNTING
from support.monitor_city import Sent, write
from support.monitor_process import LOADED, Installation, children_of, kind_of, new_installation
from support.odd_records import in_transaction
from support.stream_contract import (
    another_log_is_refused_until_it_is_adopted,
    judged,
    kills_and_handovers_change_nothing,
    lose_beginning,
)

from schemas.headers import ce_headers, header
from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import ensure_namespace, make_producer

TESTS = Path(__file__).parents[2]
ENTRY = f"import sys; sys.path.insert(0, {str(TESTS)!r}); from support.counting import main; main()"
PARTITIONS = TOPICS[COUNTING.input].partitions


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Installation]:
    """A namespace of its own, in which the counting service is started."""
    made = replace(new_installation(tmp_path), stream=COUNTING, outputs=(TopicName.OUTCOMES,), entry=ENTRY)
    with children_of(made):
        yield made


def records(name: str, each: int) -> list[Sent]:
    """So many of each partition; their ids begin with the name."""
    return [
        Sent(b"key", b"{}", ce_headers("any", "test", f"{name}:{partition}:{number}"), partition)
        for number in range(each)
        for partition in range(PARTITIONS)
    ]


async def plain(installation: Installation, name: str, each: int) -> None:
    """Written as everybody writes."""
    async with make_producer(installation.settings) as producer:
        topic = COUNTING.input.within(installation.settings.namespace)
        await write(producer, topic, records(name, each))


async def ended(installation: Installation, name: str, each: int, *, commit: bool) -> None:
    """Written in a transaction that is committed or aborted."""
    topic = COUNTING.input.within(installation.settings.namespace)
    await in_transaction(installation.settings, topic, records(name, each), commit=commit)


async def counted(installation: Installation) -> Counter[int]:
    """How many records of each partition were judged."""
    told = [record for record in await installation.written() if kind_of(record) == "count"]
    return Counter(record.partition for record in {header(r.headers, "ce_id"): r for r in told}.values())


async def loads(installation: Installation) -> Counter[str]:
    """What loads have found out."""
    told = [record for record in await installation.written() if kind_of(record) == "load"]
    return Counter((record.value or b"").decode().strip().strip('"') for record in told)


async def fill(installation: Installation) -> int:
    """Transactions at the beginning, in the middle, at the tail; how many records of a partition stand."""
    await ensure_namespace(installation.settings, timeout_s=20)
    await ended(installation, "first", 3, commit=False)
    await ended(installation, "second", 2, commit=True)
    for turn in range(4):
        await plain(installation, f"plain {turn}", 60)
        await ended(installation, f"committed {turn}", 20, commit=True)
        await ended(installation, f"aborted {turn}", 20, commit=False)
    await ended(installation, "tail", 1, commit=True)
    await ended(installation, "end", 2, commit=False)
    return 2 + 4 * 80 + 1


async def test_transactions_change_nothing_but_offsets(counter: Installation) -> None:
    """Committed records are judged once, aborted ones never, through kills and handovers."""
    standing = await fill(counter)
    told = await kills_and_handovers_change_nothing(counter)
    assert len(told) == standing * PARTITIONS
    assert await counted(counter) == dict.fromkeys(range(PARTITIONS), standing)
    assert set(await loads(counter)) == {"new_partition", "go_on"}


async def test_a_tail_without_records_leaves_no_lag(counter: Installation) -> None:
    """While it runs, after a load, after a kill behind the last marker: all that is there is committed."""
    await fill(counter)
    first = counter.start()
    await first.until(LOADED)
    await counter.caught_up(within_s=30)
    for turn, commit in enumerate((False, True, False)):
        await ended(counter, f"later {turn}", 2, commit=commit)
        await counter.caught_up(within_s=30)
    await first.kill()
    await ended(counter, "while it is away", 3, commit=False)
    second = counter.start()
    await second.until(LOADED)
    await counter.caught_up(within_s=30)
    await second.kill()
    await judged(counter)
    assert await loads(counter) == {"new_partition": PARTITIONS, "go_on": 2 * PARTITIONS}


async def test_an_open_transaction_holds_back_only_what_stands_behind_it(counter: Installation) -> None:
    """Nothing is judged that may yet be aborted; once it is, all that follows is judged."""
    await ensure_namespace(counter.settings, timeout_s=20)
    topic = COUNTING.input.within(counter.settings.namespace)
    child = counter.start()
    await child.until(LOADED)
    async with make_producer(counter.settings, transactional_id=counter.settings.namespace) as producer:
        await producer.begin_transaction()
        for one in records("open", 1):
            await producer.send_and_wait(topic, one.value, key=one.key, partition=one.partition)
        await plain(counter, "behind", 5)
        await counter.caught_up(within_s=20)
        assert not await counted(counter)
        await producer.abort_transaction()
    await counter.caught_up(within_s=20)
    assert await counted(counter) == dict.fromkeys(range(PARTITIONS), 5)
    assert await child.stop() == 0


async def test_another_log_is_told_by_the_last_record_before_a_marker(counter: Installation) -> None:
    """The checkpoint's last event stands some offsets before its ``next``."""
    await ensure_namespace(counter.settings, timeout_s=20)
    await plain(counter, "ours", 50)
    await ended(counter, "aborted", 20, commit=False)
    await judged(counter)

    async def refill() -> None:
        await ensure_namespace(counter.settings, timeout_s=20)
        await plain(counter, "theirs", 100)

    await another_log_is_refused_until_it_is_adopted(counter, refill, partitions=PARTITIONS)


async def test_a_beginning_lost_while_it_reads_is_a_gap(counter: Installation) -> None:
    """The client may not jump to where the log begins now: the process ends, and the next load says so."""
    await ensure_namespace(counter.settings, timeout_s=20)
    await plain(counter, "read", 20)
    child = counter.start()
    await child.until(LOADED)
    await counter.caught_up(within_s=20)
    child.process.send_signal(signal.SIGSTOP)
    await plain(counter, "fetched", 1)
    await asyncio.sleep(1.5)  # a fetch is answered by what stands there first
    await plain(counter, "lost", 30)
    place = TopicPartition(COUNTING.input.within(counter.settings.namespace), 0)
    await lose_beginning(counter, place, 45)
    await plain(counter, "later", 5)
    child.process.send_signal(signal.SIGCONT)
    assert await child.ended() == 1
    assert "InputGapError" in child.said()
    await judged(counter)
    assert (await loads(counter))["input_gap"] == 1
    found = await counted(counter)
    assert found.pop(0) in (20 + 6 + 5, 20 + 1 + 6 + 5), "a fetch may have been under way, or not"
    assert found == dict.fromkeys(range(1, PARTITIONS), 56)
