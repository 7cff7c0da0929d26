"""Stores a batch of outputs and how far the topics are stored, in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from schemas.aggregates import StationMinute
from schemas.alerts import Alert, Census, CensusPart, Judged
from schemas.outcomes import CommandOutcome, Finding, InspectionTaken, PlanActivated, StationStateChanged
from schemas.outputs import Origin, Output, PlanPart
from schemas.rejects import Reject, Rejection
from schemas.topics import TopicName
from services.recorder import aggregates, alerts, plans, rows
from services.runtime.following.bisection import take_bisecting
from services.runtime.following.offsets import OffsetsTable, PartitionName
from services.runtime.postgres import Connection
from services.runtime.queries import queries

TOPICS = (
    TopicName.ALERTS,
    TopicName.AGGREGATES,
    TopicName.OUTCOMES,
    TopicName.REJECTS,
    TopicName.PLANS,
)
"""What is stored, in the order of what people wait for."""
OFFSETS = OffsetsTable("consumer_offsets")
MOST_CHUNKS = 64
"""Of one transaction. A thousand new ones took half a minute, and more locks than a server has by default."""
DAY_MS = 86_400_000
Chunk = tuple[str, int]


async def prepare(connection: Connection) -> None:
    """Make the connection's temporary tables: once, before its first batch."""
    await connection.execute(queries(__package__)["temporary_tables"])


async def store_bisecting(connection: Connection, outputs: Sequence[Output]) -> list[Output]:
    """Store a batch; of a record that the database refuses its rejection. What was stored.

    Raises:
        Exception: whatever is not a record's fault; a part of the batch may be stored then, with its offsets.
    """
    stored: list[Output] = []
    for part in _parts(outputs):
        stored += await take_bisecting(partial(store_batch, connection), part)
    return stored


def _parts(outputs: Sequence[Output]) -> Iterator[Sequence[Output]]:
    """Cut a batch where it would touch too many chunks: each new one takes time, and locks until the end."""
    begin, chunks = 0, frozenset[Chunk]()
    for number, output in enumerate(outputs):
        added = _chunks_of(output)
        if number > begin and len(chunks | added) > MOST_CHUNKS:
            yield outputs[begin:number]
            begin, chunks = number, frozenset()
        chunks |= added
    if outputs:
        yield outputs[begin:]


def _chunks_of(output: Output) -> frozenset[Chunk]:
    """The chunks of the series that an output is stored in, by the intervals of the migrations."""
    match output.body:
        case StationMinute(bucket=at):
            return frozenset({("aggregates_1m", at // DAY_MS)})
        case Alert(timeline=timeline):
            return frozenset(("alert_transitions", it.at // (30 * DAY_MS)) for it in timeline)
        case StationStateChanged(at=at):
            return frozenset({("station_states", at // (30 * DAY_MS))})
        case _:
            return frozenset()


async def store_batch(connection: Connection, outputs: Sequence[Output]) -> None:
    """Store outputs, and the offsets behind them; all or nothing.

    Those of one topic and partition must be in order, and follow what is stored.

    Raises:
        StoredElsewhereError: some of it is stored already, by another process.
        asyncpg.PostgresError, ValueError: the database refuses a row; nothing is stored.
    """
    origins = [output.origin for output in outputs]
    async with OFFSETS.taking(connection, origins):
        await store_entries(connection, outputs)
        await _note_city_time(connection, origins)


async def store_entries(connection: Connection, outputs: Iterable[Output]) -> None:
    """Store outputs inside the caller's transaction. Repeats of what is stored change nothing."""
    kept = (output for output in outputs if type(output.body) in _ORDER)
    kinds = sorted(kept, key=lambda output: _ORDER[type(output.body)])
    for kind, group in groupby(kinds, key=lambda output: type(output.body)):
        await _STORES[kind](connection, list(group))


async def _note_city_time(connection: Connection, origins: Iterable[Origin]) -> None:
    latest: dict[PartitionName, int] = {}
    for origin in origins:
        if origin.city_ms is not None:
            at = origin.topic, origin.partition
            latest[at] = max(latest.get(at, 0), origin.city_ms)
    if latest:
        columns = [topic for topic, _ in latest], [number for _, number in latest], list(latest.values())
        await connection.execute(queries(__package__)["city_note"], *columns)


_STORES: dict[type, rows.Sink] = {
    Alert: alerts.store_alerts,
    Census: alerts.store_censuses,
    CensusPart: alerts.store_censuses,
    Judged: rows.store_judged,
    StationMinute: aggregates.store_minutes,
    PlanPart: plans.store_parts,
    PlanActivated: plans.store_activations,
    CommandOutcome: rows.store_commands,
    StationStateChanged: rows.store_states,
    InspectionTaken: rows.store_inspections,
    Finding: rows.store_findings,
    Reject: rows.store_rejects,
    Rejection: rows.store_rejections,
}
"""By kind, in the order of storing: a census speaks of the alerts that came before it. The publisher's note
for itself is not stored."""
_ORDER: dict[type, int] = {kind: number for number, kind in enumerate(_STORES)}
