"""Events that are not judged: why, and what is said about it."""

from dataclasses import dataclass

from schemas.events import Command, Inspection, Telemetry
from schemas.outcomes import Finding
from schemas.rejects import Rejection, RejectReason
from services.judging.verification import Verification
from services.rules.alert_commands import decided
from services.rules.effects import Cause, Decided, Effect, Rejected
from services.rules.judging_plan import JudgingPlan
from services.runtime import metrics

CONTROL_KIND = "control"
"""Kind of the built-in stations ``_p<n>``: nobody outside may report for them."""


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
    if planned is None or planned.station.kind == CONTROL_KIND:
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


def engine_failure(station: str | None, cause: Cause, detail: str) -> tuple[Rejected, Decided]:
    """An event that the engine could not judge: of a station, or (None) a record as a whole."""
    metrics.ENGINE_FAILURES.inc()
    rejection = Rejection(reason=RejectReason.ENGINE_FAILURE, detail=detail[:500], station=station)
    finding = Finding(
        kind="engine_failure",
        partition=cause.partition,
        offset=cause.offset,
        station=station,
        detail=detail[:500],
        at=cause.arrival,
    )
    return Rejected(rejection), Decided(finding)
