"""``miyun recorder adopt | reset``: reading topics from their start again, and dropping what is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from schemas.topics import TopicName
from services.recorder.recorder import NAME
from services.recorder.store import OFFSETS, TOPICS
from services.recorder.words import MESSAGES
from services.runtime.command_line import database
from services.runtime.following.offsets import Positions, compare
from services.runtime.following.reader import take_lock
from services.runtime.kafka import wait_for_broker
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage, sentence

BROKER_WITHIN_S = 10.0
RELEASED_WITHIN_S = 2.0
"""The database may notice a moment later that a recorder has ended."""
NEVER_RESET = "live"


async def adopt(settings: Settings, *, every: bool, yes: bool, say: Callable[[ByLanguage], object]) -> None:
    """Show which topics are not those that were stored; with ``yes`` forget how far they are stored.

    ``every``: all topics, whatever they hold.

    Raises:
        StopProcessError: a recorder of the namespace runs, or a server is away.
    """
    async with _while_no_recorder_runs(settings) as connection:
        stored = await OFFSETS.stored(connection)
        if every:
            there = [topic for topic in TOPICS if any(topic == t for t, _ in stored)]
            concerned = {topic: sentence(MESSAGES, "all_of", topic=topic) for topic in there}
        else:
            concerned = await _of_another_log(settings, stored)
        for why in concerned.values():
            say(why)
        if not concerned:
            say(sentence(MESSAGES, "nothing_to_adopt", namespace=settings.namespace))
        elif not yes:
            say(MESSAGES["not_adopted"])
        else:
            for topic in concerned:
                await OFFSETS.forget(connection, topic)
            say(sentence(MESSAGES, "adopted", count=len(concerned)))


async def reset(settings: Settings, *, yes: bool, say: Callable[[ByLanguage], object]) -> None:
    """Drop the namespace's schema, if it is one of ours; no schema is no mistake.

    Raises:
        StopProcessError: not allowed, not confirmed, a recorder runs, or the database is away.
    """
    name = settings.namespace
    if name == NEVER_RESET:
        raise StopProcessError(sentence(MESSAGES, "never", namespace=NEVER_RESET))
    async with _while_no_recorder_runs(settings) as connection:
        found = await connection.fetchrow(queries(__package__)["schema_of"], name)
        assert found is not None, "a row whatever there is"
        if not found["exists"]:
            say(sentence(MESSAGES, "no_schema", namespace=name))
        elif not found["ours"]:
            raise StopProcessError(sentence(MESSAGES, "foreign", namespace=name))
        elif not yes:
            raise StopProcessError(sentence(MESSAGES, "not_dropped", namespace=name))
        else:
            await connection.execute(f'DROP SCHEMA "{name}" CASCADE')
            say(sentence(MESSAGES, "dropped", namespace=name))


@asynccontextmanager
async def _while_no_recorder_runs(settings: Settings) -> AsyncIterator[Connection]:
    clock = asyncio.get_running_loop().time
    async with database(settings) as connection:
        until = clock() + RELEASED_WITHIN_S
        while not await take_lock(connection, settings.namespace, NAME):
            if clock() > until:
                raise StopProcessError(sentence(MESSAGES, "running", namespace=settings.namespace))
            await asyncio.sleep(0.1)
        yield connection


async def _of_another_log(settings: Settings, stored: Positions) -> dict[TopicName, ByLanguage]:
    """The first thing by which each topic differs from what is stored."""
    await wait_for_broker(settings.kafka_bootstrap, timeout_s=BROKER_WITHIN_S)
    found: dict[TopicName, ByLanguage] = {}
    for (topic, number), why in (await compare(settings, TOPICS, stored)).contradictions.items():
        facts = {"topic": topic, "partition": number, "next": stored[topic, number].next, "why": why}
        found.setdefault(topic, sentence(MESSAGES, "contradiction", **facts))
    return found
