"""``miyun ack`` and ``miyun comment``: a signed command to the log, and what became of it."""

from dataclasses import dataclass
from typing import Literal

import typer

from schemas.events import Command, CommandName
from services.cli.alert_lookup import Found, find
from services.cli.failure import CommandError
from services.cli.session import database
from services.cli.words import REFUSED, REJECTED
from services.runtime.clock import city_time_ms
from services.runtime.commanding import VALID_MS, Answer, NoAnswerError, send_and_wait
from services.runtime.kafka import NamespaceError
from services.runtime.settings import Settings
from services.runtime.signing import CLI, KeyFileError, ensure_key, sign_command


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person wants done to an alert, named by its id or the beginning of it."""

    name: Literal["ack", "comment"]
    alert: str
    actor: str
    body: dict[str, str]
    timeout_s: float


async def carry_out(settings: Settings, act: Act) -> None:
    """Show the alert, send the command, wait for its outcome and say it.

    Raises:
        CommandError: no such alert, not applied, or no answer in time.
    """
    async with database(settings) as connection:
        alert = await find(connection, act.alert)
    typer.echo(alert.line())
    command = _signed(settings, act, alert, issued=await city_time_ms(settings))
    answer = await _answer_to(settings, command, act.timeout_s)
    if answer.result != "applied":
        raise CommandError(f"{act.name} not applied: {_why(answer, command)}")
    typer.echo(f"{act.name} applied by {command.actor} (command {command.id})")


def _signed(settings: Settings, act: Act, alert: Found, *, issued: int) -> Command:
    try:
        key = ensure_key(settings.keys_dir, CLI)
    except (OSError, KeyFileError) as error:
        raise CommandError(f"the key of `cli` cannot be used: {error}") from None
    return sign_command(
        key,
        CommandName(act.name),
        station=alert.station_id,
        target=alert.alert_id,
        seen_seq=alert.seq,
        actor=act.actor,
        issued=issued,
        expires=issued + VALID_MS,
        body=act.body,
    )


async def _answer_to(settings: Settings, command: Command, timeout_s: float) -> Answer:
    try:
        return await send_and_wait(settings, command, timeout_s=timeout_s)
    except NamespaceError as error:
        raise CommandError(str(error)) from None
    except NoAnswerError as error:
        raise CommandError(
            f"no answer within {timeout_s:g} s. The command stands in the log ({error}) and will be judged"
            " when the monitor gets there: miyun status"
        ) from None


def _why(answer: Answer, command: Command) -> str:
    """Why a command was not applied, and what to do."""
    if answer.result == "refused":
        advice = REFUSED.get(answer.reason, answer.reason).replace("{alert}", command.target)
        return f"refused, {advice}"
    advice = REJECTED.get(answer.reason, "{detail}").replace("{detail}", answer.detail)
    return f"rejected, {answer.reason}: {advice}"
