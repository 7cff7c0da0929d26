"""The outbox: messages are taken, sent by somebody, and what became of them is noted.

**What a crash leaves (decision).** An attempt is noted before it is made (state ``sending``, attempt
``begun``) and after (``sent``, ``delivered``). A process that dies before the first note has sent nothing;
after the second, everything is known. In between lies one instant that no order of notes can remove: the
receiver had accepted the message, and we died, or lost the database,
before noting so. The next start cannot tell this from a
message that never left. It says so (attempt ``unknown``) and sends again, because a crew that hears twice
is better off than one that does not hear; and it sends the same message: the key ``alert:seq:recipient:
channel`` is the webhook's ``Idempotency-Key``, and its digest is the mail's ``Message-ID``. A receiver that
keeps the ids it has taken drops the repeat, as our catcher does. Mail programs mostly show one message per
``Message-ID``; not all do.
"""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.notifier.backoff import Backoff
from services.notifier.carriers import carriers
from services.notifier.message import DeliveryReport, Message, Result
from services.runtime.clock import city_zone
from services.runtime.postgres import Connection, Pool
from services.runtime.queries import queries

PooledConnection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
AT_ONCE = 32
"""Lanes that are served at the same time."""
LONGEST_REASON = 300


async def free_interrupted(connection: Connection) -> int:
    """Let messages wait again whose sending a process began that is gone; how many.

    Only the one notifier of the namespace may ask this.
    """
    freed: int = await connection.fetchval(queries(__package__)["interrupted"], datetime.now(UTC))
    return freed


async def name_channels(connection: Connection) -> None:
    """Tell lists what each channel is called, in both languages: its words stand with its carrier."""
    rows = [(name, asdict(one.words)) for name, one in carriers().items()]
    await connection.executemany(queries(__package__)["channel_upsert"], rows)


async def take_due(pool: Pool) -> list[Message]:
    """The first message of each lane that is due and idle, noted as begun."""
    now = datetime.now(UTC)
    rows = await pool.fetch(queries(__package__)["take_due"], now, AT_ONCE)
    zone = await city_zone(pool) if rows else UTC
    return [Message(begun_at=now, **{**row, "at": row["at"].astimezone(zone)}) for row in rows]


async def note_delivered(pool: Pool, message: Message) -> None:
    """Note that the receiver has it."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        await _end(connection, message, DeliveryReport(Result.DELIVERED), now)
        await connection.execute(queries(__package__)["sent"], message.id, now)


async def note_failure(
    pool: Pool, message: Message, report: DeliveryReport, backoff: Backoff, *, within_s: float
) -> int:
    """Note that the receiver does not have it: the lane rests, what is too old is given up; how many."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        await _end(connection, message, report, now)
        rows = await connection.fetch(
            queries(__package__)["not_sent"],
            message.id,
            backoff.next_at,
            now - timedelta(seconds=within_s),
            report.reason[:LONGEST_REASON],
            backoff.gives_up,
            now,
        )
    return sum(row["state"] == "failed" for row in rows)


async def _end(connection: PooledConnection, message: Message, report: DeliveryReport, now: datetime) -> None:
    reason = report.reason[:LONGEST_REASON]
    attempt = message.id, message.attempts, message.begun_at
    await connection.execute(queries(__package__)["attempt_end"], *attempt, now, report.result, reason)


async def forget_old(pool: Pool, keep_days: int) -> None:
    """Delete messages that were done, and attempts that were made, more than ``keep_days`` ago."""
    before = datetime.now(UTC) - timedelta(days=keep_days)
    await pool.execute(queries(__package__)["outbox_prune"], before)
    await pool.execute(queries(__package__)["attempts_drop"], before)


async def waiting(pool: Pool) -> dict[str, int]:
    """Messages not delivered yet, by channel."""
    rows = await pool.fetch(queries(__package__)["waiting"])
    return dict.fromkeys(carriers(), 0) | {row["channel"]: row["messages"] for row in rows}
