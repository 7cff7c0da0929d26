"""What people and cameras have found: taken, and its class judged by the rules of the inspected point."""

from schemas.events import Inspection
from schemas.outcomes import InspectionTaken
from schemas.rejects import Rejection, RejectReason
from services.rules.arranged import PointPlan, StationPlan
from services.rules.device_clock import clock_fault
from services.rules.draft import Draft
from services.rules.effects import Decided, Rejected
from services.rules.values import Value, judge_value

CLASS_VALUES = {"I": 1.0, "II": 2.0, "III": 3.0, "IV": 4.0}


def take_inspection(draft: Draft, inspection: Inspection, place: StationPlan) -> None:
    """Take an inspection, or reject it with a reason; one older than the point's last is not judged."""
    rejection = _reason_against(draft, inspection, place)
    if rejection is not None:
        draft.effects.append(Rejected(rejection))
        return
    draft.effects.append(Decided(_taken(draft, inspection, place)))
    if inspection.point is not None and inspection.grade is not None:
        _judge(draft, inspection, place.points[inspection.point], place)


def _reason_against(draft: Draft, inspection: Inspection, place: StationPlan) -> Rejection | None:
    reason, detail = None, ""
    planned = None if inspection.point is None else place.points.get(inspection.point)
    if clock_fault(inspection.at, draft.cause.arrival) is not None:
        reason, detail = RejectReason.CLOCK_FAULT, f"inspected at {inspection.at}, after it was told"
    elif inspection.point is not None and (planned is None or planned.point.report_mode != "inspected"):
        reason, detail = RejectReason.UNKNOWN_POINT, f"{inspection.point} is no inspected point"
    elif planned is not None and _seen(draft, planned) == inspection.at:
        reason, detail = RejectReason.DUPLICATE_SCAN, f"inspection {inspection.inspection_id} came again"
    if reason is None:
        return None
    return Rejection(reason=reason, detail=detail, source=inspection.inspector, station=inspection.station)


def _seen(draft: Draft, planned: PointPlan) -> int | None:
    state = draft.hot.points.get(planned.point.code)
    return None if state is None else state.at


def _taken(draft: Draft, inspection: Inspection, place: StationPlan) -> InspectionTaken:
    return InspectionTaken(
        inspection_id=inspection.inspection_id,
        station=inspection.station,
        system=place.station.system,
        town_code=place.station.town_code,
        kind=inspection.kind,
        point=inspection.point,
        at=inspection.at,
        taken_at=draft.cause.arrival,
        inspector=inspection.inspector,
        grade=inspection.grade,
        defect=inspection.defect,
        note=inspection.note,
        nature=inspection.nature,
    )


def _judge(draft: Draft, inspection: Inspection, planned: PointPlan, place: StationPlan) -> None:
    assert inspection.grade is not None
    state = draft.point(planned.point.code)
    if inspection.at <= state.at:
        return
    value = CLASS_VALUES[inspection.grade]
    before = state.value if state.good_at else None
    state.at = state.good_at = inspection.at
    state.value, state.heard = value, draft.cause.arrival
    read = Value(
        at=inspection.at,
        value=value,
        before=before,
        gap=False,
        nature=inspection.nature,
        defect=inspection.defect,
    )
    judge_value(draft, planned, place, read)
