"""A notifier's world: people are told of what a monitor has written, whatever happens meanwhile."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from random import Random
from typing import Any

from aiokafka import TopicPartition
from simulation.loop import SeededLoop, simulate
from simulation.servers.database import MemoryDatabase
from simulation.servers.log import BASE_MS, MemoryLog
from simulation.servers.outbox_statements import CALLS, ENDS, notifier_statements
from simulation.servers.standing_in import Place
from simulation.worlds.city import SmallCity
from simulation.worlds.following import Follower, FollowingWorld
from simulation.worlds.monitor_world import CALM_AT_S, Trouble

from schemas.topics import TopicName
from services.notifier import intake, notifier, outbox, sender
from services.notifier.message import DeliveryReport, Message, Result
from services.notifier.people import Directory, load_directory
from services.runtime.following.offsets import OffsetsTable
from services.runtime.following.reader import TopicReader, follow
from services.runtime.settings import Settings

DONE = ("sent", "dropped", "failed")
AWAY = 0.3
"""How often a receiver does not answer, in rough times."""


@dataclass(slots=True)
class Receiver:
    """A receiver of messages that keeps the ids which it has taken, as our catcher does."""

    chance: Random
    is_rough: bool
    taken: dict[str, Message] = field(default_factory=dict)
    repeats: int = 0

    async def deliver(self, message: Message, _: str) -> DeliveryReport:
        """Take it, or be away; or take it, and the answer is lost."""
        await asyncio.sleep(self.chance.random() * 0.2)
        if self._fails():
            return DeliveryReport(Result.UNREACHABLE, "away")
        self.repeats += message.key in self.taken
        self.taken.setdefault(message.key, message)
        await asyncio.sleep(self.chance.random() * 0.2)
        return (
            DeliveryReport(Result.UNREACHABLE, "no answer")
            if self._fails()
            else DeliveryReport(Result.DELIVERED)
        )

    async def close(self) -> None:
        """Nothing is open."""

    def _fails(self) -> bool:
        is_calm = not self.is_rough or asyncio.get_running_loop().time() > CALM_AT_S
        return not is_calm and self.chance.random() < AWAY


@dataclass(frozen=True)
class Told:
    """The outbox as it is in the end, what the receivers have, and how the processes ended."""

    outbox: Mapping[Any, Mapping[str, Any]]
    attempts: Mapping[Any, Mapping[str, Any]]
    taken: Mapping[str, Message]
    repeats: int
    ends: list[str]
    steps: int

    @property
    def queued(self) -> dict[Any, tuple[Any, ...]]:
        """What was decided on, message by message."""
        columns = ("severity", "headline", "at", "gathered", "missed", "station_id")
        return {key: tuple(it[name] for name in columns) for key, it in self.outbox.items()}

    @property
    def deliveries(self) -> dict[str, tuple[str, str]]:
        """What receivers have of alerts that are not over, word for word.

        Who is told of an alert that has ended hangs on when: a call that was not sent until then is dropped.
        """
        over = {it["alert_id"] for it in self.outbox.values() if it["kind"] in ENDS}
        return {key: (it.subject, it.body) for key, it in self.taken.items() if it.alert_id not in over}

    def wrongs(self) -> list[str]:
        """Who heard of a beginning and not of the end, or of an end of what was never sent."""
        stories: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for it in self.outbox.values():
            stories.setdefault((it["alert_id"], it["recipient"], it["channel"]), []).append(it)
        return [wrong for story in stories.values() if (wrong := self._wrong(story))]

    def _wrong(self, story: list[Mapping[str, Any]]) -> str:
        """Of an alert that is over: whoever heard a call has to hear of an end behind it."""
        story.sort(key=lambda it: it["id"])
        taken = [it["kind"] for it in story if self._is_taken(it)]
        if story[-1]["kind"] in ENDS and taken and taken[-1] not in ENDS:
            return f"{story[0]['key']}: heard of it, and not of its end"
        first = next((it for it in story if self._is_taken(it)), story[0])
        was_sent = any(it["attempts"] for it in story if it["kind"] in CALLS)
        if first["kind"] in ENDS and taken and not was_sent and first["missed"] is None:
            return f"{first['key']}: heard of its end, and of nothing else"
        return ""

    def _is_taken(self, row: Mapping[str, Any]) -> bool:
        return ":".join(map(str, row["key"][:4])) in self.taken


def tell(
    city: SmallCity, outputs: MemoryLog, seed: int, trouble: Trouble, table: OffsetsTable = intake.OFFSETS
) -> Told:
    """Run the seed's world until everybody is told."""
    return simulate(f"notifier {seed}", partial(_tell, city, outputs, trouble, table))


async def _tell(
    city: SmallCity, outputs: MemoryLog, trouble: Trouble, table: OffsetsTable, loop: SeededLoop
) -> Told:
    alerts = MemoryLog(
        {at: it for at, it in outputs.partitions.items() if _topic(city, at) == TopicName.ALERTS}
    )
    receiver = Receiver(loop.chance, trouble != Trouble())
    directory = load_directory(city.settings.people_dir)
    follower = Follower(partial(_run, city.settings, directory, receiver, table), _is_done)
    world = FollowingWorld(loop, trouble, follower, notifier_statements(), alerts)
    database = await world.run(_places(loop, table))
    outbox_rows, attempts = database.tables["outbox"], database.tables["delivery_attempts"]
    return Told(outbox_rows, attempts, receiver.taken, receiver.repeats, world.ends, loop.steps)


def _topic(city: SmallCity, place: TopicPartition) -> str:
    return place.topic.removeprefix(f"{city.settings.namespace}.")


def _places(loop: SeededLoop, table: OffsetsTable) -> list[Place]:
    class Clock(datetime):
        """The loop's time as a date."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """Now."""
            return datetime.fromtimestamp(BASE_MS / 1000 + loop.time(), tz or UTC)

    return [
        (intake, "OFFSETS", table),
        (notifier, "OFFSETS", table),
        (outbox, "datetime", Clock),
        (intake, "datetime", Clock),
        (outbox, "monotonic", loop.time),
        (sender, "monotonic", loop.time),
    ]


async def _run(settings: Settings, directory: Directory, receiver: Receiver, table: OffsetsTable) -> None:
    """As ``notifier.run``, without its endpoints, and with a receiver instead of the ways to people."""
    reader = TopicReader(settings=settings, name=notifier.NAME, topics=(TopicName.ALERTS,), table=table)
    carriers = dict.fromkeys(directory.channels, receiver)
    equipment = notifier.Equipment(settings, directory, carriers, reader)
    session: Any = partial(notifier._session, equipment)
    await follow(reader, session, answer_within_s=notifier.ANSWER_WITHIN_S, fetch={})


def _is_done(database: MemoryDatabase, log: MemoryLog) -> bool:
    offsets = database.tables.get("notifier_offsets", {})
    ends = {at.partition: it.end for at, it in log.partitions.items() if it.end}
    taken = {row["partition"]: row["next_offset"] for row in offsets.values()}
    queued = database.tables.get("outbox", {}).values()
    return {at: taken.get(at) for at in ends} == ends and all(it["state"] in DONE for it in queued)
