"""kill -9 at any instant: nobody misses a message, and nobody gets one twice."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from support.notifier_city import caught, process, raised, repeats
from support.output_records import Outputs
from support.recorder_process import send, until

from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics", "catcher")

ALERTS, KILLS = 60, 10
BATCH = ALERTS * 4 // KILLS
"""Messages between two kills, which fall before, while and after they are sent."""


async def test_killed_notifier_tells_everybody_everything_once(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """60 alerts, two people, two channels, ten kills at random instants of the stream."""
    chance = Random(11)
    outputs = Outputs(settings.namespace)
    killed_at = []
    for kill in range(KILLS):
        with process(settings, notifier_log, "notifier", "run") as running:
            batch = range(kill * ALERTS // KILLS, (kill + 1) * ALERTS // KILLS)
            await until(lambda: _works(notifier_log, len(killed_at) + 1), within_s=20, what="it works")
            told = len(caught(settings)) + chance.randrange(BATCH)
            sending = asyncio.create_task(send(settings, [outputs.alert(raised(n)) for n in batch]))
            await until(lambda told=told: len(caught(settings)) >= told, within_s=20, what="so many")
            await running.kill()
            await sending
        killed_at.append(await _states(database))
    with process(settings, notifier_log, "notifier", "run"):
        await until(lambda: len(caught(settings)) >= ALERTS * 4, within_s=30, what="all messages")

        async def quiet() -> bool:
            return set(await _states(database)) == {"sent"}

        await until(quiet, within_s=10, what="all is sent")
    print(f"states at the kills: {killed_at}; repeats dropped: {repeats(settings)}")
    found = Counter((message["way"], message["to"]) for message in caught(settings))
    people = {"mail": ("wang@x.example", "lee@x.example"), "webhook": ("wang", "lee")}
    assert found == {(way, to): ALERTS for way, tos in people.items() for to in tos}
    assert len({message["id"] for message in caught(settings)}) == ALERTS * 4
    busy = [states for states in killed_at if set(states) - {"sent"}]
    assert len(busy) >= 5, "killed while there was something to do"


async def test_message_that_was_accepted_but_not_noted_is_dropped_as_a_repeat(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """The one instant that no order of notes removes: it is sent again under its id, and kept once."""
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [Outputs(settings.namespace).alert(raised())])
        await until(lambda: len(caught(settings)) == 4, within_s=20, what="four messages")

        async def noted() -> bool:
            return await _states(database) == {"sent": 4}

        await until(noted, within_s=10, what="all is noted")
    await database.execute("UPDATE outbox SET state = 'sending'")
    await database.execute("UPDATE delivery_attempts SET result = 'begun', ended_at = NULL")
    with process(settings, notifier_log, "notifier", "run"):
        await until(noted, within_s=20, what="all is noted again")
    assert len(caught(settings)) == 4
    results = await database.fetch("SELECT result, count(*) AS n FROM delivery_attempts GROUP BY result")
    assert {row["result"]: row["n"] for row in results} == {"unknown": 4, "delivered": 4}
    assert await database.fetch(queries("services.notifier")["waiting"]) == []


def _works(log: Path, times: int) -> bool:
    return log.exists() and log.read_text().count("notifier: delivering") >= times


async def _states(database: Connection) -> dict[str, int]:
    rows = await database.fetch("SELECT state, count(*) AS n FROM outbox GROUP BY state")
    return {row["state"]: row["n"] for row in rows}
