"""Stores alert snapshots with their transitions, and closes the alerts that a census does not know."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter

from schemas.alerts import Alert, Census, Transition
from schemas.outputs import Output
from services.runtime import metrics
from services.runtime.following.orphans import Source, orphans
from services.runtime.postgres import Connection
from services.runtime.queries import queries

log = logging.getLogger(__name__)

TransitionRow = tuple[object, ...]
"""In the order of the columns of ``alert_transitions``."""
_evidence = attrgetter(
    *("from_state", "to_state", "severity", "reason", "actor", "note", "value", "limit", "clear"),
    *("delay_ms", "samples", "plan", "engine_version"),
)


async def store_alerts(connection: Connection, outputs: Sequence[Output]) -> None:
    """Keep each alert's snapshot with the largest ``seq``, and every transition ever seen."""
    snapshots = [
        (it.origin.epoch, it.origin.src_partition, it.origin.src_offset, (it.record.value or b"").decode())
        for it in newest(outputs)
    ]
    await connection.copy_records_to_table("incoming_alerts", records=snapshots)
    await connection.copy_records_to_table("incoming_transitions", records=transition_rows(outputs))
    await connection.execute(queries(__package__)["alerts_merge"])
    await connection.execute(queries(__package__)["transitions_merge"])


async def store_censuses(connection: Connection, outputs: Sequence[Output]) -> None:
    """Close orphans: open alerts of the partition that the monitor no longer has.

    The ``seq`` stays, so that a snapshot with a larger one, should it come, wins.
    """
    for output in outputs:
        census, origin = output.body, output.origin
        assert isinstance(census, Census)
        stored = await connection.fetch(queries(__package__)["census_open"], census.partition)
        found = {row["alert_id"]: Source(row["epoch"], census.partition, row["src_offset"]) for row in stored}
        unknown = sorted(orphans(found, census, epoch=origin.epoch))
        if unknown:
            order = census.partition, census.offset, census.at, unknown, origin.ce_id, origin.appended_at
            await connection.fetch(queries(__package__)["census_close"], *order)
            metrics.ORPHANED.inc(len(unknown))
            log.warning(
                "recorder: closed orphans, alerts that the monitor does not know",
                extra={"partition": census.partition, "alerts": len(unknown), "first": unknown[0]},
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


def transition_rows(outputs: Iterable[Output]) -> list[TransitionRow]:
    """Rows for all outputs of all timelines, each transition once, as first seen."""
    rows: dict[tuple[str, int], TransitionRow] = {}
    for output in outputs:
        alert = _alert(output)
        for transition in alert.timeline:
            key = alert.alert_id, transition.seq
            if key not in rows:
                rows[key] = _row(alert.alert_id, transition, recorded_at=output.origin.appended_at)
    return list(rows.values())


def _row(alert_id: str, it: Transition, *, recorded_at: int) -> TransitionRow:
    times = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (it.at, it.detected_at, recorded_at))
    return *times, alert_id, it.seq, *_evidence(it), f"{it.partition}:{it.offset}"


def _alert(output: Output) -> Alert:
    assert isinstance(output.body, Alert)
    return output.body
