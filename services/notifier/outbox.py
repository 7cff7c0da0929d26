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

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.notifier.carriers import carriers
from services.notifier.decisions import ENDS, Kind
from services.notifier.dispatch import Backoff, Fate, Gathering, Gatherings, Head, fate_of
from services.notifier.message import DeliveryReport, Lane, Message, Result
from services.notifier.text import MISSED, LateAlert, Wording, compose_gathered
from services.runtime import metrics
from services.runtime.clock import city_zone
from services.runtime.postgres import Connection, Pool
from services.runtime.queries import queries
from services.runtime.words import Language

log = logging.getLogger(__name__)

PooledConnection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
AT_ONCE = 32
"""Lanes that are looked at together."""
LONGEST_REASON = 300
STEP_ROWS = 2_000


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


@dataclass(frozen=True, slots=True)
class _Start:
    """A sending: of the message ``ids[0]``, and of others that its text tells. None: as it was queued."""

    lane: Lane
    ids: list[int]
    text: Wording | None = None
    kind: str | None = None


async def take_due(
    pool: Pool, at_rest: Collection[Lane], gatherings: Gatherings, *, within_s: float
) -> list[Message]:
    """The next message of each lane that is idle and not at rest, noted as begun.

    What is not true any more is dropped on the way. Late data are due by ``gatherings``.
    """
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        starts = await _late_due(connection, at_rest, gatherings)
        busy = {*at_rest, *(start.lane for start in starts)}
        starts += await _heads_due(connection, busy, now, within_s)
        return await _begin(connection, starts, now) if starts else []


async def _heads_due(
    connection: PooledConnection, busy: set[Lane], now: datetime, within_s: float
) -> list[_Start]:
    """Decide on the heads of lanes until each lane has one that is sent, or none is left."""
    starts: list[_Start] = []
    while True:
        lanes = _columns({*busy, *(start.lane for start in starts)})
        rows = await connection.fetch(queries(__package__)["heads"], *lanes, now, AT_ONCE)
        fates = [(row, fate_of(_head(row), within_s=within_s)) for row in rows]
        starts += [_start(row, fate) for row, fate in fates if fate.is_sent]
        dropped = {row["id"]: fate for row, fate in fates if not fate.is_sent}
        if not dropped:
            return starts
        await connection.execute(queries(__package__)["drop"], list(dropped), list(dropped.values()), now)
        for fate in dropped.values():
            metrics.DROPPED.labels(fate).inc()


def _head(row: asyncpg.Record) -> Head:
    behind = frozenset(Kind(kind) for kind in row["behind"])
    told, waited_s, has_text = row["told"], row["waited_s"], row["missed"] is not None
    return Head(kind=Kind(row["kind"]), told=told, behind=behind, has_missed_text=has_text, waited_s=waited_s)


def _start(row: asyncpg.Record, fate: Fate) -> _Start:
    lane = Lane(row["recipient"], row["channel"])
    if fate is not Fate.MISSED:
        return _Start(lane, [row["id"]])
    return _Start(lane, [row["id"]], (row["missed"]["subject"], row["missed"]["body"]), MISSED)


async def _late_due(
    connection: PooledConnection, at_rest: Collection[Lane], gatherings: Gatherings
) -> list[_Start]:
    """Late alerts that have waited long enough, at most one message a lane."""
    rows = await connection.fetch(queries(__package__)["late_waiting"], *_columns(at_rest))
    groups: dict[Gathering, list[asyncpg.Record]] = {}
    for row in rows:
        lane = Lane(row["recipient"], row["channel"])
        groups.setdefault(Gathering(lane, row["station_id"] or "", row["nature"]), []).append(row)
    due = gatherings.due(groups, monotonic())
    first = {one.lane: one for one in reversed([*groups]) if one in due}
    if not first:
        return []
    zone = await city_zone(connection)  # type: ignore[arg-type]  # a pool's proxy is one
    return [_gathered(lane, groups[one], zone) for lane, one in first.items()]


def _gathered(lane: Lane, rows: Sequence[asyncpg.Record], zone: ZoneInfo) -> _Start:
    """One message of all that waits of these alerts; each as its newest message has it."""
    stories: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        stories.setdefault(row["alert_id"], []).append(row)
    language: Language = rows[0]["language"]
    alerts = [_late_alert(story, language) for story in stories.values()]
    text = compose_gathered(alerts, rows[0]["nature"], zone, language)
    return _Start(lane, [row["id"] for row in rows], text)


