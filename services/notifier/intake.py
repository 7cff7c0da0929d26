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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby, starmap
from time import time_ns
from typing import Any

import asyncpg
import msgspec
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaTimeoutError

from schemas.alerts import Alert, AlertState, Census, CensusPart
from schemas.base import MIN_TIME_MS
from schemas.headers import time_ms
from schemas.outputs import Origin, Output
from schemas.rejects import Rejection
from schemas.topics import TopicName, district_partition_of
from services.notifier.decisions import Decision, Kind, Notified, decide, is_gathered, latest_word
from services.notifier.message import Lane
from services.notifier.people import Directory
from services.notifier.plan_details import PlanDetails, StoredPlans
from services.notifier.text import Wording, compose, compose_missed, compose_orphaned
from services.runtime import metrics
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.following.bisection import take_bisecting
from services.runtime.following.offsets import OffsetsTable
from services.runtime.following.orphans import Source, orphans
from services.runtime.following.reader import TopicReader
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import Language

log = logging.getLogger(__name__)

OFFSETS = OffsetsTable("notifier_offsets", topic=TopicName.ALERTS)


Facts = tuple[Alert, Origin, Decision]
"""A snapshot, the place of its record, and what was decided on its last transition."""


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

    async def catch_up(self, partitions: Collection[int]) -> None:
        """Decide on what the broker deleted from these partitions of ``alerts``, by the stored alerts.

        Of each alert on its newest word alone: what was true in between is over.
        """
        async with self.connection.transaction():
            rows = await self.connection.fetch(queries(__package__)["standing_alerts"])
            stored = [it for it in map(_stored, rows) if it is not None and it[1].partition in partitions]
            decided = self._decisions(stored, await self._notified(alert for alert, _ in stored), newest=True)
            await self._queue(decided)
        _count(decided)

    async def _take(self, outputs: Sequence[Output]) -> None:
        decided: list[Facts] = []
        async with OFFSETS.taking(self.connection, [output.origin for output in outputs]):
            for kind, group in groupby(outputs, key=lambda output: type(output.body)):
                if kind is Alert:
                    decided += await self._take_alerts(group)
                elif kind in (Census, CensusPart):
                    for output in group:
                        await self._end_orphans(output)
        _count(decided)

    async def _take_alerts(self, outputs: Iterable[Output]) -> list[Facts]:
        found = [(it.body, it.origin) for it in outputs if isinstance(it.body, Alert)]
        decided = self._decisions(found, await self._notified(alert for alert, _ in found))
        await self._queue(decided)
        return decided

    async def _notified(self, alerts: Iterable[Alert]) -> dict[str, Notified]:
        ids = list({alert.alert_id for alert in alerts})
        rows = await self.connection.fetch(queries(__package__)["notified"], ids)
        return {
            row["alert_id"]: Notified(row["last_seq"], frozenset(starmap(Lane, row["lanes"]))) for row in rows
        }

    def _decisions(
        self, found: Iterable[tuple[Alert, Origin]], notified: dict[str, Notified], *, newest: bool = False
    ) -> list[Facts]:
        decisions: list[Facts] = []
        for alert, origin in found:
            before = notified.get(alert.alert_id, Notified())
            decision = decide(
                alert,
                before,
                directory=self.directory,
                not_before_ms=self.not_before_ms,
                transition=latest_word(alert, before) if newest else None,
            )
            notified[alert.alert_id] = before.after(decision, alert.seq)
            decisions.append((alert, origin, decision))
        return decisions

    async def _queue(self, decided: Sequence[Facts]) -> None:
        due = [it for it in decided if it[2].kind is not None]
        if due:
            details = await self.plans.details(alert for alert, _, _ in due)
            rows = [row for it in due for row in self._rows(*it, details[it[0].alert_id, it[0].seq])]
            await self.connection.executemany(queries(__package__)["queue"], rows)

    def _rows(
        self, alert: Alert, origin: Origin, decision: Decision, details: PlanDetails
    ) -> Iterator[tuple[object, ...]]:
        kind, now = decision.kind, datetime.now(UTC)
        assert kind is not None, "only what somebody is notified of is queued"
        is_missed = kind is Kind.CLEARED and alert.state is AlertState.RETURNED
        for lane in decision.lanes:
            language = self._language(lane)
            subject, body = composed(compose, alert, kind, details, language)
            missed = composed(compose_missed, alert, details, language) if is_missed else None
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
                *(language, subject, body, asdict(alert.headline)),
                *(_moment(alert.timeline[-1].at), _moment(origin.appended_at), now),
                *(alert.station_id, is_gathered(alert, kind)),
                None if missed is None else {"subject": missed[0], "body": missed[1]},
                *(origin.epoch, origin.src_partition, origin.src_offset),
            )

    def _language(self, lane: Lane) -> Language:
        """Chinese for who is gone from the files since the first message."""
        person = self.directory.people.get(lane.recipient)
        return "zh" if person is None else person.language

    async def _end_orphans(self, output: Output) -> None:
        """Let those who were told of alerts that the monitor does not know any more hear that."""
        census, origin = output.body, output.origin
        assert isinstance(census, Census | CensusPart)
        held = await self.connection.fetch(queries(__package__)["told_of_partition"], census.partition)
        found = {row["alert_id"]: Source(row["epoch"], census.partition, row["src_offset"]) for row in held}
        unknown = sorted(orphans(found, census, epoch=origin.epoch))
        if not unknown:
            return
        rows = await self.connection.fetch(queries(__package__)["newest_by_lane"], unknown)
        ends = [_end_of_orphan(row, census, origin) for row in rows]
        await self.connection.executemany(queries(__package__)["queue"], ends)
        metrics.TOLD.labels(Kind.ORPHANED).inc(len(unknown))
        log.warning(
            "notifier: ended orphans, alerts that the monitor does not know",
            extra={"partition": census.partition, "alerts": len(unknown), "first": unknown[0]},
        )


