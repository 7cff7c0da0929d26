"""``miyun ack`` and ``miyun comment``: a signed command to the log, and what became of it."""

from dataclasses import dataclass
from typing import Literal

import asyncpg

from schemas.events import Command, CommandName
from services.cli.acting.words import ADVICE, ANSWER, COMMAND
from services.cli.shown.alert_list import find_alert, show_found
from services.runtime import screen
from services.runtime.clock import city_time_ms, city_zone
from services.runtime.command_line import database
from services.runtime.commanding import VALID_MS, Answer, NoAnswerError, send_and_wait
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.signing import CLI, ensure_key, sign_command
from services.runtime.words import REFUSED, REJECT, ByLanguage, Language, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCommand:
    """A command of a person to an alert, which is named by its id or the beginning of it."""

    name: Literal["ack", "comment"]
    alert: str
    actor: str
    body: dict[str, str]
    timeout_s: float


async def carry_out(settings: Settings, wanted: AlertCommand, language: Language) -> None:
    """Show the alert, send the command, wait for its outcome and say it.

    Raises:
        StopProcessError: no such alert, not applied, or no answer in time.
    """
    async with database(settings) as connection:
        alert = await find_alert(connection, wanted.alert, language)
        zone = await city_zone(connection)
    show_found([alert], language, zone)
    command = _signed(settings, wanted, alert, issued=await city_time_ms(settings))
    try:
        answer = await send_and_wait(settings, command, timeout_s=wanted.timeout_s)
    except NoAnswerError as error:
        place = {"partition": error.partition, "offset": error.offset}
        raise StopProcessError(sentence(ANSWER, "none", within_s=wanted.timeout_s, **place)) from None
    told = _told(answer, command, wanted.name)
    if answer.result != "applied":
        raise StopProcessError(told)
    screen.show(screen.text(told[language]))


def _signed(settings: Settings, wanted: AlertCommand, alert: asyncpg.Record, *, issued: int) -> Command:
    try:
        key = ensure_key(settings.keys_dir, CLI)
    except OSError as error:
        raise StopProcessError(sentence(ANSWER, "no_key", why=error)) from None
    return sign_command(
        key,
        CommandName(wanted.name),
        station=alert["station_id"],
        target=alert["alert_id"],
        seen_seq=alert["seq"],
        actor=wanted.actor,
        issued=issued,
        expires=issued + VALID_MS,
        body=wanted.body,
    )


def _told(answer: Answer, command: Command, name: str) -> ByLanguage:
    """The outcome of the command; if it was not applied, the reason and the remedy."""
    parts = {"name": COMMAND[name], "actor": command.actor, "id": command.id, "detail": answer.detail}
    if answer.result == "applied":
        return sentence(ANSWER, "applied", **parts)
    reasons = REFUSED if answer.result == "refused" else REJECT
    key = answer.reason if answer.reason in ADVICE else "any"
    advice = sentence(ADVICE, key, alert=screen.short_id(command.target))
    return sentence(
        ANSWER, answer.result, why=reasons.get(answer.reason, answer.reason), advice=advice, **parts
    )
