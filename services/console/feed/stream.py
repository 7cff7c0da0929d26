"""The feed as server-sent events: a snapshot, then each transition, and a heartbeat every 5 s."""

import asyncio
from collections.abc import AsyncIterator, Callable

from pydantic import BaseModel

from services.console.api import AlertView, Expired, Heartbeat, Snapshot, Text
from services.console.feed.feed import Feed
from services.console.feed.pulse import Beat, Pulse
from services.console.words import NOT_LIVE


async def stream(
    feed: Feed, pulse: Pulse, cursor: str | None, *, has_session: Callable[[], bool]
) -> AsyncIterator[str]:
    """Server-sent events from ``cursor`` (Last-Event-ID) on, for as long as the session lasts."""
    if feed.since(cursor) is None:
        cursor = feed.cursor
        alerts = [AlertView.of(alert) for alert in feed.open.values()]
        yield _event("snapshot", Snapshot(city_ms=pulse.beat.city_ms, alerts=alerts), cursor)
    yield _event("heartbeat", _heartbeat(pulse.beat))
    while has_session():
        changed, beaten = feed.changed, pulse.beaten
        missed = feed.since(cursor)
        if missed is None:  # more came at once than is kept
            cursor = feed.cursor
            alerts = [AlertView.of(alert) for alert in feed.open.values()]
            yield _event("snapshot", Snapshot(city_ms=pulse.beat.city_ms, alerts=alerts), cursor)
            continue
        for cursor, alert in missed:  # the cursor is where the page stands now
            yield _event("alert", AlertView.of(alert), cursor)
        if missed:
            continue
        await _first_of(changed, beaten)
        if beaten.is_set():
            yield _event("heartbeat", _heartbeat(pulse.beat))
    yield _event("expired", Expired())


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _heartbeat(beat: Beat) -> Heartbeat:
    if beat.reason is None:
        return Heartbeat(city_ms=beat.city_ms, live=True, reason=None)
    words = NOT_LIVE[beat.reason]
    return Heartbeat(city_ms=beat.city_ms, live=False, reason=Text(zh=words["zh"], en=words["en"]))


def _event(kind: str, data: BaseModel, cursor: str | None = None) -> str:
    id_ = "" if cursor is None else f"id: {cursor}\n"
    return f"event: {kind}\n{id_}data: {data.model_dump_json()}\n\n"
