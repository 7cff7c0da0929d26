"""Heartbeats come through whatever else there is to send."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

from support.shown_alerts import alert

from services.console.api import Heartbeat
from services.console.feed.alerts_consumer import AlertsConsumer
from services.console.feed.feed import KEPT, Feed
from services.console.feed.liveness import Liveness
from services.console.feed.stream import stream
from services.console.sessions import Session
from services.runtime.following.orphans import Source
from services.runtime.settings import Settings

SIGNED_IN = cast("Session", object())
HERE = Source("e", 3, 50)


def begun() -> tuple[Feed, Liveness, AsyncIterator[str]]:
    """A feed with its listener; nothing is consumed and nobody looks: the test does both."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    feed = Feed("b")
    liveness = Liveness(settings, AlertsConsumer(settings, feed, cast("Any", None)))
    liveness.consumer.caught_up = True
    events = stream(feed, liveness, None, find_session=lambda: SIGNED_IN)
    return feed, liveness, events


def beat(liveness: Liveness, city_ms: int) -> None:
    """As each look does."""
    liveness.heartbeat = Heartbeat(city_ms=city_ms, live=True, reason=None)
    liveness.consumer.feed.wake()


def more(feed: Feed, transitions: int) -> None:
    """So many transitions of one alert."""
    first = feed.number + 1
    for seq in range(first, first + transitions):
        feed.take(alert("one", seq), HERE)


async def kinds(events: AsyncIterator[str], number: int) -> list[str]:
    """What the next events are."""
    found = []
    for _ in range(number):
        async with asyncio.timeout(10):
            name, *rest = (await anext(events)).strip().splitlines()
        data = json.loads(rest[-1].removeprefix("data: "))
        found.append(
            f"beat {data['city_ms']}" if name == "event: heartbeat" else name.removeprefix("event: ")
        )
    return found


async def test_a_page_that_is_always_a_little_behind_is_told_of_every_beat() -> None:
    """Between two alerts of a batch, not only when nothing is missed."""
    feed, liveness, events = begun()
    assert await kinds(events, 2) == ["snapshot", "beat None"]
    for turn in range(10):
        more(feed, 12)
        beat(liveness, turn)
        told = await kinds(events, 10)  # of twelve alerts and more: it never has them all
        assert f"beat {turn}" in told, (turn, told)


async def test_a_storm_that_nobody_can_follow_leaves_the_beats() -> None:
    """More comes at once than is kept, again and again: a snapshot each time, and each beat."""
    feed, liveness, events = begun()
    await kinds(events, 2)
    for turn in range(5):
        beat(liveness, turn)
        told = []
        for _ in range(3):
            more(feed, KEPT + 1)
            told += await kinds(events, 1)
        assert set(told) == {f"beat {turn}", "snapshot"}, (turn, told)


async def test_a_feed_that_is_not_read_yet_shows_no_empty_list() -> None:
    """Beats come, which say that it is not live; the snapshot comes once all is read."""
    feed, liveness, events = begun()
    liveness.consumer.caught_up = False
    assert await kinds(events, 1) == ["beat None"]
    beat(liveness, 1)
    assert await kinds(events, 1) == ["beat 1"]
    feed.take(alert("one", 1), HERE)
    liveness.consumer.caught_up = True
    feed.wake()
    assert await kinds(events, 1) == ["snapshot"]
