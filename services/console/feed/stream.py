"""The feed as server-sent events: a snapshot, then each transition, and a heartbeat every 5 s."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from services.console.api import AlertView, Expired, Heartbeat, OpenAlerts
from services.console.feed.feed import Feed
from services.console.feed.liveness import Liveness
from services.console.sessions import Session


async def stream(
    feed: Feed, liveness: Liveness, cursor: str | None, *, find_session: Callable[[], Session | None]
) -> AsyncIterator[str]:
    """Server-sent events from ``cursor`` (Last-Event-ID) on, for as long as the session lasts."""
    told = _Beats(liveness)
    async for beat in _beats_until_read(told, find_session):
        yield beat
    while find_session():
        changed = feed.changed
        missed = feed.since(cursor)
        if missed is None:  # a new page, or more came at once than is kept
            cursor, missed = feed.cursor, []
            yield _open_alerts(feed, liveness)
        for cursor, alert in missed:  # the cursor is where the page stands now
            yield _event("alert", AlertView.model_validate(alert), cursor)
            for beat in told.new():  # also in a storm: a slow page takes its time over a thousand of them
                yield beat
        for beat in told.new():
            yield beat
        if not missed:
            await changed.wait()
    yield _event("expired", Expired())


@dataclass(slots=True)
class _Beats:
    """The heartbeats that a page has not been told yet."""

    liveness: Liveness
    _told: Heartbeat | None = None

    def new(self) -> Iterator[str]:
        """The last one, unless it was told."""
        if self.liveness.heartbeat is not self._told:
            self._told = self.liveness.heartbeat
            yield _event("heartbeat", self._told)


async def _beats_until_read(told: _Beats, find_session: Callable[[], Session | None]) -> AsyncIterator[str]:
    """Nothing but beats while the alerts are being read: an empty list would look like a calm city."""
    consumer = told.liveness.consumer
    while not consumer.caught_up and find_session():
        changed = consumer.feed.changed
        for beat in told.new():
            yield beat
        await changed.wait()


def _open_alerts(feed: Feed, liveness: Liveness) -> str:
    alerts = [AlertView.model_validate(alert) for alert in feed.open.values()]
    return _event("snapshot", OpenAlerts(city_ms=liveness.heartbeat.city_ms, alerts=alerts), feed.cursor)


def _event(kind: str, data: BaseModel, cursor: str | None = None) -> str:
    id_ = "" if cursor is None else f"id: {cursor}\n"
    return f"event: {kind}\n{id_}data: {data.model_dump_json()}\n\n"
