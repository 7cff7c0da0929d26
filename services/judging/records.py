"""Effects, censuses and findings as records of the output topics."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from schemas.alerts import MAX_CENSUS_ALERTS, Alert, Census, CensusPart
from schemas.base import MIN_TIME_MS
from schemas.codec import Record
from schemas.headers import Headers
from schemas.outcomes import OUTCOME_KINDS, Finding, FindingKind, Outcome
from schemas.rejects import MAX_DETAIL, Rejection
from schemas.topics import TopicName, control_key, district_partition_of
from services.judging.partitions import Partition
from services.judging.processor import Group
from services.judging.refusals import engine_failure, tick_failure, tick_success
from services.rules.effects import AggregateClosed, AlertChanged, Cause, Counted, Decided, Effect, Rejected
from services.runtime import metrics
from services.runtime.outgoing import CausingRecord, Outgoing

SOURCE = "monitor"
_json = msgspec.json.Encoder().encode


def records_of(groups: Iterable[Group], record: Record, partition: Partition) -> list[Outgoing]:
    """The output records of a judged record, in order.

    Ids depend on nothing but the log: the same whether or not other stations of the record were judged
    again after a crash.

    An effect that cannot be written, since it is larger than its topic takes, costs its station the event, as
    an exception of the engine does: the station's state is put back.
    """
    causing, records = _causing(partition, record.offset), []
    for group in groups:
        try:
            records += _of_step(group, record, causing, partition)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # as in a step: it comes again in every run
            failed = _failed(group, error, partition.cause(record.offset), partition)
            records += _of_group(failed, record, causing)
    return records


def _of_step(group: Group, record: Record, causing: CausingRecord, partition: Partition) -> list[Outgoing]:
    """A group's records; of a station at which ticks had failed, and did not now, that this is over."""
    if group.before is None or group.station not in partition.failing:
        return _of_group(group, record, causing)
    over = tick_success(partition, group.station, partition.cause(record.offset))
    made = _of_group(replace(group, effects=(*group.effects, *over)), record, causing)
    del partition.failing[group.station]
    return made


def _failed(group: Group, error: Exception, cause: Cause, partition: Partition) -> Group:
    """The group's effects cannot be written: its station is as it was before."""
    if group.before is None:
        return replace(group, effects=engine_failure(None, cause, error))
    partition.put_back(group.before)
    if group.station:
        return replace(group, effects=tick_failure(partition, group.station, cause, error))
    return replace(group, effects=engine_failure(group.before.station, cause, error))


def _of_group(group: Group, record: Record, causing: CausingRecord) -> list[Outgoing]:
    base = f"{causing.name}:{group.station}" if group.station else causing.name
    key = group.station.encode() or record.key or control_key(causing.partition).encode()
    original, records = record.value or b"", []
    for number, effect in enumerate(group.effects):
        made = _record_of(effect, f"{base}:{number}", causing, original=original, key=key)
        if made is not None:
            records.append(made)
    return records


def _causing(partition: Partition, offset: int) -> CausingRecord:
    return CausingRecord(SOURCE, partition.epoch, partition.number, offset, partition.clock)


def alert_records(partition: Partition, effects: Iterable[Effect], offset: int) -> list[Outgoing]:
    """The alerts that a load has changed, before anything behind ``offset`` was judged."""
    causing = _causing(partition, offset)
    return [_alert(effect.alert, causing) for effect in effects if isinstance(effect, AlertChanged)]


def census_records(partition: Partition, offset: int) -> list[Outgoing]:
    """The partition's open alerts after the record at ``offset``, on the way that its alerts take.

    In parts where they are too many for one record. Without a plan there are no alerts, and no district to
    send a census to.
    """
    if partition.plan is None:
        return []
    causing, code = _causing(partition, offset), partition.plan.document.district_code
    census, id_ = partition.census(offset), f"{causing.name}:census"
    if len(census.open_alerts) <= MAX_CENSUS_ALERTS:
        return [_to_district(code, _json(census), causing.headers("census", id_))]
    return [
        _to_district(code, _json(part), causing.headers("census_part", f"{id_}:{part.part}"))
        for part in census_parts(census)
    ]


