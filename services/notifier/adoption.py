"""``miyun notifier adopt``: another log is meant, and read from its start."""

from collections.abc import Callable

from schemas.topics import TopicName
from services.notifier.intake import OFFSETS
from services.notifier.notifier import NAME
from services.notifier.words import ADOPT
from services.runtime.command_line import database
from services.runtime.following.reader import take_lock
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import ByLanguage, sentence


async def adopt(settings: Settings, *, yes: bool, say: Callable[[ByLanguage], object]) -> None:
    """Forget how far ``alerts`` was decided on, and from when on people are told; with ``yes`` only.

    Raises:
        StopProcessError: a notifier of the namespace runs, or the database is away.
    """
    async with database(settings) as connection:
        if not await take_lock(connection, settings.namespace, NAME):
            raise StopProcessError(sentence(ADOPT, "running", namespace=settings.namespace))
        for (_, partition), position in sorted((await OFFSETS.stored(connection)).items()):
            say(sentence(ADOPT, "decided", partition=partition, next=position.next, epoch=position.epoch))
        if not yes:
            say(ADOPT["nothing_done"])
            return
        async with connection.transaction():
            await OFFSETS.forget(connection, TopicName.ALERTS)
            await connection.execute(queries(__package__)["begin_forget"])
        say(ADOPT["forgotten"])
