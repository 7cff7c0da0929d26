"""What becomes of the first message of a lane: a table, each row a law."""

import pytest

from services.notifier.decisions import Kind
from services.notifier.dispatch import Fate, Gathering, Gatherings, Head, fate_of
from services.notifier.message import Lane

NEW, OLD = 10.0, 7_200.0
K = Kind


def head(kind: Kind, *behind: Kind, told: bool = False, missed: bool = False, waited_s: float = NEW) -> Head:
    """The first message of a lane."""
    return Head(kind=kind, told=told, behind=frozenset(behind), has_missed_text=missed, waited_s=waited_s)


TABLE = {
    "a call is sent": (head(K.RAISED), Fate.AS_QUEUED),
    "however old, while nothing newer is known": (head(K.RAISED, waited_s=OLD), Fate.AS_QUEUED),
    "also once it is acknowledged": (head(K.RAISED, K.ACKNOWLEDGED, waited_s=OLD), Fate.AS_QUEUED),
    "not once its alert is over": (head(K.RAISED, K.CLEARED), Fate.OVER),
    "or its rule": (head(K.ESCALATED, K.ENDED, told=True), Fate.OVER),
    "or unknown to the monitor": (head(K.RAISED, K.ORPHANED), Fate.OVER),
    "a newer call comes behind it": (head(K.RAISED, K.ESCALATED), Fate.AS_QUEUED),
    "unless it is old": (head(K.RAISED, K.ESCALATED, waited_s=OLD), Fate.OVERTAKEN),
    "an all-clear goes to who was told": (head(K.CLEARED, told=True), Fate.AS_QUEUED),
    "however old": (head(K.CLEARED, told=True, waited_s=OLD), Fate.AS_QUEUED),
    "not when it is old and has burned again": (
        head(K.CLEARED, K.RAISED, told=True, waited_s=OLD),
        Fate.OVERTAKEN,
    ),
    "not to who never heard": (head(K.CLEARED), Fate.NOT_TOLD),
    "but in words of its own while nobody has acknowledged": (head(K.CLEARED, missed=True), Fate.MISSED),
    "which somebody then did": (head(K.CLEARED, K.ACKNOWLEDGED, missed=True), Fate.NOT_TOLD),
    "or it burned again": (head(K.CLEARED, K.RAISED, missed=True), Fate.NOT_TOLD),
    "an acknowledgement to who was told": (head(K.ACKNOWLEDGED, told=True), Fate.AS_QUEUED),
    "and to nobody else": (head(K.ACKNOWLEDGED), Fate.NOT_TOLD),
    "an orphan's end to who was told": (head(K.ORPHANED, told=True), Fate.AS_QUEUED),
    "and to nobody else, either": (head(K.ORPHANED), Fate.NOT_TOLD),
}


@pytest.mark.parametrize(("message", "fate"), TABLE.values(), ids=TABLE.keys())
def test_fate(message: Head, fate: Fate) -> None:
    """Each row is a law."""
    assert fate_of(message, within_s=3_600.0) is fate


def test_late_data_wait_for_each_other_from_the_first_on() -> None:
    """Those that come meanwhile do not prolong it; what was sent begins anew."""
    lane = Lane("wang", "mail")
    here, there = Gathering(lane, "a", "real"), Gathering(lane, "b", "real")
    late = Gatherings(within_s=300.0)
    assert late.due([here], 0.0) == set()
    assert late.due([here, there], 299.0) == set()
    assert late.due([here, there], 300.0) == {here}
    assert late.due([there], 301.0) == set()
    assert late.due([here, there], 599.0) == {there}
