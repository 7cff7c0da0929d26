"""``miyun monitor run`` on a real Kafka makes of the golden log what the golden log says, killed or not."""

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

import pytest
from aiokafka import ConsumerRecord
from support.golden_differences import compare
from support.golden_log import Given, Golden, Json, effect_of, read
from support.monitor_city import Sent, write
from support.monitor_process import (
    LOADED,
    Admin,
    Ends,
    Installation,
    children_of,
    distinct,
    new_installation,
)

from schemas.topics import EVENT_PARTITIONS, TopicName
from services.runtime.kafka import make_producer, reader

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]

BUG = Given.stored().bug
GENESIS = EVENT_PARTITIONS
"""Records with which the log begins, and without which a monitor would begin one of its own."""
UNHURRIED_S = "20"
"""Seconds between checkpoints of the monitor that is killed: none comes between an effect and the kill."""


@pytest.fixture(scope="module")
def golden() -> Golden:
    """The stored plans and records."""
    return Golden.stored()


@pytest.fixture(scope="module")
def was() -> list[Json]:
    """The stored effects."""
    return list(read("effects"))


@pytest.fixture
def installation(golden: Golden, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A new namespace, its monitor given what the golden log gives; its topics are not made yet."""
    made = new_installation(tmp_path_factory.mktemp("golden"))
    golden.given.provide(made.settings.keys_dir)
    with children_of(made):
        yield made


async def fill(installation: Installation, topic: TopicName, records: Sequence[Sent]) -> None:
    """Write records of the golden log; each stands at the offset that it had."""
    async with make_producer(installation.settings) as producer:
        await write(producer, topic.within(installation.settings.namespace), list(records))
    last = {record.partition: record.offset for record in records}
    ends = {tp.partition: end for tp, end in (await installation.ends((topic,))).items()}
    assert {partition: ends[partition] - 1 for partition in last} == last


async def judge(installation: Installation, records: Sequence[Sent], *, checkpoints: int = 1) -> None:
    """Let a monitor come to the end of the log, which grows by these records; with so many checkpoints."""
    child = installation.start(prelude=BUG)
    await child.until(LOADED)
    size = -(-len(records) // checkpoints)
    for start in range(0, len(records), size):
        await fill(installation, TopicName.EVENTS, records[start : start + size])
        await installation.caught_up()
    assert await child.stop() == 0


def told(records: Iterable[ConsumerRecord], was: list[Json]) -> list[Json]:
    """What the monitor has written about the log, each record once.

    Not looked at: offsets and append times of the outputs, and what a load says of itself, which are
    findings of how its partitions began and a census of each.
    """
    in_log = {one["headers"]["ce_id"] for one in was}
    by_id: dict[tuple[str, str], Json] = {}
    for record in records:
        topic = record.topic.partition(".")[2]
        effect = effect_of(topic, record)
        id_ = effect["headers"]["ce_id"]
        if effect["kind"] not in ("finding", "census") or id_ in in_log:
            by_id.setdefault((topic, id_), effect)
    return list(by_id.values())


async def test_the_monitor_makes_the_golden_effects(
    installation: Installation, golden: Golden, was: list[Json]
) -> None:
    """Of the log read from its start to its end by one process; nothing comes twice."""
    await installation.make_topics()
    await fill(installation, TopicName.PLANS, golden.plans)
    begin, rest = golden.events[:GENESIS], golden.events[GENESIS:]
    await fill(installation, TopicName.EVENTS, begin)
    await judge(installation, rest)
    records = await installation.written()
    assert len(distinct(records)) == len(records)
    differences = compare(was, told(records, was))
    assert not differences, differences.report()


async def test_a_kill_in_the_midst_changes_no_effect(
    installation: Installation, golden: Golden, was: list[Json]
) -> None:
    """A third of the log is in checkpoints, a third is being judged when the process is killed, a third comes
    later: what was told twice is equal byte for byte, and the whole as if nothing had happened.
    """
    third = len(golden.events) // 3
    await installation.make_topics()
    await fill(installation, TopicName.PLANS, golden.plans)
    await fill(installation, TopicName.EVENTS, golden.events[:GENESIS])
    await judge(installation, golden.events[GENESIS:third], checkpoints=6)
    child = installation.start(prelude=BUG, MIYUN_CHECKPOINT_EVERY_S=UNHURRIED_S)
    await child.until(LOADED)
    before = await installation.ends()
    await fill(installation, TopicName.EVENTS, golden.events[third : 2 * third])
    await until_more(installation, before)
    await child.kill()
    async with Admin(installation.settings) as admin:
        covered = sum((await installation.committed(admin)).values())
    assert covered == third, "a checkpoint came between: the kill proved nothing"
    await judge(installation, golden.events[2 * third :])
    records = await installation.written()
    assert len(distinct(records)) < len(records), "nothing was told twice: the kill proved nothing"
    differences = compare(was, told(records, was))
    assert not differences, differences.report()


async def until_more(installation: Installation, before: Ends, within_s: float = 30.0) -> None:
    """Wait until the monitor has written effects, a census of its load apart."""
    deadline = monotonic() + within_s
    async with reader(installation.settings.kafka_bootstrap) as consumer:
        while sum((await consumer.end_offsets(list(before))).values()) < sum(before.values()) + 100:
            assert monotonic() < deadline, installation.children[-1].said()[-3000:]
