"""``miyun ack`` and ``miyun comment``: a signed command to the log, and what became of it."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.events import Command, CommandName, EventKind
from schemas.headers import ce_headers, header
from schemas.outcomes import OUTCOME_ADAPTERS, CommandOutcome, OutcomeKind
from schemas.partition import partition_of
from schemas.topics import TopicName
from services.cli.alert_lookup import Found, find
from services.cli.alerts_topic import ensure_topic
from services.cli.failure import CommandError
from services.cli.session import database
from services.cli.words import REFUSED, REJECTED
from services.runtime.clock import city_time_ms
from services.runtime.kafka import make_producer, reader
from services.runtime.settings import Settings
from services.runtime.signing import CLI, KeyFileError, ensure_key, sign_command

VALID_MS = 5 * 60_000
"""How long a command may be on its way, in the namespace's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person wants done to an alert, named by its id or the beginning of it."""

    name: Literal["ack", "comment"]
    alert: str
    actor: str
    body: dict[str, str]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command: ``reason`` in words when it was not applied."""

    applied: bool
    reason: str = ""


async def carry_out(settings: Settings, act: Act) -> None:
    """Show the alert, send the command, wait for its outcome and say it.

    Raises:
        CommandError: no such alert, not applied, or no answer in time.
    """
    async with database(settings) as connection:
        alert = await find(connection, act.alert)
    typer.echo(alert.line())
    command = _signed(settings, act, alert, issued=await city_time_ms(settings))
    answer = await _send_and_wait(settings, command, act.timeout_s)
    if not answer.applied:
        raise CommandError(f"{act.name} not applied: {answer.reason}")
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


async def _send_and_wait(settings: Settings, command: Command, timeout_s: float) -> Answer:
    number = partition_of(command.station)
    outcomes = TopicPartition(TopicName.OUTCOMES.within(settings.namespace), number)
    rejects = TopicPartition(TopicName.REJECTS.within(settings.namespace), 0)
    async with reader(settings.kafka_bootstrap) as consumer:
        for place in (outcomes, rejects):
            await ensure_topic(consumer, place.topic)
        consumer.assign([outcomes, rejects])
        for place, end in (await consumer.end_offsets([outcomes, rejects])).items():
            consumer.seek(place, end)  # before sending, so that the answer cannot be missed
        offset = await _send(settings, command, number)
        try:
            async with asyncio.timeout(timeout_s):
                return await _answer(consumer, command, origin=(number, offset))
        except TimeoutError:
            raise CommandError(
                f"no answer within {timeout_s:g} s. The command stands in the log (partition {number}, offset"
                f" {offset}) and will be judged when the monitor gets there: miyun status"
            ) from None


async def _send(settings: Settings, command: Command, partition: int) -> int:
    """Append the command to the log; its offset."""
    async with make_producer(settings) as producer:
        kept = await producer.send_and_wait(
            TopicName.EVENTS.within(settings.namespace),
            command.model_dump_json().encode(),
            key=command.station.encode(),
            partition=partition,
            headers=ce_headers(EventKind.COMMAND, CLI, command.id, command.issued),
        )
    return int(kept.offset)


async def _answer(consumer: AIOKafkaConsumer, command: Command, *, origin: tuple[int, int]) -> Answer:
    while True:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                found = _outcome_of(record, command) or _rejection_of(record, origin)
                if found is not None:
                    return found


def _outcome_of(record: ConsumerRecord, command: Command) -> Answer | None:
    if header(record.headers, "ce_type") != OutcomeKind.COMMAND:
        return None
    outcome: CommandOutcome = OUTCOME_ADAPTERS[OutcomeKind.COMMAND].validate_json(record.value)
    if outcome.command_id != command.id:
        return None
    if outcome.result == "applied":
        return Answer(applied=True)
    advice = REFUSED.get(outcome.reason, outcome.reason).replace("{alert}", command.target)
    return Answer(applied=False, reason=f"refused, {advice}")


def _rejection_of(record: ConsumerRecord, origin: tuple[int, int]) -> Answer | None:
    told = {name: header(record.headers, name) for name in ("reason", "detail", "partition", "offset")}
    if (told["partition"], told["offset"]) != tuple(map(str, origin)):
        return None
    word, detail = told["reason"] or "unknown", told["detail"] or ""
    advice = REJECTED.get(word, "{detail}").replace("{detail}", detail)
    return Answer(applied=False, reason=f"rejected, {word}: {advice}")
