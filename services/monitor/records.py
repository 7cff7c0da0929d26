"""Effects become records, checked for size and gathered into batches of one topic and partition."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas.alerts import Alert
from schemas.codec import Record
from schemas.headers import Headers, ce_headers
from schemas.outcomes import OUTCOME_KINDS, Finding, Outcome
from schemas.partition import control_key, district_partition_of
from schemas.rejects import MAX_DETAIL, Rejection
from schemas.topics import TopicName
from services.monitor.partitions import Partition
from services.monitor.processor import Group
from services.rules.effects import AggregateClosed, AlertChanged, Counted, Decided, Effect, Rejected
from services.runtime import metrics
from services.runtime.kafka import ensure_fits

SOURCE = "monitor"
MAX_UNWATCHED = 512
"""Batches under way before those that are done are looked at."""
_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record that is ready to be sent. ``value`` None is a tombstone."""

    topic: TopicName
    partition: int
    key: bytes
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Origin:
    """The record of ``events`` that effects answer: part of their ids and headers.

    ``clock`` is what time it was in the partition then (epoch ms; 0: no time yet).
    """

    epoch: str
    partition: int
    offset: int
    clock: int = 0

    def headers(self, kind: str, id_: str) -> Headers:
        """The headers of an output record."""
        return [
            *ce_headers(kind, SOURCE, id_, self.clock or None),
            ("epoch", self.epoch.encode()),
            ("src_partition", b"%d" % self.partition),
            ("src_offset", b"%d" % self.offset),
        ]


def records_of(groups: Iterable[Group], cause: Record, held: Partition) -> list[Outgoing]:
    """The output records of a judged record, in order.

    Ids depend on nothing but the log: the same whether or not other stations of the record were judged
    again after a crash.

    Raises:
        OversizeError: an effect is larger than its topic takes.
    """
    origin = Origin(held.epoch, held.number, cause.offset, held.clock)
    outgoing = []
    for group in groups:
        base = f"{origin.epoch}:{origin.partition}:{origin.offset}"
        base = f"{base}:{group.station}" if group.station else base
        key = group.station.encode() or cause.key or control_key(held.number).encode()
        for number, effect in enumerate(group.effects):
            record = _record_of(effect, f"{base}:{number}", _Context(origin, cause, key))
            if record is not None:
                outgoing.append(record)
    return outgoing


def census_record(held: Partition, district_code: str) -> Outgoing:
    """The partition's open alerts; sent on the way that its alerts take, so that it comes after them."""
    origin = Origin(held.epoch, held.number, held.next - 1, held.clock)
    headers = origin.headers("census", f"{held.epoch}:{held.number}:{origin.offset}:census")
    partition = district_partition_of(district_code)
    return _checked(TopicName.ALERTS, partition, district_code.encode(), _json(held.census()), headers)


def finding_record(finding: Finding, epoch: str) -> Outgoing:
    """What a load has found out about a partition."""
    origin = Origin(epoch, finding.partition, finding.offset)
    id_ = f"{epoch}:{finding.partition}:{finding.offset}:{finding.kind}"
    key = control_key(finding.partition).encode()
    return _outcome(finding, key, id_, origin)


@dataclass(frozen=True, slots=True)
class _Context:
    origin: Origin
    cause: Record
    key: bytes


def _record_of(effect: Effect, id_: str, context: _Context) -> Outgoing | None:
    origin = context.origin
    match effect:
        case AggregateClosed(minute):
            metrics.EFFECTS.labels("aggregate").inc()
            headers = origin.headers("aggregate", id_)
            key, value = minute.station.encode(), _json(minute)
            return _checked(TopicName.AGGREGATES, origin.partition, key, value, headers)
        case AlertChanged(alert):
            metrics.EFFECTS.labels("alert").inc()
            return _alert(alert, origin)
        case Decided(outcome):
            metrics.EFFECTS.labels("outcome").inc()
            return _outcome(outcome, context.key, id_, origin)
        case Rejected(rejection):
            metrics.EFFECTS.labels("reject").inc()
            metrics.REJECTS.labels(rejection.reason).inc()
            return _reject(rejection, id_, context)
        case Counted(what, n):
            metrics.COUNTED.labels(what).inc(n)
            return None


