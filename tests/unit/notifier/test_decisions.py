"""Who is notified of a transition: a table of alerts and what the outbox holds, each row a law."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.notifier_city import acknowledged, changed, cleared, raised, write_people
from support.shown_alerts import AT

from schemas.alerts import Alert, AlertState, TransitionReason
from schemas.base import Severity
from services.notifier.decisions import Decision, Kind, Notified, NotNotified, decide
from services.notifier.message import Lane
from services.notifier.people import Directory, load_directory

MAIL, WEB = "mail", "webhook"
ALL = (Lane("lee", MAIL), Lane("lee", WEB), Lane("wang", MAIL), Lane("wang", WEB))
NOBODY = Notified()
CALLED = Notified(last_seq=1, lanes=frozenset({Lane("wang", MAIL)}))
SEEN = raised().timeline[-1].detected_at


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    """Two people, one route."""
    return load_directory(write_people(tmp_path_factory.mktemp("people")))


def moved(reason: TransitionReason, **fields: object) -> Alert:
    """The next snapshot of a raised alert."""
    return changed(raised(), reason, **fields)


R = TransitionReason
TABLE = {
    "a critical alert goes to everybody on the route": (raised(), NOBODY, Kind.RAISED, ALL),
    "a major one, too": (raised(0, Severity.MAJOR), NOBODY, Kind.RAISED, ALL),
    "a warning to nobody": (raised(0, Severity.WARN), NOBODY, NotNotified.MINOR, ()),
    "an escalation goes to everybody again": (moved(R.ESCALATED), CALLED, Kind.ESCALATED, ALL),
    "so does an alert that comes back": (moved(R.REOPENED), CALLED, Kind.RAISED, ALL),
    "an escalation to warn to nobody": (
        moved(R.ESCALATED, severity=Severity.WARN), NOBODY, NotNotified.MINOR, (),
    ),
    "a suppressed alert is not told": (
        replace(raised(), annunciated=False), NOBODY, NotNotified.NOT_ANNUNCIATED, (),
    ),
    "nor one that asked for attention earlier": (
        replace(raised(), annunciated_seq=0), NOBODY, NotNotified.NOT_ANNUNCIATED, (),
    ),
    "an acknowledgement goes to those who were told": (
        acknowledged(raised()), CALLED, Kind.ACKNOWLEDGED, (Lane("wang", MAIL),),
    ),
    "and to nobody if nobody was": (
        acknowledged(raised()), NOBODY, NotNotified.NOBODY_WAS_TOLD, (),
    ),
    "the all-clear goes to those who were told": (
        cleared(raised()), CALLED, Kind.CLEARED, (Lane("wang", MAIL),),
    ),
    "whatever the severity has become": (
        replace(cleared(raised()), severity=Severity.NOTICE), CALLED, Kind.CLEARED, (Lane("wang", MAIL),),
    ),
    "who was told hears that its time or rule is over": (
        moved(R.GATE_CLOSED), CALLED, Kind.ENDED, (Lane("wang", MAIL),),
    ),
    "but not after an all-clear": (
        changed(replace(raised(), state=AlertState.RETURNED), R.SUPERSEDED), CALLED,
        NotNotified.OVER_BEFORE, (),
    ),
    "comments are for pages": (moved(R.COMMENTED), CALLED, NotNotified.NOTHING_TO_TELL, ()),
    "so is a de-escalation": (moved(R.DEESCALATED), CALLED, NotNotified.NOTHING_TO_TELL, ()),
    "and data that stop": (moved(R.HELD), CALLED, NotNotified.NOTHING_TO_TELL, ()),
    "a snapshot that comes again is known": (raised(), CALLED, NotNotified.REPEAT, ()),
    "another system's alert takes no route": (
        replace(raised(), system="water"), NOBODY, NotNotified.NO_ROUTE, (),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("alert", "notified", "reason", "lanes"), TABLE.values(), ids=TABLE.keys())
def test_decision(
    alert: Alert,
    notified: Notified,
    reason: Kind | NotNotified,
    lanes: tuple[Lane, ...],
    directory: Directory,
) -> None:
    """Each row is a law."""
    routes = tuple(route.model_copy(update={"systems": ["gas"]}) for route in directory.routes)
    city = Directory(directory.people, routes)
    assert decide(alert, notified, directory=city, not_before_ms=AT) == Decision(reason, lanes)


def test_history_is_told_to_nobody(directory: Directory) -> None:
    """What the city saw before that instant is old; at it, it is not."""
    before = decide(raised(), NOBODY, directory=directory, not_before_ms=SEEN + 1)
    at = decide(raised(), NOBODY, directory=directory, not_before_ms=SEEN)
    assert (before.reason, at.reason) == (NotNotified.OLD, Kind.RAISED)


def test_who_is_told_is_known_within_a_batch(directory: Directory) -> None:
    """The acknowledgement follows from the raise before it; a repeat of both does nothing."""
    alert = raised()
    notified, reasons = NOBODY, []
    for one in (alert, acknowledged(alert), alert, acknowledged(alert)):
        decision = decide(one, notified, directory=directory, not_before_ms=AT)
        notified = notified.after(decision, one.seq)
        reasons.append(decision.reason)
    assert reasons == [Kind.RAISED, Kind.ACKNOWLEDGED, NotNotified.REPEAT, NotNotified.REPEAT]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("towns: ['110118001000']", True),
        ("towns: ['110118002000']", False),
        ("life_safety: true", True),
        ("life_safety: false", False),
        ("systems: [water, gas]", True),
        ("systems: [water]", False),
        ("owners: [gas, water]", True),
        ("owners: [water]", False),
    ],
)
def test_conditions_of_a_route(condition: str, told: bool, tmp_path: Path) -> None:
    """All conditions hold, or nobody is told by the route."""
    routes = (
        f"routes:\n  - {{id: r, severities: [critical], {condition}, people: [wang], channels: [mail]}}\n"
    )
    city = load_directory(write_people(tmp_path, routes=routes))
    decision = decide(raised(), NOBODY, directory=city, not_before_ms=AT)
    assert decision.lanes == ((Lane("wang", MAIL),) if told else ())


def test_two_routes_tell_a_person_once(tmp_path: Path) -> None:
    """Routes add up; by one channel nobody hears twice."""
    one = "severities: [critical], people: [wang], channels"
    routes = f"routes:\n  - {{id: a, {one}: [mail]}}\n  - {{id: b, {one}: [mail, webhook]}}\n"
    city = load_directory(write_people(tmp_path, routes=routes))
    decision = decide(raised(), NOBODY, directory=city, not_before_ms=AT)
    assert decision.lanes == (Lane("wang", MAIL), Lane("wang", WEB))
