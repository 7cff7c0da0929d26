"""Findings of people and cameras: taken, and their class judged by the rules of the inspected point."""

from schemas.events import Inspection
from schemas.outcomes import InspectionTaken
from schemas.rejects import Rejection, RejectReason
from services.rules.effects import Decided, Rejected
from services.rules.judging_plan import PointPlan
from services.rules.pipeline import late
from services.rules.pipeline.channels import judge_value
from services.rules.pipeline.clocks import AHEAD_MS
from services.rules.pipeline.levels import Reading
from services.rules.state.working import WorkingState

REMEMBERED = 64
"""Inspections of a station whose ids are kept, to tell what comes again."""
CLASS_VALUES = {"I": 1.0, "II": 2.0, "III": 3.0, "IV": 4.0}


def take_inspection(working: WorkingState, inspection: Inspection) -> None:
    """Take an inspection, or reject it with a reason: its id is its identity.

    The class that stands is that of the point's latest inspection; of two at one instant, the worse.
    """
    rejection = _reason_against(working, inspection)
    if rejection is not None:
        working.effects.append(Rejected(rejection))
        return
    known = working.hot.inspections[-(REMEMBERED - 1) :]
    working.hot.inspections = (*known, inspection.inspection_id)
    working.effects.append(Decided(_taken(working, inspection)))
    if inspection.point is not None and inspection.grade is not None:
        _judge(working, inspection, working.plan.points[inspection.point])


def _reason_against(working: WorkingState, inspection: Inspection) -> Rejection | None:
    reason, detail = None, ""
    planned = None if inspection.point is None else working.plan.points.get(inspection.point)
    if inspection.at > working.cause.arrival + AHEAD_MS:
        reason, detail = RejectReason.CLOCK_FAULT, f"inspected at {inspection.at}, after it was told"
    elif inspection.point is not None and (planned is None or planned.point.report_mode != "inspected"):
        reason, detail = RejectReason.UNKNOWN_POINT, f"{inspection.point} is no inspected point"
    elif inspection.inspection_id in working.hot.inspections:
        reason, detail = RejectReason.DUPLICATE_SCAN, f"inspection {inspection.inspection_id} came again"
    if reason is None:
        return None
    return Rejection(reason=reason, detail=detail, source=inspection.inspector, station=inspection.station)


def _taken(working: WorkingState, inspection: Inspection) -> InspectionTaken:
    station = working.plan.station
    return InspectionTaken(
        inspection_id=inspection.inspection_id,
        station=inspection.station,
        system=station.system,
        town_code=station.town_code,
        kind=inspection.kind,
        point=inspection.point,
        at=inspection.at,
        taken_at=working.cause.arrival,
        inspector=inspection.inspector,
        grade=inspection.grade,
        defect=inspection.defect,
        note=inspection.note,
        nature=inspection.nature,
    )


def _judge(working: WorkingState, inspection: Inspection, planned: PointPlan) -> None:
    assert inspection.grade is not None
    state = working.point(planned.point.code)
    value = CLASS_VALUES[inspection.grade]
    read = Reading(
        at=inspection.at,
        value=value,
        before=state.value if state.good_at else None,
        nature=inspection.nature,
        defect=inspection.defect,
    )
    if inspection.at < state.at:
        late.judge_among_neighbours(working, planned, read)
    elif inspection.at > state.at or value > state.value:
        state.at = state.good_at = inspection.at
        state.value, state.heard = value, working.cause.arrival
        judge_value(working, planned, read)
