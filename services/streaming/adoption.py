"""``miyun <service> adopt``: forget checkpoints that were made of another log."""

from collections.abc import Callable, Collection, Iterator

from schemas.headers import Headers
from schemas.snapshots import header_key
from schemas.topics import TOPICS
from services.runtime.kafka import administration, ensure_namespace, make_producer, reader
from services.runtime.processes import StopProcessError
from services.runtime.records.authenticity import Signer, ensure_output_key
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.runtime.words import ByLanguage, sentence
from services.streaming.loader import FORGETS, examine, state_records
from services.streaming.logic import H, Loaded, StreamSpec, T
from services.streaming.words import ADOPT

BROKER_WITHIN_S = 10.0


async def adopt(
    settings: Settings,
    stream: StreamSpec[H, T],
    *,
    every: bool,
    yes: bool,
    say: Callable[[ByLanguage], object],
) -> None:
    """Show which partitions' checkpoints are of another log, and with ``yes`` forget them.

    ``every``: all partitions, whatever they hold; nothing of them is decoded.

    Raises:
        StopProcessError: a worker of the service runs in the namespace.
    """
    epoch = await ensure_namespace(settings, timeout_s=BROKER_WITHIN_S)
    committed = await _committed_while_stopped(settings, stream)
    if every:
        concerned: dict[int, str | ByLanguage] = dict.fromkeys(committed, ADOPT["as_asked"])
    else:
        unreadable = Unreadable(stream.group)
        found = await examine(settings, stream, committed, epoch=epoch, unreadable=unreadable)
        for one in found:
            for why in _unread(one):
                say(sentence(ADOPT, "unread", partition=one.number, why=why))
        concerned = {f.number: f.verdict.reason for f in found if f.verdict.decision == "another_log"}
    if not concerned:
        say(sentence(ADOPT, "nothing", namespace=settings.namespace))
        return
    keys = await _keys(settings, stream, concerned)
    for partition, reason in concerned.items():
        say(sentence(ADOPT, "partition", partition=partition, why=reason, count=len(keys[partition])))
    if not yes:
        say(ADOPT["nothing_done"])
    else:
        await _forget(settings, stream, keys)
        say(sentence(ADOPT, "forgotten", count=len(concerned), group=stream.group))


def _unread(found: Loaded[H, T]) -> Iterator[ByLanguage]:
    """Messages: which parts of a checkpoint are passed over, and why."""
    for key, why in found.lost.items():
        yield sentence(ADOPT, "lost", key=key.decode(errors="replace"), why=why)
    if found.newer is not None:
        yield sentence(ADOPT, "newer", why=found.newer)


async def _committed_while_stopped(settings: Settings, stream: StreamSpec[H, T]) -> dict[int, int | None]:
    """The group's committed offsets by partition, once it is certain that nobody writes checkpoints."""
    group = stream.group.within(settings.namespace)
    async with administration(settings.kafka_bootstrap) as admin:
        described = await admin.describe_consumer_groups([group])
        members = sum(len(entry[5]) for response in described for entry in response.groups)
        if members:
            facts = {"count": members, "group": stream.group, "namespace": settings.namespace}
            raise StopProcessError(sentence(ADOPT, "running", **facts))
        offsets = await admin.list_consumer_group_offsets(group)
    topic = stream.input.within(settings.namespace)
    committed = {tp.partition: found.offset for tp, found in offsets.items() if tp.topic == topic}
    committed = {number: offset for number, offset in committed.items() if offset >= 0}
    return {number: committed.get(number) for number in range(TOPICS[stream.input].partitions)}


async def _keys(
    settings: Settings, stream: StreamSpec[H, T], partitions: Collection[int]
) -> dict[int, dict[bytes, int]]:
    """The keys of the state topic that have a value, with the offset of the last one."""
    keys: dict[int, dict[bytes, int]] = {partition: {} for partition in partitions}
    async with reader(settings.kafka_bootstrap) as consumer:
        async for record in state_records(consumer, stream.state.within(settings.namespace), partitions):
            kept = keys[record.partition]
            if record.value is None:
                kept.pop(record.key, None)
            else:
                kept[record.key] = record.offset
    return keys


async def _forget(settings: Settings, stream: StreamSpec[H, T], keys: dict[int, dict[bytes, int]]) -> None:
    """The header goes last: cut in half, the rest still belongs to the log that is refused."""
    topic, signer = stream.state.within(settings.namespace), Signer(ensure_output_key(settings.keys_dir))
    async with make_producer(settings) as producer:
        for partition, offsets in keys.items():
            last = header_key(partition)
            for key, offset in sorted(offsets.items(), key=lambda name: name[0] == last):
                headers: Headers = [(FORGETS, str(offset).encode())]
                signed = signer.sign(topic, partition, key=key, value=None, headers=headers)
                await producer.send(topic, None, key=key, partition=partition, headers=signed)
        await producer.flush()
