"""Stores what became of commands, station states, inspections, and what the monitor found about its input."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from schemas.outcomes import Finding
from schemas.outputs import Output
from services.runtime.postgres import Connection
from services.runtime.queries import queries


async def _store(
    name: str, columns: Callable[[Any], tuple[Any, ...]], connection: Connection, outputs: Sequence[Output]
) -> None:
    rows = [(*columns(output.body), output.origin.ce_id) for output in outputs]
    await connection.executemany(queries(__package__)[name], rows)


def _finding(finding: Finding) -> tuple[Any, ...]:
    target = finding.station or f"events {finding.partition}:{finding.offset}"
    return finding.at, "monitor", finding.kind, target, "noted", finding.detail, None


store_commands = partial(
    _store,
    "audit_insert",
    attrgetter("at", "actor", "name", "target", "result", "reason", "command_id"),
)
"""Each command's outcome is a row of the audit."""
store_findings = partial(_store, "audit_insert", _finding)
"""A finding is a row of the audit, too: actor ``monitor``, result ``noted``."""
store_states = partial(
    _store,
    "station_state_insert",
    attrgetter("at", "station", "system", "town_code", "state", "silent_points", "points", "sources"),
)
"""Each change of a station's state is a row."""
store_inspections = partial(
    _store,
    "inspection_insert",
    attrgetter(
        *("inspection_id", "station", "system", "town_code", "kind", "point", "at", "taken_at"),
        *("inspector", "grade", "defect", "note", "nature"),
    ),
)
"""Each inspection is a row, as it was taken first."""