def _late_alert(story: Sequence[asyncpg.Record], language: Language) -> LateAlert:
    newest = story[-1]
    return LateAlert(
        severity=newest["severity"],
        headline=newest["headline"][language],
        began_at=story[0]["at"],
        over_at=newest["at"] if newest["kind"] in ENDS else None,
        is_acknowledged=newest["kind"] == Kind.ACKNOWLEDGED,
    )


async def _begin(connection: PooledConnection, starts: Sequence[_Start], now: datetime) -> list[Message]:
    """Note the attempts."""
    texts: dict[int, Wording | tuple[None, None]] = {id_: (None, None) for one in starts for id_ in one.ids}
    texts |= {one.ids[0]: one.text for one in starts if one.text is not None}
    subjects, bodies = zip(*texts.values(), strict=True)
    found = await connection.fetch(
        queries(__package__)["begin_attempts"], list(texts), list(subjects), list(bodies), now
    )
    zone = await city_zone(connection)  # type: ignore[arg-type]  # a pool's proxy is one
    rows = {row["id"]: {**row, "at": row["at"].astimezone(zone)} for row in found}
    return [_message(one, rows, now) for one in starts]


def _message(start: _Start, rows: Mapping[int, dict[str, Any]], now: datetime) -> Message:
    first, *others = (rows[id_] for id_ in start.ids)
    return Message(
        **first | {"kind": start.kind or first["kind"]},
        begun_at=now,
        gathered=start.text is not None and start.kind is None,
        others=tuple((row["id"], row["attempts"]) for row in others),
    )


def _columns(lanes: Collection[Lane]) -> tuple[list[str], list[str]]:
    return [lane.recipient for lane in lanes], [lane.channel for lane in lanes]


async def note_delivered(pool: Pool, message: Message) -> None:
    """Note that the receiver has it."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        await _end(connection, message, DeliveryReport(Result.DELIVERED), now)
        noted = await connection.fetch(queries(__package__)["sent"], *message.attempt, now)
    _say_if_late(message, len(noted))


async def note_failure(pool: Pool, message: Message, report: DeliveryReport, backoff: Backoff) -> int:
    """Note that the receiver does not have it, and waits again or is given up; how many are given up."""
    now = datetime.now(UTC)
    reason, again_at = _reason(report), now + timedelta(seconds=backoff.pause_s)
    async with pool.acquire() as connection, connection.transaction():
        await _end(connection, message, report, now)
        noted = await connection.fetch(
            queries(__package__)["not_sent"], *message.attempt, reason, now, again_at, backoff.gives_up
        )
    _say_if_late(message, len(noted))
    return len(noted) if backoff.gives_up else 0


async def _end(connection: PooledConnection, message: Message, report: DeliveryReport, now: datetime) -> None:
    attempt = *message.attempt, message.begun_at
    query = queries(__package__)["attempt_end"]
    await connection.execute(query, *attempt, now, report.result, _reason(report))


def _reason(report: DeliveryReport) -> str:
    """The reason as the database takes it, whatever a receiver has answered."""
    return report.reason[:LONGEST_REASON].replace("\x00", " ").encode(errors="replace").decode()


def _say_if_late(message: Message, noted: int) -> None:
    if not noted:
        log.info(
            "notifier: another process sends a message whose attempt ended here; it goes on",
            extra={"outbox_id": message.id, "attempt": message.attempts},
        )


async def forget_old(pool: Pool, keep_days: int) -> bool:
    """Delete a step of what was done more than ``keep_days`` ago; true: there is more.

    That is before the newest hundredth of what was done, or now if that is earlier: a clock that was wrong
    deletes nothing. Messages of open alerts stay; of the attempts the oldest chunk goes, one a time.
    """
    now = datetime.now(UTC)
    newest: datetime | None = await pool.fetchval(queries(__package__)["outbox_newest"], now)
    if newest is None:
        return False
    before = newest - timedelta(days=keep_days)
    deleted = await pool.execute(queries(__package__)["outbox_prune"], before, STEP_ROWS)
    await pool.execute(queries(__package__)["attempts_drop"], before)
    return int(deleted.rpartition(" ")[2]) >= STEP_ROWS


async def waiting(pool: Pool) -> dict[str, int]:
    """Messages not delivered yet, by channel; the gauges say since when the oldest waits."""
    now = datetime.now(UTC)
    rows = {row["channel"]: row for row in await pool.fetch(queries(__package__)["waiting"])}
    for channel in {*carriers(), *rows}:
        waited = now - rows[channel]["since"] if channel in rows else timedelta()
        metrics.OUTBOX_WAITED.labels(channel).set(max(0.0, waited.total_seconds()))
    return dict.fromkeys(carriers(), 0) | {name: row["messages"] for name, row in rows.items()}
