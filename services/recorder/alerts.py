"""Stores alert snapshots with their transitions, and closes the alerts that a census does not know."""

import logging
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from schemas.alerts import Alert, Census
from schemas.outputs import Output
from services.runtime import metrics
from services.runtime.postgres import Connection
from services.runtime.queries import queries

log = logging.getLogger(__name__)

Row = tuple[Any, ...]
HEAD = attrgetter("seq", "at", "detected_at")
TAIL = attrgetter(
    *("from_state", "to_state", "severity", "reason", "actor", "note", "value", "limit", "clear"),
    *("delay_ms", "samples", "plan", "engine_version"),
)
"""Columns of a transition, before and behind when it was recorded."""


async def store_alerts(connection: Connection, outputs: Sequence[Output]) -> None:
    """Keep each alert's snapshot with the largest ``seq``, and every transition ever seen."""
    snapshots = (_snapshot_row(output) for output in newest(outputs))
    await connection.copy_records_to_table("incoming_alerts", records=list(snapshots))
    await connection.copy_records_to_table("incoming_transitions", records=transition_rows(outputs))
    await connection.execute(queries(__package__)["alerts_merge"])
    await connection.execute(queries(__package__)["transitions_merge"])


async def store_censuses(connection: Connection, outputs: Sequence[Output]) -> None:
    """Close strangers: open alerts of the partition that the monitor no longer has.

    Only those whose last event the census includes; the ``seq`` stays, so that a snapshot with a larger
    one, should it come, wins.
    """
    for output in outputs:
        census, origin = output.body, output.origin
        assert isinstance(census, Census)
        rows = await connection.fetch(
            queries(__package__)["census_close"],
            census.partition,
            census.offset,
            census.at,
            list(census.open_alerts),
            origin.ce_id,
            origin.epoch,
            origin.appended_at,
        )
        if rows:
            metrics.ORPHANED.inc(len(rows))
            log.warning(
                "alerts closed that the monitor does not know",
                extra={"partition": census.partition, "alerts": len(rows), "first": rows[0]["alert_id"]},
            )


def newest(outputs: Iterable[Output]) -> list[Output]:
    """Of each alert the output with the largest ``seq``."""
    best: dict[str, Output] = {}
    for output in outputs:
        alert = _alert(output)
        old = best.get(alert.alert_id)
        if old is None or _alert(old).seq < alert.seq:
            best[alert.alert_id] = output
    return list(best.values())


def transition_rows(outputs: Iterable[Output]) -> list[Row]:
    """Rows for all outputs of all timelines, each transition once, as first seen."""
    rows: dict[tuple[str, int], Row] = {}
    for output in outputs:
        alert = _alert(output)
        for transition in alert.timeline:
            key = alert.alert_id, transition.seq
            if key not in rows:
                head, tail = HEAD(transition), TAIL(transition)
                event = f"{transition.partition}:{transition.offset}"
                rows[key] = (alert.alert_id, *head, output.origin.appended_at, *tail, event)
    return list(rows.values())


def _alert(output: Output) -> Alert:
    assert isinstance(output.body, Alert)
    return output.body


def _snapshot_row(output: Output) -> Row:
    origin = output.origin
    text = (output.record.value or b"").decode()
    return origin.epoch, origin.src_partition, origin.src_offset, text
