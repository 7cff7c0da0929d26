"""A recorder's world: what a monitor has written is stored, whatever happens meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import TopicPartition
from simulation.loop import SeededLoop, simulate
from simulation.servers.database import MemoryDatabase, Table
from simulation.servers.log import MemoryLog
from simulation.servers.standing_in import Place
from simulation.servers.statements import recorder_statements
from simulation.worlds.city import SmallCity
from simulation.worlds.following import Follower, FollowingWorld
from simulation.worlds.monitor_world import Trouble

from schemas.topics import TopicName
from services.recorder import recorder, store
from services.runtime import metrics
from services.runtime.following.offsets import OffsetsTable
from services.runtime.following.reader import TopicReader, follow
from services.runtime.settings import Settings

OUTPUTS = tuple(topic for topic in store.TOPICS if topic is not TopicName.PLANS)


@dataclass(frozen=True)
class Stored:
    """The tables as they are in the end, and how the processes ended."""

    tables: Mapping[str, Table]
    ends: list[str]
    steps: int

    @property
    def facts(self) -> dict[str, Table]:
        """All tables but that of what was forgotten, which tells when somebody last did so."""
        return {name: rows for name, rows in self.tables.items() if name != "aggregate_floors"}


def outputs_of(city: SmallCity, log: MemoryLog) -> MemoryLog:
    """What a monitor has written to its output topics; no plans."""
    wanted = {topic.within(city.settings.namespace) for topic in OUTPUTS}
    plans = TopicPartition(TopicName.PLANS.within(city.settings.namespace), 0)
    outputs = MemoryLog({at: it for at, it in log.partitions.items() if at.topic in wanted})
    outputs.create(plans.topic, 1)
    return outputs


def record(
    city: SmallCity, outputs: MemoryLog, seed: int, trouble: Trouble, table: OffsetsTable = store.OFFSETS
) -> Stored:
    """Run the seed's world until all is stored."""
    return simulate(f"recorder {seed}", partial(_record, city, outputs, trouble, table))


async def _record(
    city: SmallCity, outputs: MemoryLog, trouble: Trouble, table: OffsetsTable, loop: SeededLoop
) -> Stored:
    follower = Follower(partial(_run, city.settings, table), partial(_is_done, city.settings.namespace))
    world = FollowingWorld(loop, trouble, follower, recorder_statements(), outputs)
    places: list[Place] = [(store, "OFFSETS", table)]
    database = await world.run(places)
    return Stored(database.tables, world.ends, loop.steps)


async def _run(settings: Settings, table: OffsetsTable) -> None:
    """As ``recorder.run``, without its endpoints."""
    reader = TopicReader(
        settings=settings,
        name=recorder.NAME,
        topics=store.TOPICS,
        table=table,
        waits=metrics.DATABASE_WAITS,
        lost=metrics.LOST,
    )
    session: Any = partial(recorder._session, reader)
    await follow(reader, session, answer_within_s=recorder.ANSWER_WITHIN_S, fetch={})


def _is_done(namespace: str, database: MemoryDatabase, log: MemoryLog) -> bool:
    offsets = database.tables.get("consumer_offsets", {})
    ends = {place: partition.end for place, partition in log.partitions.items() if partition.end}
    names = {place: (place.topic.removeprefix(f"{namespace}."), place.partition) for place in ends}
    taken = {place: offsets.get(names[place], {"next_offset": -1})["next_offset"] for place in ends}
    return taken == ends
