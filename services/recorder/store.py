"""Stores a batch of entries and how far the topics are stored, in one transaction."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from schemas.aggregates import StationMinute
from schemas.alerts import Alert, Census
from schemas.outcomes import CommandOutcome, Finding, InspectionTaken, PlanActivated, StationStateChanged
from services.recorder import aggregates, alerts, outcomes, plans, positions, rejects
from services.recorder.entries import Entry, PlanPart, PlanPointer, Reject
from services.recorder.statements import statement
from services.runtime.postgres import Connection


async def prepare(connection: Connection) -> None:
    """Make the connection's temporary tables: once, before its first batch."""
    await connection.execute(statement("temporary_tables"))


async def store_batch(connection: Connection, entries: Sequence[Entry]) -> None:
    """Store entries, and the offsets behind them; all or nothing.

    Entries of one topic and partition must be in order, and follow what is stored.

    Raises:
        StoredElsewhereError: some of it is stored already, by another process.
        asyncpg.PostgresError, ValueError: the database refuses a row; nothing is stored.
    """
    reached = positions.reached(entries)
    async with connection.transaction():
        await positions.lock(connection, reached)
        await store_entries(connection, entries)
        await positions.advance(connection, reached)


async def store_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Store entries inside the caller's transaction. Repeats of what is stored change nothing."""
    kinds = sorted(entries, key=lambda entry: _ORDER[type(entry.body)])
    for kind, group in groupby(kinds, key=lambda entry: type(entry.body)):
        await _STORES[kind](connection, list(group))


_STORES = {
    Alert: alerts.store_alerts,
    Census: alerts.store_censuses,
    StationMinute: aggregates.store_minutes,
    PlanPart: plans.store_parts,
    PlanPointer: plans.pass_pointers,
    PlanActivated: plans.store_activations,
    CommandOutcome: outcomes.store_commands,
    StationStateChanged: outcomes.store_states,
    InspectionTaken: outcomes.store_inspections,
    Finding: outcomes.store_findings,
    Reject: rejects.store_rejects,
}
"""By kind, in the order of storing: a census speaks of the alerts that came before it."""
_ORDER = {kind: number for number, kind in enumerate(_STORES)}
