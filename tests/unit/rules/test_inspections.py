"""Inspections: what people and cameras have found."""

from support.engine_log import MINUTE, STATION, T0, Log, above, plan_of, point, rule

from schemas.base import Severity
from schemas.events import Inspection
from schemas.kinds import Measure, RuleKind
from schemas.outcomes import InspectionTaken
from schemas.rejects import RejectReason
from services.rules.effects import Decided, Rejected

GRADES = rule(
    "pipe.inspection_class",
    above(Severity.NOTICE, 2, clear=2),
    above(Severity.MAJOR, 4, clear=4),
    above(Severity.CRITICAL, 5, clear=5),
    kind=RuleKind.GRADE,
    measure=Measure.GRADE,
    worst_defects=("PL4",),
    unit="class",
)


def log() -> Log:
    """A station with one inspected pipe."""
    pipe = point(
        "pipe_class", "pipe.inspection_class", report_mode="inspected", high=5.0, expected_every_s=86_400
    )
    return Log(plan_of(pipe, rules=(GRADES,)))


def inspected(log: Log, grade: str | None, *, at: int = T0, **changes: object) -> None:
    """An inspection that is told a minute after it was made."""
    fields: dict[str, object] = {
        "station": STATION,
        "inspection_id": f"i-{at}-{grade}",
        "kind": "cctv",
        "point": "pipe_class",
        "at": at,
        "inspector": "crew-7",
        "grade": grade,
    }
    log.play(Inspection(**{**fields, **changes}), at + MINUTE)  # type: ignore[arg-type]


def taken(log: Log) -> list[str]:
    """The inspections that were taken."""
    outcomes = [effect.outcome for effect in log.effects if isinstance(effect, Decided)]
    return [outcome.inspection_id for outcome in outcomes if isinstance(outcome, InspectionTaken)]


def rejected(log: Log) -> list[RejectReason]:
    """Why others were not."""
    return [effect.rejection.reason for effect in log.effects if isinstance(effect, Rejected)]


def test_a_class_raises_and_a_better_one_clears() -> None:
    """The class is judged as it is told; the repair's inspection ends the alert."""
    one = log()
    inspected(one, "I")
    inspected(one, "II", at=T0 + MINUTE)
    inspected(one, "IV", at=T0 + 2 * MINUTE, defect="CK4")
    inspected(one, "I", at=T0 + 3 * MINUTE)
    assert [entry[0] for entry in one.story()] == ["raised", "escalated", "cleared"]
    assert [a.severity.value for a in one.alerts()] == ["notice", "major", "major"]
    assert "IV(CK4)级" in one.alerts()[1].headline.zh
    assert len(taken(one)) == 4


def test_the_worst_defects_are_beyond_class_iv() -> None:
    """A collapse is critical where a rule says so."""
    one = log()
    inspected(one, "IV", defect="PL4")
    assert one.alerts()[0].severity is Severity.CRITICAL


def test_an_older_inspection_is_taken_and_not_judged() -> None:
    """What was found since counts."""
    one = log()
    inspected(one, "I", at=T0 + 10 * MINUTE)
    inspected(one, "IV", at=T0)
    assert one.story() == []
    assert len(taken(one)) == 2


def test_what_cannot_be_is_rejected_with_its_reason() -> None:
    """An unknown point, one inspection twice, one made after it was told."""
    one = log()
    inspected(one, "II", point="nowhere")
    inspected(one, "II")
    inspected(one, "II")
    inspected(one, "II", at=T0 + 100 * MINUTE)
    late = Inspection(station=STATION, inspection_id="x", kind="cctv", at=T0 + 500 * MINUTE, inspector="c")
    one.play(late, T0)
    assert rejected(one) == [
        RejectReason.UNKNOWN_POINT,
        RejectReason.DUPLICATE_SCAN,
        RejectReason.CLOCK_FAULT,
    ]


def test_a_patrol_without_a_class_is_taken() -> None:
    """Nothing to judge, yet somebody was there."""
    one = log()
    inspected(one, None, point=None, kind="patrol")
    assert len(taken(one)) == 1
    assert one.story() == []
