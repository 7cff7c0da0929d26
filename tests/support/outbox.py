"""What the notifier's outbox holds, for tests that wait for it."""

from collections import Counter

from support.recorder_process import until

from schemas.alerts import Alert
from services.runtime.postgres import Connection

DONE = "SELECT bool_and(state IN ('sent', 'failed', 'dropped')) FROM outbox"


async def until_true(database: Connection, query: str, what: str) -> None:
    """Wait until the database says so."""
    await until(lambda: database.fetchval(query), within_s=30, what=what)


async def until_done(database: Connection, messages: int) -> None:
    """Wait until so many messages have come to their ends."""
    query = "SELECT count(*) FROM outbox WHERE state IN ('sent', 'failed', 'dropped')"

    async def done() -> bool:
        return await database.fetchval(query) == messages

    await until(done, within_s=30, what=f"{messages} messages have come to their ends")


async def fates(database: Connection, alert: Alert) -> dict[tuple[str, str, str], int]:
    """How many messages of an alert there are by kind, state and reason."""
    rows = await database.fetch("SELECT kind, state, reason FROM outbox WHERE alert_id = $1", alert.alert_id)
    return dict(Counter(tuple(row) for row in rows))
