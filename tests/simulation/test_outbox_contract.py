"""The notifier's batches and its outbox give the same on the database in memory and on TimescaleDB."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import msgspec
import pytest
from simulation.servers.database_servers import MEMORY, TIMESCALE, Server, server_of
from simulation.servers.log import MemoryLog
from simulation.servers.outbox_statements import notifier_statements
from simulation.worlds.city import PARTITIONS, SmallCity

from schemas.alerts import Alert, Census
from schemas.outputs import Output, decode
from schemas.topics import TopicName
from services.notifier import outbox
from services.notifier.dispatch import Backoff, Gatherings
from services.notifier.intake import OFFSETS, Intake
from services.notifier.message import DeliveryReport, Lane, Result
from services.notifier.people import load_directory
from services.notifier.plan_details import StoredPlans
from services.runtime.following.reader import TopicReader
from services.runtime.postgres import Connection, pool

MESSAGE = (
    *("alert_id", "seq", "recipient", "channel", "kind", "severity", "nature", "language", "subject", "body"),
    *(
        "station_id",
        "gathered",
        "missed",
        "epoch",
        "src_partition",
        "src_offset",
        "state",
        "attempts",
        "reason",
    ),
)
Happened = list[tuple[Any, ...]]


def batches(outputs: MemoryLog, chance: Random) -> list[list[Output]]:
    """The alerts of the log in batches; some are of late data; in the end censuses know none of them."""
    slots = (slot for place, it in outputs.partitions.items() if "alerts" in place.topic for slot in it.slots)
    found = [decode(slot.record) for slot in slots if slot.record is not None]
    late = [_late(it) if isinstance(it.body, Alert) and chance.random() < 0.5 else it for it in found]
    cut: list[list[Output]] = []
    while late:
        size = chance.randint(1, 40)
        cut.append(late[:size])
        late = late[size:]
    last = cut[-1][-1]
    censuses = [Census(partition=number, offset=10**9, at=1, open_alerts=()) for number in PARTITIONS]
    offsets = range(last.origin.offset + 1, last.origin.offset + 1 + len(censuses))
    after = [msgspec.structs.replace(last.origin, offset=offset) for offset in offsets]
    return [*cut, [Output(at, census, last.record) for at, census in zip(after, censuses, strict=True)]]


def _late(output: Output) -> Output:
    assert isinstance(output.body, Alert)
    return Output(output.origin, replace(output.body, late=True, life_safety=False), output.record)


async def play(server: Server, city: SmallCity, outputs: MemoryLog, seed: int) -> Happened:
    """Batches are decided on; messages are sent, refused, away, interrupted; all that happened, in order."""
    chance = Random(seed)
    settings = server.settings.model_copy(update={"people_dir": city.settings.people_dir})
    directory = load_directory(settings.people_dir)
    happened: Happened = []
    async with server.connected() as connection, pool(settings) as opened:
        reader = TopicReader(settings=settings, name="notifier", topics=(TopicName.ALERTS,), table=OFFSETS)
        intake = Intake(connection, directory, reader, 0, StoredPlans(connection))
        gatherings = Gatherings(0.0)
        await outbox.name_channels(connection)
        for batch in batches(outputs, chance):
            await intake._take(batch)
            for _ in range(chance.randint(0, 4)):
                within_s = chance.choice((0.0, 3600.0))
                at_rest = [lane for lane in _lanes() if chance.random() < 0.2]
                due = await outbox.take_due(opened, at_rest, gatherings, within_s=within_s)
                happened += [(it.key, it.kind, it.subject, it.body, it.attempts, it.gathered) for it in due]
                for message in due:
                    happened.append((await _sent(opened, message, chance),))
                if chance.random() < 0.3:
                    happened.append(("interrupted", await outbox.free_interrupted(connection)))
        happened += await _messages(connection, server)
        happened.append(("waiting", sorted((await outbox.waiting(opened)).items())))
        positions = await OFFSETS.stored(connection)
        happened += [(str(topic), number, it.next) for (topic, number), it in positions.items()]
    return happened


def _lanes() -> list[Lane]:
    return [Lane(person, channel) for person in ("wang", "lee") for channel in ("mail", "webhook")]


async def _sent(opened: Any, message: Any, chance: Random) -> str:
    result = chance.choice(("delivered", "delivered", "refused", "unreachable", "left", "given up"))
    match result:
        case "delivered":
            await outbox.note_delivered(opened, message)
        case "refused" | "unreachable" | "given up":
            report = DeliveryReport(
                Result.UNREACHABLE if result == "unreachable" else Result.REFUSED, "no\x00\ud800"
            )
            backoff = Backoff(result == "given up", 1.0)
            return f"{result} {await outbox.note_failure(opened, message, report, backoff)}"
    return result


async def _messages(connection: Connection, server: Server) -> Happened:
    """The messages with their attempts, in the order of their ids."""
    rows: Sequence[Any]
    if server.memory is None:
        rows = await connection.fetch("SELECT * FROM outbox")
        attempts = await connection.fetch("SELECT outbox_id, attempt, result, reason FROM delivery_attempts")
        ends = [tuple(it) for it in attempts]
    else:
        rows = list(server.memory.tables["outbox"].values())
        stored = server.memory.tables["delivery_attempts"]
        ends = [(*key[:2], it["result"], it["reason"]) for key, it in stored.items()]
    told: Happened = []
    for row in sorted(rows, key=lambda it: it["id"]):
        of_it = sorted(end[1:] for end in ends if end[0] == row["id"])
        told.append((*(row[name] for name in MESSAGE), row["done_at"] is not None, *of_it))
    return told


@pytest.mark.parametrize("seed", range(4))
async def test_the_same_is_queued_dropped_and_noted(city: SmallCity, outputs: MemoryLog, seed: int) -> None:
    """Message by message, attempt by attempt."""
    found = []
    for kind in (MEMORY, TIMESCALE):
        async with server_of(kind, notifier_statements()) as server:
            found.append(await play(server, city, outputs, seed))
    memory, timescale = found
    assert {str(row[16]) for row in timescale if len(row) > 16} >= {"sent", "dropped", "failed"}
    assert any(row[1:2] == ("gathered",) or row[-1:] == (True,) for row in timescale)
    assert memory == timescale
