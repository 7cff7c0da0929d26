"""Events that are not judged: why, and what is said about it."""

import logging
import re
import traceback
from dataclasses import dataclass

from schemas.events import Command, Inspection, Telemetry
from schemas.outcomes import Finding
from schemas.rejects import MAX_DETAIL, Rejection, RejectReason
from services.judging.partitions import Partition
from services.judging.snapshots import FailingTicks
from services.judging.verification import Verification
from services.rules.effects import Cause, Decided, Effect, Rejected
from services.rules.judging_plan import JudgingPlan
from services.rules.lifecycle.commands import decided
from services.runtime import metrics
from services.runtime.outgoing import OversizeError

log = logging.getLogger(__name__)
OURS = ("schemas.", "services.")
_SIZES = re.compile(r"\d+")
"""What is too large may be so by some bytes more each time: that is the same reason."""
CONTROL_KIND = "control"
"""Kind of the built-in stations ``_p<n>``: only we report for them; people answer their alerts."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The record as a whole is not taken; ``also`` says so to whoever asked for it."""

    rejection: Rejection
    also: tuple[Effect, ...] = ()


def unroutable(plan: JudgingPlan | None, event: Telemetry | Inspection | Command) -> Refused | None:
    """No plan yet, or a station that the plan does not know, or one that only we report for."""
    if plan is None:
        return _refuse(event, RejectReason.NO_PLAN, "no plan was activated on this partition yet")
    planned = plan.stations.get(event.station)
    is_ours = planned is not None and planned.station.kind == CONTROL_KIND
    if planned is None or (is_ours and not isinstance(event, Command)):
        detail = f"{event.station} is not in plan {plan.plan_id[:12]}"
        return _refuse(event, RejectReason.UNKNOWN_STATION, detail)
    return None


def _refuse(event: Telemetry | Inspection | Command, reason: RejectReason, detail: str) -> Refused:
    if isinstance(event, Telemetry):
        source = event.source
    else:
        source = event.inspector if isinstance(event, Inspection) else event.signer
    return Refused(Rejection(reason=reason, detail=detail, source=source, station=event.station))


def unverified(command: Command, found: Verification, cause: Cause) -> Refused:
    """A command that may not be acted upon; whoever sent it is told why."""
    refused = _refuse(command, RejectReason.BAD_SIGNATURE, f"command {command.id}: {found.reason}")
    return Refused(refused.rejection, (decided(command, found.reason, cause),))


def engine_failure(station: str | None, cause: Cause, error: Exception) -> tuple[Rejected, Decided]:
    """An event that could not be judged: of a station, or (None) a record as a whole.

    What it says is the same in every run: which error, and where. The error's own words, which may hold an
    address or the order of a set, go to the log with the traceback.
    """
    metrics.ENGINE_FAILURES.inc()
    log.error(
        "judging: an event failed",
        extra={"partition": cause.partition, "offset": cause.offset, "station": station},
        exc_info=error,
    )
    detail = _said_of(error)
    rejection = Rejection(reason=RejectReason.ENGINE_FAILURE, detail=detail, station=station)
    return Rejected(rejection), Decided(_finding(station, cause, detail))


def tick_failure(partition: Partition, station: str, cause: Cause, error: Exception) -> tuple[Effect, ...]:
    """A tick failed for a station: told at first, and when the reason is another one; else only counted."""
    before, detail = partition.failing.get(station), _said_of(error)
    if before is not None and _SIZES.sub("", before.detail) == _SIZES.sub("", detail):
        metrics.ENGINE_FAILURES.inc()
        partition.failing[station] = FailingTicks(detail, before.count + 1)
        return ()
    over = tick_success(partition, station, cause)
    partition.failing[station] = FailingTicks(detail)
    return (*over, *engine_failure(station, cause, error))


def tick_success(partition: Partition, station: str, cause: Cause) -> tuple[Effect, ...]:
    """A tick did not fail for a station, or not as before: where some did, how many is told."""
    over = partition.failing.get(station)
    if over is None or over.count == 1:
        return ()
    return (Decided(_finding(station, cause, f"{over.detail}: over after {over.count} ticks in a row")),)


def _finding(station: str | None, cause: Cause, detail: str) -> Finding:
    return Finding(
        kind="engine_failure",
        partition=cause.partition,
        offset=cause.offset,
        station=station,
        detail=detail[:MAX_DETAIL],
        at=cause.arrival,
    )


def _said_of(error: Exception) -> str:
    """The error's kind, and the innermost function of ours that it passed."""
    if isinstance(error, OversizeError):
        return str(error)
    if isinstance(error, RecursionError):  # where that arises depends on how deep the caller stands
        return "RecursionError"
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    places = [(frame.f_globals.get("__name__", ""), frame.f_code.co_qualname) for frame in frames]
    ours = [f"{module}.{name}" for module, name in places if module.startswith(OURS)]
    return f"{type(error).__name__} in {ours[-1]}"[:MAX_DETAIL] if ours else type(error).__name__
