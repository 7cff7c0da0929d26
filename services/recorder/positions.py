"""How far each topic is stored: written with the data, checked against the log before going on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.topics import TopicName
from services.recorder.entries import Entry
from services.recorder.statements import statement
from services.runtime.positions import Position
from services.runtime.postgres import Connection
from services.runtime.words import ExplainedError

Place = tuple[TopicName, int]
"""A topic and a partition of it."""


Stored = Mapping[Place, Position]
"""How far each place is stored."""


@dataclass(slots=True)
class Reach:
    """What a batch holds of one place: first offset, position behind the last entry, latest city time."""

    first: int
    position: Position
    city_ms: int | None


class StoredElsewhereError(ExplainedError):
    """Somebody else stored what this process was about to store."""


def reached(entries: Iterable[Entry]) -> dict[Place, Reach]:
    """The places of a batch."""
    places: dict[Place, Reach] = {}
    for entry in entries:
        origin = entry.origin
        position = Position(origin.epoch, origin.offset + 1, origin.ce_id)
        place = origin.topic, origin.partition
        known = places.get(place)
        if known is None:
            places[place] = Reach(origin.offset, position, origin.city_ms)
        else:
            known.position = position
            known.city_ms = max(filter(None, (known.city_ms, origin.city_ms)), default=None)
    return places


async def lock(connection: Connection, places: dict[Place, Reach]) -> None:
    """Lock the places' rows and see that nothing of the batch is stored yet.

    Raises:
        StoredElsewhereError: something is.
    """
    topics = [topic for topic, _ in places]
    rows = await connection.fetch(statement("offsets_lock"), topics, [number for _, number in places])
    for row in rows:
        if row["next_offset"] > places[TopicName(row["topic"]), row["partition"]].first:
            raise StoredElsewhereError(
                f"another recorder of this namespace stored {row['topic']}, partition {row['partition']},"
                f" up to offset {row['next_offset']}"
            )


async def advance(connection: Connection, places: dict[Place, Reach]) -> None:
    """Note what the transaction stores."""
    positions = [reach.position for reach in places.values()]
    await connection.execute(
        statement("offsets_upsert"),
        [topic for topic, _ in places],
        [number for _, number in places],
        [position.epoch for position in positions],
        [position.next for position in positions],
        [position.ce_id for position in positions],
        [reach.city_ms for reach in places.values()],
    )


async def stored(connection: Connection) -> dict[Place, Position]:
    """All positions."""
    rows = await connection.fetch(statement("offsets_of"))
    return {
        (TopicName(row["topic"]), row["partition"]): Position(
            row["epoch"], row["next_offset"], row["last_ce_id"]
        )
        for row in rows
    }


async def forget(connection: Connection, topic: TopicName) -> int:
    """Forget how far a topic is stored; of how many partitions. It will be read from its start."""
    return len(await connection.fetch(statement("offsets_forget"), topic))
