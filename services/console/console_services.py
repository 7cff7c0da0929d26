"""The services that requests share: sessions, feed, database, the city's time, audit, acknowledgements."""

import logging
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

import asyncpg

from schemas.alerts import Alert
from schemas.events import CommandName
from services.console.failure import RefusedError
from services.console.feed.feed import Feed
from services.console.feed.liveness import Liveness
from services.console.point_day import Limits
from services.console.sessions import Refusals, Sessions, Tries
from services.runtime.clock import city_time_ms
from services.runtime.commanding import VALID_MS, NoAnswerError, send_and_wait
from services.runtime.postgres import AWAY, Pool
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.signing import CONSOLE, ensure_key, sign_command

log = logging.getLogger(__name__)
LONGEST_ACTOR, LONGEST_ACTION, LONGEST_ID = 200, 300, 1_000
MINUTE_S = 60
ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """The services of one console."""

    settings: Settings
    pool: Pool
    feed: Feed
    liveness: Liveness
    limits: Limits
    sessions: Sessions = field(default_factory=Sessions)
    tries: Tries = field(default_factory=Tries)
    refusals: Refusals = field(default_factory=Refusals)

    async def city_ms(self) -> int:
        """The city's time: of the last heartbeat, or else asked for."""
        known = self.liveness.heartbeat.city_ms
        return await city_time_ms(self.settings) if known is None else known

    async def note_refusal(self, *, actor: str, address: str, action: str, target: str, reason: str) -> None:
        """An audit row of what was refused; the same within a minute is counted in it."""
        minute = round(monotonic() // MINUTE_S)
        who = self.refusals.gathered((actor, address, target), minute)
        id_ = f"console:{self.feed.boot}:{minute}:{reason}:{':'.join(who)}"
        row = (actor[:LONGEST_ACTOR], action[:LONGEST_ACTION], who[-1][:LONGEST_ACTOR], "refused", reason)
        await self._write(*row, id_[:LONGEST_ID])

    async def note(self, *, actor: str, action: str, target: str, result: str, reason: str = "") -> None:
        """An audit row of what somebody did or was refused. A failure to write it is an error in our log."""
        row = (actor[:LONGEST_ACTOR], action[:LONGEST_ACTION], target, result, reason)
        await self._write(*row, f"console:{uuid4()}")

    async def _write(self, actor: str, action: str, target: str, result: str, reason: str, id_: str) -> None:
        row = (actor, action, target, result, reason, id_)
        try:
            await self.pool.execute(queries(__package__)["audit_insert"], await self.city_ms(), *row)
        except (asyncpg.PostgresError, *AWAY):
            log.exception("audit row not written", extra={"actor": actor, "action": action, "result": result})

    async def acknowledge(self, alert: Alert, *, actor: str, seen_seq: int) -> None:
        """Sign and send a person's acknowledgement; return once the monitor has applied it.

        Raises:
            RefusedError: the monitor refused it, or gave no answer in time.
        """
        issued = await city_time_ms(self.settings)
        command = sign_command(
            ensure_key(self.settings.keys_dir, CONSOLE),
            CommandName.ACK,
            station=alert.station_id,
            target=alert.alert_id,
            seen_seq=seen_seq,
            actor=actor,
            issued=issued,
            expires=issued + VALID_MS,
            body={},
        )
        try:
            answer = await send_and_wait(self.settings, command, timeout_s=ANSWER_WITHIN_S)
        except NoAnswerError:
            raise RefusedError("no_answer") from None
        if answer.result != "applied":
            raise RefusedError(answer.reason, reason=answer.detail or answer.reason)
