"""Serves the lanes: each sends one message after the other, and none waits for another."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from services.notifier import outbox
from services.notifier.carriers.carrier import Deliverer
from services.notifier.dispatch import Gatherings, backoff_after
from services.notifier.message import DeliveryReport, Lane, Message, Result
from services.notifier.people import Directory
from services.runtime import metrics
from services.runtime.postgres import Pool
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
"""How soon a lane whose rest is over is noticed."""
SAID_EVERY = 60
"""A lane that goes on failing is named again after so many failures: about once an hour."""
FINISH_WITHIN_S = 5.0
"""At the end, messages that are on their way are waited for, so that they need not be sent again."""


@dataclass(slots=True)
class Sender:
    """Takes what is due and sends it, until cancelled."""

    settings: Settings
    pool: Pool
    directory: Directory
    carriers: Mapping[str, Deliverer]
    wake: asyncio.Event
    """Set when something was queued."""
    failures: Counter[Lane] = field(default_factory=Counter)
    """Failures in a row, by lane: forgotten at a restart, which tries at once."""
    rests: dict[Lane, float] = field(default_factory=dict)
    """Until when lanes rest, by ``monotonic``: whatever the host's clock does."""
    gatherings: Gatherings = field(init=False)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Late data wait as long as the settings say."""
        self.gatherings = Gatherings(self.settings.gather_late_s)

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            asyncpg.PostgresError, OSError: the database is away.
        """
        try:
            while True:
                await self._serve_due()
                await self._rest()
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """Let those finish that are on their way; whatever ended us, their failures are its consequence."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=FINISH_WITHIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _serve_due(self) -> None:
        self.wake.clear()
        self.rests = {lane: until for lane, until in self.rests.items() if until > monotonic()}
        within_s = self.settings.deliver_within_s
        for message in await outbox.take_due(self.pool, self.rests, self.gatherings, within_s=within_s):
            task = asyncio.create_task(self._serve(message))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """The lane may have more."""
        self.wake.set()
        if not task.cancelled() and task.exception() is None:
            self._under_way.discard(task)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), LOOK_EVERY_S)
        for task in [task for task in self._under_way if task.done()]:
            self._under_way.discard(task)
            task.result()

    async def _serve(self, message: Message) -> None:
        if message.attempts == 1:
            metrics.FIRST_ATTEMPT.observe((message.begun_at - message.heard_at).total_seconds())
        report = await self._attempt(message)
        metrics.ATTEMPTS.labels(message.channel, report.result).inc()
        if report.result is Result.DELIVERED:
            self.failures.pop(message.lane, None)
            await outbox.note_delivered(self.pool, message)
            return
        await self._failed(message, report)

    async def _failed(self, message: Message, report: DeliveryReport) -> None:
        self.failures[message.lane] += 1
        in_a_row = self.failures[message.lane]
        backoff = backoff_after(report, attempts=message.attempts, in_a_row=in_a_row)
        self.rests[message.lane] = monotonic() + backoff.pause_s
        lost = await outbox.note_failure(self.pool, message, report, backoff)
        metrics.GIVEN_UP.labels(message.channel).inc(lost)
        if in_a_row % SAID_EVERY == 1 or lost:
            log.warning(
                "notifier: gave messages up"
                if lost
                else "notifier: a message did not arrive; it is tried again",
                extra={"recipient": message.recipient, "channel": message.channel, "why": report.reason}
                | ({"messages": lost} if lost else {}),
            )

    async def _attempt(self, message: Message) -> DeliveryReport:
        address = self.directory.address(message.lane)
        if address is None:
            gone = "no address: the person, or this way to them, is gone from people.yaml"
            return DeliveryReport(Result.REFUSED, gone)
        try:
            return await self.carriers[message.channel].deliver(message, address)
        except Exception as error:
            log.exception("notifier: a message cannot be sent", extra={"outbox_id": message.id})
            return DeliveryReport(Result.REFUSED, f"{type(error).__name__}: {error}")
