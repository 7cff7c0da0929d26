"""What the monitor writes: effects, censuses and findings as records of the output topics."""

from collections.abc import Iterable

import msgspec

from schemas.alerts import Alert
from schemas.base import MIN_TIME_MS
from schemas.codec import Record
from schemas.outcomes import OUTCOME_KINDS, Finding, FindingKind, Outcome
from schemas.partition import control_key, district_partition_of
from schemas.rejects import MAX_DETAIL, Rejection
from schemas.topics import TopicName
from services.monitor.partitions import Partition
from services.monitor.processor import Group
from services.rules.effects import AggregateClosed, AlertChanged, Counted, Decided, Effect, Rejected
from services.runtime import metrics
from services.streaming.batches import Origin, Outgoing, outgoing
from services.streaming.guard import LogVerdict

SOURCE = "monitor"
_json = msgspec.json.Encoder().encode


def records_of(groups: Iterable[Group], cause: Record, held: Partition) -> list[Outgoing]:
    """The output records of a judged record, in order.

    Ids depend on nothing but the log: the same whether or not other stations of the record were judged
    again after a crash.

    Raises:
        OversizeError: an effect is larger than its topic takes.
    """
    origin = Origin(SOURCE, held.epoch, held.number, cause.offset, held.clock)
    records = []
    for group in groups:
        base = f"{origin.epoch}:{origin.partition}:{origin.offset}"
        base = f"{base}:{group.station}" if group.station else base
        key = group.station.encode() or cause.key or control_key(held.number).encode()
        for number, effect in enumerate(group.effects):
            record = _record_of(effect, f"{base}:{number}", origin, cause=cause, key=key)
            if record is not None:
                records.append(record)
    return records


def alert_records(held: Partition, effects: Iterable[Effect], offset: int) -> list[Outgoing]:
    """The alerts that a load has changed, before anything behind ``offset`` was judged."""
    origin = Origin(SOURCE, held.epoch, held.number, offset, held.clock)
    return [_alert(effect.alert, origin) for effect in effects if isinstance(effect, AlertChanged)]


def census_records(held: Partition, offset: int) -> list[Outgoing]:
    """The partition's open alerts after the record at ``offset``, on the way that its alerts take.

    Without a plan there are no alerts, and no district to send a census to.
    """
    if held.index is None:
        return []
    district_code = held.index.plan.district_code
    origin = Origin(SOURCE, held.epoch, held.number, offset, held.clock)
    headers = origin.headers("census", f"{held.epoch}:{held.number}:{offset}:census")
    partition = district_partition_of(district_code)
    value = _json(held.census(offset))
    return [outgoing(TopicName.ALERTS, partition, district_code.encode(), value, headers)]


def finding_records(held: Partition, verdict: LogVerdict) -> list[Outgoing]:
    """What a load has found out about the partition, unless it just goes on."""
    if verdict.decision == "go_on" or verdict.decision == "another_log":
        return []
    return [_finding(held, verdict.begin, verdict.decision, verdict.reason)]


def failure_record(held: Partition, begin: int, detail: str, *, station: str | None = None) -> Outgoing:
    """What a load could not read: the partition, or the station, that it costs is flagged."""
    metrics.ENGINE_FAILURES.inc()
    return _finding(held, begin, "engine_failure", detail[:MAX_DETAIL], station=station)


def _finding(
    held: Partition, begin: int, kind: FindingKind, detail: str, *, station: str | None = None
) -> Outgoing:
    finding = Finding(
        kind=kind,
        partition=held.number,
        offset=begin,
        station=station,
        detail=detail,
        at=held.clock or MIN_TIME_MS,
    )
    origin = Origin(SOURCE, held.epoch, held.number, begin)
    id_ = f"{held.epoch}:{held.number}:{begin}:{kind}" + (f":{station}" if station else "")
    return _outcome(finding, (station or control_key(held.number)).encode(), id_, origin)


def _record_of(effect: Effect, id_: str, origin: Origin, *, cause: Record, key: bytes) -> Outgoing | None:
    match effect:
        case AggregateClosed(minute):
            metrics.EFFECTS.labels("aggregate").inc()
            headers = origin.headers("aggregate", id_)
            station = minute.station.encode()
            return outgoing(TopicName.AGGREGATES, origin.partition, station, _json(minute), headers)
        case AlertChanged(alert):
            return _alert(alert, origin)
        case Decided(outcome):
            metrics.EFFECTS.labels("outcome").inc()
            return _outcome(outcome, key, id_, origin)
        case Rejected(rejection):
            metrics.EFFECTS.labels("reject").inc()
            metrics.REJECTS.labels(rejection.reason).inc()
            return _reject(rejection, id_, origin, cause.value or b"")
        case Counted(what, n):
            metrics.COUNTED.labels(what).inc(n)
            return None


def _alert(alert: Alert, origin: Origin) -> Outgoing:
    metrics.EFFECTS.labels("alert").inc()
    headers = origin.headers("alert", f"{alert.alert_id}:{alert.seq}")
    partition, district = district_partition_of(alert.district_code), alert.district_code.encode()
    return outgoing(TopicName.ALERTS, partition, district, _json(alert), headers)


def _outcome(outcome: Outcome, key: bytes, id_: str, origin: Origin) -> Outgoing:
    headers = origin.headers(OUTCOME_KINDS[type(outcome)], id_)
    return outgoing(TopicName.OUTCOMES, origin.partition, key, _json(outcome), headers)


def _reject(rejection: Rejection, id_: str, origin: Origin, original: bytes) -> Outgoing:
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
    return outgoing(TopicName.REJECTS, 0, rejection.source.encode(), original, headers)