def composed(write: Callable[..., Wording], *told: Any) -> Wording:
    """The text, without what the plan adds where that is of no shape that can be told."""
    try:
        return write(*told)
    except (LookupError, TypeError, AttributeError):
        log.exception("notifier: details of a plan cannot be told")
        return write(*(PlanDetails(zone=it.zone) if isinstance(it, PlanDetails) else it for it in told))


def _end_of_orphan(row: asyncpg.Record, census: Census | CensusPart, origin: Origin) -> tuple[object, ...]:
    language: Language = row["language"]
    alert_id, nature, severity = row["alert_id"], row["nature"], row["severity"]
    text = compose_orphaned(alert_id, nature, severity, row["headline"][language], language)
    return (
        *(alert_id, row["seq"], row["recipient"], row["channel"], Kind.ORPHANED, severity, nature),
        *(language, *text, row["headline"], _moment(census.at), _moment(origin.appended_at)),
        *(datetime.now(UTC), row["station_id"], False, None),
        *(origin.epoch, census.partition, census.offset),
    )


def _stored(row: asyncpg.Record) -> tuple[Alert, Origin] | None:
    """A stored alert as its record would tell it; None: this release cannot read it."""
    try:
        alert = msgspec.json.decode(row["snapshot"], type=Alert)
    except msgspec.ValidationError:
        return None
    partition = district_partition_of(alert.district_code)
    origin = Origin(
        topic=TopicName.ALERTS,
        partition=partition,
        offset=-1,
        appended_at=time_ns() // 1_000_000,
        ce_id="",
        epoch=row["epoch"],
        src_partition=row["src_partition"],
        src_offset=row["src_offset"],
    )
    return alert, origin


def _count(decided: Iterable[Facts]) -> None:
    for _, _, decision in decided:
        metrics.TOLD.labels(decision.reason).inc()


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