def _checked(topic: TopicName, partition: int, key: bytes, value: bytes, headers: Headers) -> Outgoing:
    ensure_fits(topic, key, value, headers)
    return Outgoing(topic, partition, key, value, headers)


def _alert(alert: Alert, origin: Origin) -> Outgoing:
    headers = origin.headers("alert", f"{alert.alert_id}:{alert.seq}")
    partition = district_partition_of(alert.district_code)
    return _checked(TopicName.ALERTS, partition, alert.district_code.encode(), _json(alert), headers)


def _outcome(outcome: Outcome, key: bytes, id_: str, origin: Origin) -> Outgoing:
    headers = origin.headers(OUTCOME_KINDS[type(outcome)], id_)
    return _checked(TopicName.OUTCOMES, origin.partition, key, _json(outcome), headers)


def _reject(rejection: Rejection, id_: str, context: _Context) -> Outgoing:
    origin = context.origin
    told = {
        "reason": rejection.reason,
        "detail": rejection.detail[:MAX_DETAIL],
        "source": rejection.source,
        "station": rejection.station or "",
        "topic": TopicName.EVENTS,
        "partition": origin.partition,
        "offset": origin.offset,
        "rejected_at": origin.clock,
    }
    headers = origin.headers("reject", id_)
    headers += [(name, str(text).encode(errors="replace")) for name, text in told.items()]
    value = context.cause.value or b""
    return _checked(TopicName.REJECTS, 0, rejection.source.encode(), value, headers)


class Outbox:
    """Records on their way to the broker. Not shared between tasks: the worker's lock guards it.

    Batches are our own, with one future each: a future per record would cost more than its judging.
    """

    def __init__(self, producer: AIOKafkaProducer, namespace: str) -> None:
        self._producer = producer
        self._names = {topic: topic.within(namespace) for topic in TopicName}
        self._open: dict[tuple[TopicName, int], BatchBuilder] = {}
        self._pending: list[asyncio.Future[Any]] = []

    async def put(self, records: Iterable[Outgoing]) -> None:
        """Add records to the batches of their topic and partition; full ones are sent."""
        for record in records:
            place = (record.topic, record.partition)
            if not self._append(place, record):
                await self._send(place)
                assert self._append(place, record), "an empty batch takes any record"

    async def flush(self) -> None:
        """Send all open batches, in the order in which they were begun."""
        for place in list(self._open):
            await self._send(place)
        if len(self._pending) > MAX_UNWATCHED:
            self._watch()

    async def settle(self) -> None:
        """Send everything and wait until the broker has acknowledged it.

        Raises:
            aiokafka.errors.KafkaError: something was not taken; what was, is unknown.
        """
        await self.flush()
        await asyncio.gather(*self._pending)
        self._pending.clear()

    def forget(self) -> None:
        """Drop what is not sent; what is under way may still arrive."""
        self._open.clear()
        for future in self._pending:
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._pending.clear()

    def _append(self, place: tuple[TopicName, int], record: Outgoing) -> bool:
        batch = self._open.get(place)
        if batch is None:
            batch = self._open[place] = self._producer.create_batch()
        taken = batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers)
        return taken is not None

    async def _send(self, place: tuple[TopicName, int]) -> None:
        batch = self._open.pop(place)
        batch.close()
        topic, partition = place
        self._pending.append(await self._producer.send_batch(batch, self._names[topic], partition=partition))

    def _watch(self) -> None:
        """Notice failures early, and keep only what is still under way."""
        for future in self._pending:
            if future.done():
                future.result()
        self._pending = [future for future in self._pending if not future.done()]
