"""Batches of the topic ``alerts`` become rows of the outbox, in one transaction with the position.

A crash before the commit leaves neither rows nor position: the batch comes again. A crash after it
leaves both: it does not. So each transition is decided on once; repeats that the monitor sends after a
crash of its own have a ``seq`` that is known.

**Which transitions are too old (decision).** Whoever starts the notifier for the first time does not want
mail of what has long been over: of transitions older than MIYUN_NOTIFY_MAX_AGE_S at that moment nobody is
notified. "Old" is by the city's clock, and by when the city saw the transition (``detected_at``), not by the
device's time. A city with ``clock=log`` is given its history at full speed while we may be running
already, so that age alone would let all of it through: what lies before MIYUN_CITY_START, when the city
begins to live in real time, is history whenever it comes. That instant is fixed once, at the first start, in
``notifier_begin``: after a later pause, however long, everybody is notified of what was missed.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import starmap

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaTimeoutError

from schemas.alerts import Alert
from schemas.base import MIN_TIME_MS
from schemas.headers import time_ms
from schemas.outputs import Output
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.notifier.decisions import Decision, Notified, decide
from services.notifier.message import Lane
from services.notifier.people import Directory
from services.notifier.plan_details import PlanDetails, StoredPlans
from services.notifier.text import compose
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


@dataclass(frozen=True, slots=True)
class ReceivedAlert:
    """An alert's snapshot. ``appended_at``: when the broker took it (epoch ms, the machine's clock)."""

    alert: Alert
    appended_at: int


@dataclass(slots=True)
class Intake:
    """Decides and queues. ``not_before_ms``: nobody is notified of what the city saw before."""

    connection: Connection
    directory: Directory
    reader: TopicReader
    not_before_ms: int
    plans: StoredPlans

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Decide on a batch and queue messages; a record that cannot be taken costs nothing but itself.

        Raises:
            asyncpg.PostgresError, OSError: the database is away; a part of the batch may be queued.
        """
        taken = await take_bisecting(self._take, [self.reader.decode(record) for record in records])
        self.reader.advance(output.origin for output in taken)
        for output in taken:
            if isinstance(output.body, Rejection):
                self.reader.unreadable.note(output.origin, output.body)

    async def _take(self, outputs: Sequence[Output]) -> None:
        found = [
            ReceivedAlert(it.body, it.origin.appended_at) for it in outputs if isinstance(it.body, Alert)
        ]
        async with OFFSETS.taking(self.connection, [output.origin for output in outputs]):
            decisions = self._decisions(found, await self._notified(found))
            due = [(received, decision) for received, decision in decisions if decision.kind is not None]
            if due:
                await self._queue(due)
        for _, decision in decisions:
            metrics.TOLD.labels(decision.reason).inc()

    async def _notified(self, found: Sequence[ReceivedAlert]) -> dict[str, Notified]:
        ids = list({received.alert.alert_id for received in found})
        rows = await self.connection.fetch(queries(__package__)["notified"], ids)
        return {
            row["alert_id"]: Notified(row["last_seq"], frozenset(starmap(Lane, row["lanes"]))) for row in rows
        }

    def _decisions(
        self, found: Sequence[ReceivedAlert], notified: dict[str, Notified]
    ) -> list[tuple[ReceivedAlert, Decision]]:
        decisions = []
        for received in found:
            alert = received.alert
            before = notified.get(alert.alert_id, Notified())
            decision = decide(alert, before, directory=self.directory, not_before_ms=self.not_before_ms)
            notified[alert.alert_id] = before.after(decision, alert.seq)
            decisions.append((received, decision))
        return decisions

    async def _queue(self, due: Sequence[tuple[ReceivedAlert, Decision]]) -> None:
        details = await self.plans.details(received.alert for received, _ in due)
        rows = [row for received, decision in due for row in self._rows(received, decision, details)]
        await self.connection.executemany(queries(__package__)["queue"], rows)

    def _rows(
        self, received: ReceivedAlert, decision: Decision, details: Mapping[tuple[str, int], PlanDetails]
    ) -> Iterator[tuple[object, ...]]:
        alert, kind, now = received.alert, decision.kind, datetime.now(UTC)
        assert kind is not None, "only what somebody is notified of is queued"
        for lane in decision.lanes:
            language = self._language(lane)
            yield (
                *(
                    alert.alert_id,
                    alert.seq,
                    lane.recipient,
                    lane.channel,
                    kind,
                    alert.severity,
                    alert.nature,
                ),
                *(language, *compose(alert, kind, details[alert.alert_id, alert.seq], language)),
                asdict(alert.headline),
                *(_moment(alert.timeline[-1].at), _moment(received.appended_at), now),
            )

    def _language(self, lane: Lane) -> Language:
        """Chinese for who is gone from the files since the first message."""
        person = self.directory.people.get(lane.recipient)
        return "zh" if person is None else person.language


async def stored_not_before_ms(settings: Settings, connection: Connection) -> int:
    """The instant before which nobody is notified: fixed by the first start.

    Raises:
        aiokafka.errors.KafkaError: the broker does not tell the city's time.
    """
    stored: datetime | None = await connection.fetchval(queries(__package__)["begin_of"])
    if stored is None:
        stored = _moment(not_before_ms(settings, now_ms=await _now_ms(settings)))
        await connection.execute(queries(__package__)["begin_fix"], stored)
        log.info("notifier: nobody is notified of what was before", extra={"not_before": stored.isoformat()})
    return round(stored.timestamp() * 1000)


def not_before_ms(settings: Settings, *, now_ms: int | None) -> int:
    """The instant that a first start at the city's ``now_ms`` (None: it has no time yet) fixes; epoch ms."""
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
