"""Monitors of one namespace, and what they have written, for tests on a real broker."""

import asyncio
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError
from support.namespaces import new_namespace
from support.programs import ENTRY, Done, Program, deadline_in, environment_of, miyun_process, start

from schemas.headers import header
from schemas.topics import TOPICS, TopicName
from services.monitor.logic import STREAM
from services.runtime.kafka import read_range, reader
from services.runtime.settings import Settings
from services.streaming.logic import StreamSpec

OUTPUTS = (TopicName.ALERTS, TopicName.AGGREGATES, TopicName.OUTCOMES, TopicName.REJECTS)
LOADED = "loaded generation"
"""What a monitor says once it takes records."""
GAP_TREE = "from services.streaming.chunked import Consumer; del Consumer._add_gap"
"""A prelude that gives Faust its own list of gaps back: how a monitor slows down, on purpose."""
Ends = dict[TopicPartition, int]


@dataclass
class Installation:
    """A namespace on the tests' broker, with folders of its own."""

    settings: Settings
    folder: Path
    children: list[Program] = field(default_factory=list)
    stream: StreamSpec[Any, Any] = STREAM
    """The service whose processes these are."""
    outputs: tuple[TopicName, ...] = OUTPUTS
    entry: str = ENTRY
    """Code that runs the service's command line."""

    def start(self, *, prelude: str = "", **variables: str) -> Program:
        """Start a worker of the service; ``prelude`` is code that runs before it."""
        log = self.folder / f"{self.stream.group}-{len(self.children)}.log"
        environment = environment_of(self.settings, **variables)
        options = {"prelude": prelude, "entry": self.entry}
        self.children.append(start(self.stream.group, "run", environment=environment, log=log, **options))
        return self.children[-1]

    def adopt(self, *arguments: str) -> Done:
        """Run ``miyun monitor adopt``."""
        environment = environment_of(self.settings)
        return miyun_process(
            self.stream.group, "adopt", *arguments, environment=environment, entry=self.entry
        )

    async def caught_up(self, within_s: float = 60.0) -> None:
        """Wait until the service has committed everything that its input holds now."""
        ends = await self.ends((self.stream.input,))
        wanted = {tp.partition: end for tp, end in ends.items()}
        deadline = deadline_in(within_s)
        async with Admin(self.settings) as admin:
            while (done := await self.committed(admin)) != wanted:
                assert monotonic() < deadline, f"committed {done} of {wanted}: {self._last_words()}"
                await asyncio.sleep(0.1)

    async def committed(self, admin: AIOKafkaAdminClient) -> dict[int, int]:
        """Offsets of the input up to which the service has made checkpoints, by partition."""
        topic = self.stream.input.within(self.settings.namespace)
        group = self.stream.group.within(self.settings.namespace)
        try:
            found = await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            return {}  # a new broker makes its topic of offsets when the first group comes
        return {tp.partition: at.offset for tp, at in found.items() if tp.topic == topic}

    async def make_topics(self) -> None:
        """Make the namespace's topics without a genesis record: the log that follows has its own."""
        async with Admin(self.settings) as admin:
            await admin.create_topics(
                [
                    NewTopic(
                        topic.name.within(self.settings.namespace),
                        num_partitions=topic.partitions,
                        replication_factor=1,
                        topic_configs=topic.config(),
                    )
                    for topic in TOPICS.values()
                ]
            )

    def _last_words(self) -> str:
        return self.children[-1].said()[-3000:] if self.children else "no monitor was started"

    async def ends(self, topics: Iterable[TopicName] = ()) -> Ends:
        """Where the topics (none named: the outputs) end now."""
        tps = [
            TopicPartition(topic.within(self.settings.namespace), partition)
            for topic in topics or self.outputs
            for partition in range(TOPICS[topic].partitions)
        ]
        async with reader(self.settings.kafka_bootstrap) as consumer:
            found: Ends = await consumer.end_offsets(tps)
        return found

    async def written(
        self, topics: Iterable[TopicName] = (), *, since: Ends | None = None
    ) -> list[ConsumerRecord]:
        """The records of the topics (none named: the outputs), in order per partition."""
        ends = await self.ends(topics)
        starts = {tp: 0 if since is None else since[tp] for tp in ends}
        found: list[ConsumerRecord] = []
        async with reader(self.settings.kafka_bootstrap) as consumer:
            async for records in read_range(consumer, ends, starts=starts):
                found.extend(records)
        return found


def new_installation(folder: Path) -> Installation:
    """A namespace of its own with clock=log; its topics are not made yet."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace=new_namespace(),
        clock="log",
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        keys_dir=folder / "keys",
        state_dir=folder / "state",
        checkpoint_every_s=0.4,
        session_timeout_s=6.0,  # the least that a broker takes by default
    )
    return Installation(settings, folder)


class Admin:
    """A started admin client."""

    def __init__(self, settings: Settings) -> None:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)

    async def __aenter__(self) -> AIOKafkaAdminClient:
        await self._admin.start()
        return self._admin

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()


@contextmanager
def children_of(installation: Installation) -> Iterator[Installation]:
    """Whatever a test does, no process of it survives."""
    try:
        yield installation
    finally:
        for child in installation.children:
            child.end(signal.SIGKILL)


def kind_of(record: ConsumerRecord) -> str:
    """The record's ``ce_type``."""
    return header(record.headers, "ce_type") or ""


def distinct(records: Iterable[ConsumerRecord]) -> dict[tuple[str, str], tuple[object, ...]]:
    """Records by topic and id, with everything but their own offset; repeats must not differ."""
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for record in records:
        id_ = header(record.headers, "ce_id") or ""
        content = (record.partition, record.key, record.value, tuple(record.headers))
        known = found.setdefault((record.topic, id_), content)
        assert known == content, f"{id_} came with two contents"
    return found
