"""``miyun recorder adopt | reset``: reading topics from their start again, and dropping what is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from schemas.topics import TopicName
from services.recorder.recorder import NAME
from services.recorder.session import database
from services.recorder.statements import statement
from services.recorder.store import OFFSETS, TOPICS
from services.runtime.following.offsets import Positions, compare
from services.runtime.following.reader import take_lock
from services.runtime.kafka import wait_for_broker
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

BROKER_WITHIN_S = 10.0
RELEASED_WITHIN_S = 2.0
"""The database may notice a moment later that a recorder has ended."""
NEVER_RESET = "live"
Say = Callable[[str], object]


async def adopt(settings: Settings, *, every: bool, yes: bool, say: Say) -> None:
    """Show which topics are not those that were stored; with ``yes`` forget how far they are stored.

    ``every``: all topics, whatever they hold.

    Raises:
        StopProcessError: a recorder of the namespace runs, or a server is away.
    """
    async with _while_no_recorder_runs(settings) as connection:
        stored = await OFFSETS.stored(connection)
        if every:
            concerned = dict.fromkeys(
                (topic for topic in TOPICS if any(topic == t for t, _ in stored)), "all"
            )
        else:
            concerned = await _of_another_log(settings, stored)
        for topic, why in concerned.items():
            say(f"{topic}: {why}")
        if not concerned:
            say(f"nothing to adopt: what is stored in schema {settings.namespace} is of its log")
        elif not yes:
            say("nothing done: with --yes these topics are read from their start again")
        else:
            for topic in concerned:
                await OFFSETS.forget(connection, topic)
            say(f"forgotten how far {len(concerned)} topics are stored; start the recorder again")


async def reset(settings: Settings, *, yes: bool, say: Say) -> None:
    """Drop the namespace's schema, if it is one of ours; no schema is no mistake.

    Raises:
        StopProcessError: not allowed, not confirmed, a recorder runs, or the database is away.
    """
    name = settings.namespace
    if name == NEVER_RESET:
        raise StopProcessError(f"namespace {NEVER_RESET} is never dropped by a command; name another one")
    async with _while_no_recorder_runs(settings) as connection:
        found = await connection.fetchrow(statement("schema_of"), name)
        assert found is not None, "a row whatever there is"
        if not found["exists"]:
            say(f"there is no schema {name}: nothing to drop")
        elif not found["ours"]:
            raise StopProcessError(
                f"schema {name} was not made by a recorder: drop it yourself if you mean it"
            )
        elif not yes:
            raise StopProcessError(f"nothing dropped: add --yes to drop schema {name} with all its tables")
        else:
            await connection.execute(f'DROP SCHEMA "{name}" CASCADE')
            say(f"schema {name} dropped")


@asynccontextmanager
async def _while_no_recorder_runs(settings: Settings) -> AsyncIterator[Connection]:
    clock = asyncio.get_running_loop().time
    async with database(settings) as connection:
        until = clock() + RELEASED_WITHIN_S
        while not await take_lock(connection, settings.namespace, NAME):
            if clock() > until:
                raise StopProcessError(f"a recorder of namespace {settings.namespace} runs: stop it first")
            await asyncio.sleep(0.1)
        yield connection


async def _of_another_log(settings: Settings, stored: Positions) -> dict[TopicName, str]:
    """The first thing by which each topic differs from what is stored."""
    await wait_for_broker(settings.kafka_bootstrap, timeout_s=BROKER_WITHIN_S)
    found: dict[TopicName, str] = {}
    for (topic, number), why in (await compare(settings, TOPICS, stored)).contradictions.items():
        found.setdefault(topic, f"partition {number}: stored up to {stored[topic, number].next}, but {why}")
    return found
