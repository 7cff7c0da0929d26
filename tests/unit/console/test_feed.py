"""What the feed holds, and what those get who come back."""

from dataclasses import replace

from support.shown_alerts import AT, alert

from schemas.alerts import Alert, AlertState, Census, CensusPart
from services.console.feed.feed import CLOSED_KEPT, KEPT, Feed
from services.runtime.following.orphans import Source

EPOCH = "00000000-0000-4000-8000-000000000001"
HERE = Source(EPOCH, 3, 50)


def take(feed: Feed, shown: Alert, source: Source = HERE) -> bool:
    """The feed meets a snapshot."""
    return feed.take(shown, source)


def test_it_holds_what_is_open() -> None:
    """The newest snapshot of each alert; a closed one goes."""
    feed = Feed("b")
    assert take(feed, alert("one", 1))
    assert take(feed, alert("two", 1))
    assert take(feed, alert("one", 2))
    assert {id_: one.seq for id_, one in feed.open.items()} == {"one": 2, "two": 1}
    assert take(feed, alert("one", 3, closed=True))
    assert set(feed.open) == {"two"}


def test_what_comes_again_is_shown_once() -> None:
    """After a crash the monitor sends again what it sent; an alert that was closed stays closed."""
    feed = Feed("b")
    for seq in (1, 2):
        assert take(feed, alert("one", seq, closed=seq == 2))
    assert not take(feed, alert("one", 1))
    assert not take(feed, alert("one", 2, closed=True))
    assert (feed.open, feed.number) == ({}, 2)


def test_who_comes_back_gets_what_was_missed() -> None:
    """In order, each with a cursor of its own; nothing when nothing was missed."""
    feed = Feed("b")
    take(feed, alert("one", 1))
    cursor = feed.cursor
    assert feed.since(cursor) == []
    take(feed, alert("one", 2))
    take(feed, alert("two", 1))
    missed = feed.since(cursor)
    assert missed is not None
    assert [(at, one.alert_id, one.seq) for at, one in missed] == [("b:2", "one", 2), ("b:3", "two", 1)]
    assert feed.since("b:2") == missed[1:]


def test_who_was_away_for_too_long_begins_anew() -> None:
    """Also with a cursor of another process, of the future, or none."""
    feed = Feed("b")
    first = feed.cursor
    for number in range(KEPT + 1):
        take(feed, alert(f"a{number}", 1))
    assert feed.since(first) is None
    assert feed.since("b:1") is not None
    for strange in (None, "", "other:3", "b:", "b:x", f"b:{feed.number + 1}"):
        assert feed.since(strange) is None, strange


async def test_a_listener_is_woken() -> None:
    """By each transition that is new, once."""
    feed = Feed("b")
    waiting = feed.changed
    take(feed, alert("one", 1))
    assert waiting.is_set()
    again = feed.changed
    take(feed, alert("one", 1))
    assert not again.is_set()


def test_it_begins_with_what_is_stored() -> None:
    """Whoever listens gets a snapshot; what was closed lately stays closed when it is told again."""
    feed = Feed("b")
    take(feed, alert("gone", 1))
    waiting, cursor = feed.changed, feed.cursor
    feed.begin("c", [(alert("one", 3), HERE)], {"two": 4})
    assert waiting.is_set()
    assert feed.since(cursor) is None
    assert set(feed.open) == {"one"}
    assert not take(feed, alert("one", 3))
    assert not take(feed, alert("two", 3))
    assert not take(feed, alert("two", 4, closed=True))
    assert take(feed, alert("two", 5)), "reopened"
    assert set(feed.open) == {"one", "two"}


def test_a_census_closes_its_orphans() -> None:
    """As storage does: state A at the census' time, the number as it was; a later snapshot opens it again."""
    feed = Feed("b")
    take(feed, replace(alert("orphan", 4), held=True))
    take(feed, alert("listed", 1))
    take(feed, alert("younger", 1), Source(EPOCH, 3, 101))
    cursor = feed.cursor
    census = Census(partition=3, offset=100, at=AT + 9, open_alerts=("listed",))
    assert feed.obey(census, epoch=EPOCH) == 1
    assert set(feed.open) == {"listed", "younger"}
    told = feed.since(cursor)
    assert told is not None
    ((_, ended),) = told
    assert (ended.alert_id, ended.seq, ended.closed_at, ended.held) == ("orphan", 4, AT + 9, False)
    assert ended.state is AlertState.NORMAL
    assert feed.obey(census, epoch=EPOCH) == 0
    assert not take(feed, alert("orphan", 4))
    assert take(feed, alert("orphan", 5))


def test_a_part_of_a_census_closes_only_its_own() -> None:
    """Those of the other parts wait for theirs."""
    feed = Feed("b")
    for name in ("a", "b", "c", "d"):
        take(feed, alert(name, 1))
    fields = {"partition": 3, "offset": 100, "at": AT, "parts": 2}
    feed.obey(CensusPart(part=0, after="", open_alerts=("b",), **fields), epoch=EPOCH)
    assert set(feed.open) == {"b", "c", "d"}
    feed.obey(CensusPart(part=1, after="b", open_alerts=("d",), **fields), epoch=EPOCH)
    assert set(feed.open) == {"b", "d"}


def test_what_is_remembered_of_closed_alerts_is_bounded() -> None:
    """The latest ones, which a monitor that crashed may tell again."""
    feed = Feed("b")
    for number in range(CLOSED_KEPT + 500):
        take(feed, alert(f"a{number}", 1))
        take(feed, alert(f"a{number}", 2, closed=True))
    assert len(feed._closed) == CLOSED_KEPT
    assert len(feed._sources) == len(feed.open) == 0
    assert not take(feed, alert(f"a{CLOSED_KEPT + 499}", 1))
    assert len(feed.recent) == KEPT