def census_parts(census: Census, size: int = MAX_CENSUS_ALERTS) -> Iterator[CensusPart]:
    """Cut a census, whose alerts are sorted, into parts of at most ``size`` alerts."""
    ids = census.open_alerts
    parts = -(-len(ids) // size)
    for part in range(parts):
        begin = part * size
        yield CensusPart(
            partition=census.partition,
            offset=census.offset,
            at=census.at,
            part=part,
            parts=parts,
            after=ids[begin - 1] if part else "",
            open_alerts=ids[begin : begin + size],
        )


def failure_record(partition: Partition, begin: int, detail: str, *, station: str | None = None) -> Outgoing:
    """The finding that a load could not read something, which costs the partition or the station."""
    metrics.ENGINE_FAILURES.inc()
    return finding_record(partition, begin, "engine_failure", detail[:MAX_DETAIL], station=station)


def finding_record(
    partition: Partition, begin: int, kind: FindingKind, detail: str, *, station: str | None = None
) -> Outgoing:
    """A finding of a load, which begins at this offset."""
    finding = Finding(
        kind=kind,
        partition=partition.number,
        offset=begin,
        station=station,
        detail=detail,
        at=partition.clock or MIN_TIME_MS,
    )
    causing = CausingRecord(SOURCE, partition.epoch, partition.number, begin)
    id_ = f"{causing.name}:{kind}" + (f":{station}" if station else "")
    return _outcome(finding, (station or control_key(partition.number)).encode(), id_, causing)


def _record_of(
    effect: Effect, id_: str, causing: CausingRecord, *, original: bytes, key: bytes
) -> Outgoing | None:
    match effect:
        case AggregateClosed(minute):
            metrics.EFFECTS.labels("aggregate").inc()
            headers = causing.headers("aggregate", id_)
            station = minute.station.encode()
            return Outgoing(TopicName.AGGREGATES, causing.partition, station, _json(minute), headers)
        case AlertChanged(alert):
            return _alert(alert, causing)
        case Decided(outcome):
            metrics.EFFECTS.labels("outcome").inc()
            return _outcome(outcome, key, id_, causing)
        case Rejected(rejection):
            metrics.EFFECTS.labels("reject").inc()
            metrics.REJECTS.labels(rejection.reason).inc()
            return _reject(rejection, id_, causing, original)
        case Counted(what, n):
            metrics.COUNTED.labels(what).inc(n)
            return None


def _alert(alert: Alert, causing: CausingRecord) -> Outgoing:
    metrics.EFFECTS.labels("alert").inc()
    headers = causing.headers("alert", f"{alert.alert_id}:{alert.seq}")
    return _to_district(alert.district_code, _json(alert), headers)


def _to_district(code: str, value: bytes, headers: Headers) -> Outgoing:
    """A record on the way that the alerts of a district take."""
    return Outgoing(TopicName.ALERTS, district_partition_of(code), code.encode(), value, headers)


def _outcome(outcome: Outcome, key: bytes, id_: str, causing: CausingRecord) -> Outgoing:
    headers = causing.headers(OUTCOME_KINDS[type(outcome)], id_)
    return Outgoing(TopicName.OUTCOMES, causing.partition, key, _json(outcome), headers)


def _reject(rejection: Rejection, id_: str, causing: CausingRecord, original: bytes) -> Outgoing:
    facts = {
        "reason": rejection.reason,
        "detail": rejection.detail[:MAX_DETAIL],
        "source": rejection.source,
        "station": rejection.station or "",
        "topic": TopicName.EVENTS,
        "partition": causing.partition,
        "offset": causing.offset,
        "rejected_at": causing.clock,
    }
    headers = causing.headers("reject", id_)
    headers += [(name, str(text).encode(errors="replace")) for name, text in facts.items()]
    return Outgoing(TopicName.REJECTS, 0, rejection.source.encode(), original, headers)
