"""What the feed holds, and what those get who come back."""

from support.shown_alerts import alert

from services.console.feed.feed import KEPT, Feed


def test_it_holds_what_is_open() -> None:
    """The newest snapshot of each alert; a closed one goes."""
    feed = Feed("b")
    assert feed.take(alert("one", 1))
    assert feed.take(alert("two", 1))
    assert feed.take(alert("one", 2))
    assert {id_: one.seq for id_, one in feed.open.items()} == {"one": 2, "two": 1}
    assert feed.take(alert("one", 3, closed=True))
    assert set(feed.open) == {"two"}


def test_what_comes_again_is_shown_once() -> None:
    """After a crash the monitor sends again what it sent; an alert that was closed stays closed."""
    feed = Feed("b")
    for seq in (1, 2):
        assert feed.take(alert("one", seq, closed=seq == 2))
    assert not feed.take(alert("one", 1))
    assert not feed.take(alert("one", 2, closed=True))
    assert (feed.open, feed.number) == ({}, 2)


def test_who_comes_back_gets_what_was_missed() -> None:
    """In order, each with a cursor of its own; nothing when nothing was missed."""
    feed = Feed("b")
    feed.take(alert("one", 1))
    cursor = feed.cursor
    assert feed.since(cursor) == []
    feed.take(alert("one", 2))
    feed.take(alert("two", 1))
    missed = feed.since(cursor)
    assert missed is not None
    assert [(at, one.alert_id, one.seq) for at, one in missed] == [("b:2", "one", 2), ("b:3", "two", 1)]
    assert feed.since("b:2") == missed[1:]


def test_who_was_away_for_too_long_begins_anew() -> None:
    """Also with a cursor of another process, of the future, or none."""
    feed = Feed("b")
    first = feed.cursor
    for number in range(KEPT + 1):
        feed.take(alert(f"a{number}", 1))
    assert feed.since(first) is None
    assert feed.since("b:1") is not None
    for strange in (None, "", "other:3", "b:", "b:x", f"b:{feed.number + 1}"):
        assert feed.since(strange) is None, strange


async def test_a_listener_is_woken() -> None:
    """By each transition that is new, once."""
    feed = Feed("b")
    waiting = feed.changed
    feed.take(alert("one", 1))
    assert waiting.is_set()
    again = feed.changed
    feed.take(alert("one", 1))
    assert not again.is_set()
