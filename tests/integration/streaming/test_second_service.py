"""A service that counts records by key, and knows no stations, keeps the shell's contract."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from aiokafka import TopicPartition
from support.counting import COUNTING
from support.monitor_city import Sent, write
from support.monitor_process import Installation, children_of, kind_of, new_installation
from support.stream_contract import (
    a_finished_backlog_is_committed_at_once,
    adoption_is_refused_while_a_worker_runs,
    another_log_is_refused_until_it_is_adopted,
    judged,
    kills_and_handovers_change_nothing,
    lose_beginning,
    what_comes_after_a_handover_is_judged_at_once,
    what_was_checkpointed_is_committed_by_the_next_load,
)

from schemas.headers import ce_headers
from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import ensure_namespace, make_producer
from services.streaming.worker import BACKLOG_RECORDS

TESTS = Path(__file__).parents[2]
ENTRY = f"import sys; sys.path.insert(0, {str(TESTS)!r}); from support.counting import main; main()"
PARTITIONS = TOPICS[COUNTING.input].partitions
KEYS = 10


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Installation]:
    """A namespace of its own, in which the counting service is started."""
    made = replace(new_installation(tmp_path), stream=COUNTING, outputs=(TopicName.OUTCOMES,), entry=ENTRY)
    with children_of(made):
        yield made


async def fill(installation: Installation, records: int, log: str = "first") -> None:
    """So many records, keys and partitions in turn; their ids say which log they are of."""
    await ensure_namespace(installation.settings, timeout_s=20)
    sent = [
        Sent(b"key-%d" % (n % KEYS), b"{}", ce_headers("any", "test", f"{log}:{n}"), n % PARTITIONS)
        for n in range(records)
    ]
    async with make_producer(installation.settings) as producer:
        await write(producer, COUNTING.input.within(installation.settings.namespace), sent)


async def counts(installation: Installation) -> Counter[tuple[int, bytes]]:
    """The last count said of each partition and key."""
    found: Counter[tuple[int, bytes]] = Counter()
    for record in await installation.written():
        if kind_of(record) == "count":
            found[record.partition, record.key or b""] = msgspec.json.decode(record.value or b"")["n"]
    return found


async def decisions_of_loads(installation: Installation) -> Counter[str]:
    """What loads have found out."""
    records = [record for record in await installation.written() if kind_of(record) == "load"]
    return Counter(msgspec.json.decode(record.value or b"") for record in records)


async def test_kills_and_handovers_change_no_count(counter: Installation) -> None:
    """Each record is counted once, in the order of its partition, whoever counts it."""
    records = 2_000
    await fill(counter, records)
    told = await kills_and_handovers_change_nothing(counter)
    assert len(told) == records
    found = await counts(counter)
    assert sum(found.values()) == records
    assert len(found) == KEYS * PARTITIONS // 2  # ten keys and four partitions in turn meet in twenty pairs


async def test_what_comes_after_a_handover_is_judged_at_once(counter: Installation) -> None:
    """Each partition gets a single record after the group has rebalanced."""
    await fill(counter, PARTITIONS)
    handovers = iter(range(10))
    await what_comes_after_a_handover_is_judged_at_once(
        counter, lambda: fill(counter, PARTITIONS, f"handover {next(handovers)}")
    )
    assert sum((await counts(counter)).values()) == PARTITIONS * (1 + next(handovers))


async def test_another_log_is_refused_until_it_is_adopted(counter: Installation) -> None:
    """Here the namespace's epoch is the same: the last record's id gives the other log away."""
    await fill(counter, 400)
    await judged(counter)
    await another_log_is_refused_until_it_is_adopted(
        counter, lambda: fill(counter, 800, log="second"), partitions=PARTITIONS
    )
    assert sum((await counts(counter)).values()) == 800


async def test_adoption_is_refused_while_it_runs(counter: Installation) -> None:
    """The group that is looked at is its own."""
    await fill(counter, 40)
    await adoption_is_refused_while_a_worker_runs(counter)


async def test_a_finished_backlog_is_committed_at_once(counter: Installation) -> None:
    """However far apart checkpoints are."""
    await fill(counter, BACKLOG_RECORDS + 1_000)
    await a_finished_backlog_is_committed_at_once(counter)


async def test_what_was_checkpointed_is_committed_by_the_next_load(counter: Installation) -> None:
    """Each record has one output."""
    await fill(counter, 40)
    await what_was_checkpointed_is_committed_by_the_next_load(counter, 40)


async def test_a_log_that_lost_its_beginning_goes_on(counter: Installation) -> None:
    """What is gone is not counted; the service is told of the gap."""
    await fill(counter, 400)
    await judged(counter)
    await fill(counter, 400, log="lost")
    place = TopicPartition(COUNTING.input.within(counter.settings.namespace), 0)
    await lose_beginning(counter, place, 150)
    await judged(counter)
    assert sum((await counts(counter)).values()) == 400 + 400 - 50
    assert await decisions_of_loads(counter) == {"new_partition": 4, "input_gap": 1, "go_on": 3}
