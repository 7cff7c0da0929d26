"""Merges parts of minutes into one row per point and minute, each part exactly once.

A part of a station's minute is known by the event that closed it (epoch, partition, offset); it holds all
points that were read. The offsets of the topic are stored in the same transaction, so a *record* is never
stored twice; but after a crash the monitor sends again what it sent since its last checkpoint, as new records
with the same events. Hence parts are remembered. Not for long, and not by time, since a replay passes hours
of the log within one checkpoint: the parts of an event can be sent again only together with all parts of
later events, and each sender sends them in the order of events. So, within a partition, first arrivals come
in the order of events, and once the parts up to some event are dropped (``aggregate_floors``), whatever still
comes of those events is a repeat, however late. Dropped are the events before the oldest that still closed a
minute within two hours of log time of the partition's newest; within that window parts merge in any order.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from schemas.aggregates import StationMinute
from schemas.outputs import Output
from services.runtime.postgres import Connection
from services.runtime.queries import queries

HORIZON = timedelta(hours=2)
PartKey = tuple[str, datetime, str, int, int]
"""Station, minute, and epoch, partition and offset of the event."""


async def store_minutes(connection: Connection, outputs: Sequence[Output]) -> None:
    """Add the parts that are new to their minutes."""
    for number, wave in enumerate(waves(await _remember(connection, outputs))):
        if number:
            await connection.execute("TRUNCATE incoming_parts")
        rows = [row for output in wave for row in _rows(output)]
        await connection.copy_records_to_table("incoming_parts", records=rows)
        await connection.execute(queries(__package__)["parts_merge"])


async def _remember(connection: Connection, outputs: Sequence[Output]) -> list[Output]:
    """Notes the parts of outputs. Returns those that are new, each once and in their order."""
    keyed: dict[PartKey, Output] = {}
    for output in outputs:
        keyed.setdefault(_key(output), output)
    columns = [list(column) for column in zip(*keyed, strict=True)]
    new = {tuple(row) for row in await connection.fetch(queries(__package__)["parts_remember"], *columns)}
    return [output for key, output in keyed.items() if key in new]


def _key(output: Output) -> PartKey:
    minute, origin = output.body, output.origin
    assert isinstance(minute, StationMinute)
    at = datetime.fromtimestamp(minute.bucket / 1000, UTC)
    return minute.station, at, origin.epoch, origin.src_partition, origin.src_offset


async def forget_parts(connection: Connection) -> int:
    """Drop parts that cannot merge with anything new any more; how many."""
    status = await connection.execute(queries(__package__)["parts_prune"], HORIZON)
    return int(status.rpartition(" ")[2])


def waves(outputs: Iterable[Output]) -> list[list[Output]]:
    """Outputs in groups that name no minute of a station twice: nearly always one.

    Added one after the other in the order of the log, sums come out the same to the last bit,
    however the log was cut into batches.
    """
    seen: Counter[tuple[str, int]] = Counter()
    found: defaultdict[int, list[Output]] = defaultdict(list)
    for output in outputs:
        minute = output.body
        assert isinstance(minute, StationMinute)
        key = minute.station, minute.bucket
        found[seen[key]].append(output)
        seen[key] += 1
    return list(found.values())


def _rows(output: Output) -> list[tuple[object, ...]]:
    minute = output.body
    assert isinstance(minute, StationMinute)
    station, bucket, system, town = minute.station, minute.bucket, minute.system, minute.town_code
    return [
        (
            station, point, bucket, system, town,
            it.n, it.n_good, it.sum, it.min, it.max, it.last, it.last_at,
        )
        for point, it in minute.points.items()
    ]  # fmt: skip
