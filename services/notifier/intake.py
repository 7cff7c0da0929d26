"""Batches of the topic ``alerts`` become rows of the outbox, in one transaction with the position.

A crash before the commit leaves neither rows nor position: the batch comes again. A crash after it
leaves both: it does not. So each transition is decided on once; repeats that the monitor sends after a
crash of its own have a ``seq`` that is known.

**Which transitions are too old (decision).** Whoever starts the notifier for the first time does not want
mail of what has long been over: of transitions older than MIYUN_NOTIFY_MAX_AGE_S at that moment nobody is
told. "Old" is by the city's clock, and by when the city saw the transition (``detected_at``), not by the
device's time. A city with ``clock=log`` is given its history at full speed while we may be running
already, so that age alone would let all of it through: what lies before MIYUN_CITY_START, when the city
begins to live in real time, is history whenever it comes. The floor is fixed once, at the first start, in
``notifier_begin``: after a later pause, however long, everybody hears what was missed.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaTimeoutError

from schemas.alerts import Alert
from schemas.base import MIN_TIME_MS
from schemas.headers import time_ms
from schemas.outputs import Output, decode
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.notifier.decisions import NOTHING_KNOWN, Decision, Kind, Known, decide
from services.notifier.message import Lane
from services.notifier.people import Directory
from services.notifier.surroundings import Atlas
from services.notifier.text import Surroundings, Text, compose
from services.runtime import metrics
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.following.bisection import take_bisecting
from services.runtime.following.offsets import OffsetsTable
from services.runtime.following.reader import TopicReader
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import Language

log = logging.getLogger(__name__)

OFFSETS = OffsetsTable("notifier_offsets", topic=TopicName.ALERTS)
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """An alert's snapshot. ``appended_at``: when the broker took it (epoch ms, the machine's clock)."""

    alert: Alert
    appended_at: int


@dataclass(slots=True)
class Intake:
    """Decides and queues. ``floor_ms``: nobody is told of what the city saw before."""

    connection: Connection
    directory: Directory
    reader: TopicReader
    floor_ms: int
    atlas: Atlas = field(init=False)

    def __post_init__(self) -> None:
        """Names are looked up on the same connection."""
        self.atlas = Atlas(self.connection)

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Decide on a batch and queue what is told; a record that cannot be taken costs nothing but itself.

        Raises:
            asyncpg.PostgresError, OSError: the database is away; a part of the batch may be queued.
        """
        taken = await take_bisecting(self._take, [decode(record) for record in records])
        self.reader.advance(output.origin for output in taken)
        for output in taken:
            if isinstance(output.body, Rejection):
                self.reader.unreadable.note(output.origin, output.body)

    async def _take(self, outputs: Sequence[Output]) -> None:
        found = [Heard(it.body, it.origin.appended_at) for it in outputs if isinstance(it.body, Alert)]
        async with OFFSETS.taking(self.connection, [output.origin for output in outputs]):
            decisions = self._decisions(found, await self._known(found))
            told = [(heard, decision) for heard, decision in decisions if decision.kind is not None]
            if told:
                await self._queue(told)
        for _, decision in decisions:
            metrics.TOLD.labels(decision.reason).inc()

    async def _known(self, found: Sequence[Heard]) -> dict[str, Known]:
        rows = await self.connection.fetch(
            queries(__package__)["known"], list({heard.alert.alert_id for heard in found})
        )
        known: dict[str, Known] = {}
        for row in rows:
            before = known.get(row["alert_id"], NOTHING_KNOWN)
            lanes = {Lane(row["recipient"], row["channel"])} if row["told"] else set()
            known[row["alert_id"]] = Known(max(before.last_seq, row["last_seq"]), before.told | lanes)
        return known

    def _decisions(self, found: Sequence[Heard], known: dict[str, Known]) -> list[tuple[Heard, Decision]]:
        decisions = []
        for heard in found:
            alert = heard.alert
            before = known.get(alert.alert_id, NOTHING_KNOWN)
            decision = decide(alert, before, directory=self.directory, floor_ms=self.floor_ms)
            known[alert.alert_id] = before.after(decision, alert.seq)
            decisions.append((heard, decision))
        return decisions

    async def _queue(self, told: Sequence[tuple[Heard, Decision]]) -> None:
        around = await self.atlas.around(heard.alert for heard, _ in told)
        now = datetime.now(UTC)
        rows: list[Row] = []
        for heard, decision in told:
            rows += self._rows(heard, decision, around[heard.alert.alert_id, heard.alert.seq], now)
        await self.connection.executemany(queries(__package__)["queue"], rows)

    def _rows(self, heard: Heard, decision: Decision, around: Surroundings, now: datetime) -> list[Row]:
        alert, kind = heard.alert, decision.kind
        assert kind is not None, "only what is told is queued"
        texts: dict[Language, Text] = {}
        rows: list[Row] = []
        for lane in decision.lanes:
            language = self._language(lane)
            text = texts.setdefault(language, compose(alert, kind, around, language))
            rows.append(
                (
                    *(alert.alert_id, alert.seq, lane.recipient, lane.channel, Kind(kind)),
                    *(alert.severity, alert.nature, language, text.subject, text.body),
                    {"zh": alert.headline.zh, "en": alert.headline.en},
                    *(_moment(alert.timeline[-1].at), _moment(heard.appended_at), now),
                )
            )
        return rows

    def _language(self, lane: Lane) -> Language:
        """Whoever was told once and is gone from the files since: in Chinese."""
        person = self.directory.people.get(lane.recipient)
        return "zh" if person is None else person.language


async def fixed_floor_ms(settings: Settings, connection: Connection) -> int:
    """Before when nobody is told: fixed by the first start.

    Raises:
        aiokafka.errors.KafkaError: the broker does not tell the city's time.
    """
    known: datetime | None = await connection.fetchval(queries(__package__)["begin_of"])
    if known is None:
        floor = floor_ms(settings, now_ms=await _now_ms(settings))
        known = await connection.fetchval(queries(__package__)["begin_fix"], _moment(floor))
        assert known is not None, "it has just been written"
        log.info("nobody is told of what was before", extra={"floor": known.isoformat()})
    return round(known.timestamp() * 1000)


def floor_ms(settings: Settings, *, now_ms: int | None) -> int:
    """Where a first start at the city's ``now_ms`` (None: it has no time yet) draws the line; epoch ms."""
    aged = MIN_TIME_MS if now_ms is None else now_ms - round(settings.notify_max_age_s * 1000)
    if settings.clock == "log" and settings.history_hours > 0:
        return max(aged, time_ms(settings.city_start))
    return max(aged, MIN_TIME_MS)


async def _now_ms(settings: Settings) -> int | None:
    try:
        return await city_time_ms(settings)
    except NoCityTimeError:
        return None
    except TimeoutError:
        raise KafkaTimeoutError("the broker does not give the end of the log") from None


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
