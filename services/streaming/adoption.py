"""``miyun monitor adopt``: forget checkpoints that were made of another log."""

from collections.abc import Callable, Collection

from aiokafka.admin import AIOKafkaAdminClient

from schemas.partition import EVENT_PARTITIONS
from schemas.topics import TopicName
from services.monitor.assignment import seen_by
from services.monitor.group import group_of
from services.monitor.guard import decide
from services.monitor.loader import read_bounds, read_checkpoints, read_keys
from services.runtime.kafka import ensure_namespace, make_producer, reader
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

BROKER_WITHIN_S = 10.0
Say = Callable[[str], object]


async def adopt(settings: Settings, *, every: bool, yes: bool, say: Say) -> int:
    """Show which partitions' checkpoints are of another log, and with ``yes`` forget them.

    ``every``: all partitions, whatever they hold; nothing of them is decoded.

    Raises:
        StopProcessError: a monitor of the namespace is running.
    """
    epoch = await ensure_namespace(settings, timeout_s=BROKER_WITHIN_S)
    committed = await _committed_while_stopped(settings)
    concerned = (
        dict.fromkeys(range(EVENT_PARTITIONS), "as asked for")
        if every
        else await _contradictions(settings, committed, epoch)
    )
    if not concerned:
        say(f"nothing to adopt: the checkpoints of namespace {settings.namespace} belong to its log")
        return 0
    keys = await _keys(settings, concerned)
    for partition, reason in concerned.items():
        say(f"partition {partition}: {reason}; {len(keys[partition])} records of its checkpoint")
    if not yes:
        say("nothing done: with --yes these are forgotten and their log is read anew from its start")
    else:
        await _forget(settings, keys)
        say(f"forgotten: {len(concerned)} partitions; start the monitor again")
    return 0


async def _committed_while_stopped(settings: Settings) -> dict[int, int | None]:
    """The group's committed offsets by partition, once it is certain that nobody writes checkpoints."""
    group = group_of(settings.namespace)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        described = await admin.describe_consumer_groups([group])
        members = sum(len(entry[5]) for response in described for entry in response.groups)
        if members:
            raise StopProcessError(
                f"{members} monitor worker(s) of namespace {settings.namespace} are running: stop them first"
            )
        offsets = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    topic = TopicName.EVENTS.within(settings.namespace)
    known = {tp.partition: found.offset for tp, found in offsets.items() if tp.topic == topic}
    return {p: known[p] if known.get(p, -1) >= 0 else None for p in range(EVENT_PARTITIONS)}


async def _contradictions(settings: Settings, committed: dict[int, int | None], epoch: str) -> dict[int, str]:
    partitions = range(EVENT_PARTITIONS)
    async with reader(settings.kafka_bootstrap) as consumer:
        found = await read_checkpoints(consumer, settings.namespace, partitions, epoch=epoch)
        headers = {p: found[p].header for p in partitions}
        bounds = await read_bounds(consumer, settings.namespace, headers)
    verdicts = {
        p: decide(headers[p], seen_by(settings, bounds[p], committed=committed[p], epoch=epoch))
        for p in partitions
    }
    return {p: v.reason for p, v in verdicts.items() if v.decision == "another_log"}


async def _keys(settings: Settings, partitions: Collection[int]) -> dict[int, set[bytes]]:
    async with reader(settings.kafka_bootstrap) as consumer:
        return await read_keys(consumer, settings.namespace, partitions)


async def _forget(settings: Settings, keys: dict[int, set[bytes]]) -> None:
    """The header goes last: cut in half, the rest still belongs to the log that is refused."""
    topic = TopicName.MONITOR_STATE.within(settings.namespace)
    async with make_producer(settings) as producer:
        for partition, names in keys.items():
            for key in sorted(names, key=lambda name: name.endswith(b"|header")):
                await producer.send(topic, None, key=key, partition=partition)
        await producer.flush()
