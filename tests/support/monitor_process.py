"""``miyun monitor run`` as a child process, and what it has written, for tests on a real broker."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from uuid import uuid4

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.headers import header
from schemas.topics import TOPICS, TopicName
from services.monitor.group import group_of
from services.runtime.kafka import read_range, reader
from services.runtime.settings import Settings

OUTPUTS = (TopicName.ALERTS, TopicName.AGGREGATES, TopicName.OUTCOMES, TopicName.REJECTS)
ENTRY = "from services.cli.main import app_main; app_main()"
LOADED = "loaded generation"
"""What a monitor says once it takes records."""
Ends = dict[TopicPartition, int]


@dataclass
class Child:
    """A monitor process; its log lies in ``log``."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        """Everything it has written to stderr."""
        return self.log.read_text()

    async def until(self, words: str, within_s: float = 30.0) -> None:
        """Wait until its log has these words."""
        deadline = monotonic() + within_s
        while words not in self.said():
            assert monotonic() < deadline, f"never said {words!r}: {self.said()[-3000:]}"
            assert self.process.poll() is None, f"ended ({self.process.returncode}): {self.said()[-3000:]}"
            await asyncio.sleep(0.05)

    async def ended(self, within_s: float = 30.0) -> int:
        """Its exit code, once it has ended."""
        return await asyncio.to_thread(self.process.wait, within_s)

    async def stop(self) -> int:
        """SIGTERM, then its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        await self.ended()


@dataclass
class Installation:
    """A namespace on the tests' broker, with folders of its own."""

    settings: Settings
    folder: Path
    children: list[Child] = field(default_factory=list)

    def environment(self, **variables: str) -> dict[str, str]:
        """The settings for a child process, and nothing else of ours."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MIYUN_")}
        ours = {f"MIYUN_{name.upper()}": str(value) for name, value in self.settings}
        return inherited | ours | variables

    def start(self, *, prelude: str = "", **variables: str) -> Child:
        """Start a monitor; ``prelude`` is code that runs before it."""
        log = self.folder / f"monitor-{len(self.children)}.log"
        code = f"{prelude}\n{ENTRY}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", code, "monitor", "run"],
                env=self.environment(**variables),
                stdout=out,
                stderr=out,
            )
        child = Child(process, log)
        self.children.append(child)
        return child

    def adopt(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run ``miyun monitor adopt``."""
        return subprocess.run(
            [sys.executable, "-c", ENTRY, "monitor", "adopt", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def caught_up(self, within_s: float = 60.0) -> None:
        """Wait until the monitor has committed everything that ``events`` holds now."""
        ends = await self.ends((TopicName.EVENTS,))
        wanted = {tp.partition: end for tp, end in ends.items()}
        deadline = monotonic() + within_s
        async with Admin(self.settings) as admin:
            while (done := await self.committed(admin)) != wanted:
                assert monotonic() < deadline, f"committed {done} of {wanted}: {self._last_words()}"
                await asyncio.sleep(0.1)

    async def committed(self, admin: AIOKafkaAdminClient) -> dict[int, int]:
        """Offsets of ``events`` up to which the monitor has made checkpoints, by partition."""
        topic = TopicName.EVENTS.within(self.settings.namespace)
        found = await admin.list_consumer_group_offsets(group_of(self.settings.namespace))
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

    async def ends(self, topics: Iterable[TopicName] = OUTPUTS) -> Ends:
        """Where the topics end now."""
        tps = [
            TopicPartition(topic.within(self.settings.namespace), partition)
            for topic in topics
            for partition in range(TOPICS[topic].partitions)
        ]
        async with reader(self.settings.kafka_bootstrap) as consumer:
            found: Ends = await consumer.end_offsets(tps)
        return found

    async def written(
        self, topics: Iterable[TopicName] = OUTPUTS, *, since: Ends | None = None
    ) -> list[ConsumerRecord]:
        """The records of the topics, in order per partition."""
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
        namespace=f"t_{uuid4().hex[:12]}",
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
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()


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
