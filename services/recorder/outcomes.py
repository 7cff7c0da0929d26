"""Stores what became of commands, station states, inspections, and what the monitor found about its input."""

from collections.abc import Sequence
from typing import Any

from schemas.outcomes import CommandOutcome, Finding, InspectionTaken, StationStateChanged
from schemas.outputs import Output
from services.recorder.statements import statement
from services.runtime.postgres import Connection

Row = tuple[Any, ...]


async def store_commands(connection: Connection, outputs: Sequence[Output]) -> None:
    """Each command's outcome is a row of the audit."""
    await connection.executemany(statement("audit_insert"), [_command(output) for output in outputs])


async def store_findings(connection: Connection, outputs: Sequence[Output]) -> None:
    """A finding is a row of the audit, too: actor ``monitor``, result ``noted``."""
    await connection.executemany(statement("audit_insert"), [_finding(output) for output in outputs])


async def store_states(connection: Connection, outputs: Sequence[Output]) -> None:
    """Each change of a station's state is a row."""
    await connection.executemany(statement("station_state_insert"), [_state(output) for output in outputs])


async def store_inspections(connection: Connection, outputs: Sequence[Output]) -> None:
    """Each inspection is a row, as it was taken first."""
    await connection.executemany(statement("inspection_insert"), [_inspection(output) for output in outputs])


def _command(output: Output) -> Row:
    outcome = output.body
    assert isinstance(outcome, CommandOutcome)
    return (
        outcome.at,
        outcome.actor,
        outcome.name,
        outcome.target,
        outcome.result,
        outcome.reason,
        outcome.command_id,
        output.origin.ce_id,
    )


def _finding(output: Output) -> Row:
    finding = output.body
    assert isinstance(finding, Finding)
    target = finding.station or f"events {finding.partition}:{finding.offset}"
    return finding.at, "monitor", finding.kind, target, "noted", finding.detail, None, output.origin.ce_id


def _state(output: Output) -> Row:
    change = output.body
    assert isinstance(change, StationStateChanged)
    return (
        change.at,
        change.station,
        change.system,
        change.town_code,
        change.state,
        list(change.silent_points),
        change.points,
        list(change.sources),
        output.origin.ce_id,
    )


def _inspection(output: Output) -> Row:
    taken = output.body
    assert isinstance(taken, InspectionTaken)
    return (
        taken.inspection_id,
        taken.station,
        taken.system,
        taken.town_code,
        taken.kind,
        taken.point,
        taken.at,
        taken.taken_at,
        taken.inspector,
        taken.grade,
        taken.defect,
        taken.note,
        taken.nature,
        output.origin.ce_id,
    )
