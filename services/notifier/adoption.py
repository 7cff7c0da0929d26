"""``miyun notifier adopt``: another log is meant, and read from its start."""

from collections.abc import Callable

from schemas.topics import TopicName
from services.notifier.intake import OFFSETS
from services.notifier.notifier import NAME
from services.notifier.session import database
from services.notifier.statements import statement
from services.runtime.following.reader import take_lock
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings


async def adopt(settings: Settings, *, yes: bool, say: Callable[[str], object]) -> None:
    """Forget how far ``alerts`` was decided on, and from when on people are told; with ``yes`` only.

    Raises:
        StopProcessError: a notifier of the namespace runs, or the database is away.
    """
    async with database(settings) as connection:
        if not await take_lock(connection, settings.namespace, NAME):
            raise StopProcessError(f"a notifier of namespace {settings.namespace} runs: stop it first")
        for (_, partition), position in sorted((await OFFSETS.stored(connection)).items()):
            say(f"alerts, partition {partition}: decided on up to {position.next} of log {position.epoch}")
        if not yes:
            say("nothing done: with --yes the topic is read from its start again, as at a first start")
            return
        async with connection.transaction():
            await OFFSETS.forget(connection, TopicName.ALERTS)
            await connection.execute(statement("begin_forget"))
        say("forgotten; start the notifier again. What was sent already is not sent again")
