"""A signed command to the log, and what became of it: for whoever lets a person act."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.events import Command, EventKind
from schemas.headers import ce_headers
from schemas.outcomes import CommandOutcome
from schemas.outputs import Output
from schemas.rejects import Reject
from schemas.topics import TopicName, partition_of
from services.runtime.kafka import NamespaceError, make_producer, reader
from services.runtime.records.authenticity import Authenticity
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, sentence

VALID_MS = 5 * 60_000
"""How long a command may be on its way, in the namespace's time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The monitor's answer to a command. ``reason``: the word of the monitor when it was not applied."""

    result: Literal["applied", "refused", "rejected"]
    reason: str = ""
    detail: str = ""


class NoAnswerError(Exception):
    """The command stands in the log at (partition, offset); nobody has judged it in time."""

    def __init__(self, partition: int, offset: int) -> None:
        super().__init__(f"partition {partition}, offset {offset}")
        self.partition = partition
        self.offset = offset


async def send_and_wait(settings: Settings, command: Command, *, timeout_s: float) -> Answer:
    """Append a command to the log and wait for its outcome.

    Raises:
        NamespaceError: the namespace has no topics.
        NoAnswerError: no outcome within ``timeout_s``; the command may still be judged.
    """
    number = partition_of(command.station)
    outcomes = TopicPartition(TopicName.OUTCOMES.within(settings.namespace), number)
    rejects = TopicPartition(TopicName.REJECTS.within(settings.namespace), 0)
    async with reader(settings.kafka_bootstrap) as consumer:
        await ensure_topics(consumer, [outcomes.topic, rejects.topic])
        consumer.assign([outcomes, rejects])
        for place, end in (await consumer.end_offsets([outcomes, rejects])).items():
            consumer.seek(place, end)  # before sending, so that the answer cannot be missed
        offset = await _send(settings, command, number)
        try:
            async with asyncio.timeout(timeout_s):
                return await _answer(consumer, command, Authenticity(settings), origin=(number, offset))
        except TimeoutError:
            raise NoAnswerError(number, offset) from None


async def ensure_topics(consumer: AIOKafkaConsumer, topics: list[str]) -> None:
    """Fail at once with a remedy, where the client would wait for a topic to appear.

    Raises:
        NamespaceError: one of them is not there.
    """
    there = await consumer.topics()
    for topic in topics:
        if topic not in there:
            raise NamespaceError(sentence(TROUBLE, "no_topic", topic=topic))


async def _send(settings: Settings, command: Command, partition: int) -> int:
    """Append the command to the log; its offset."""
    async with make_producer(settings) as producer:
        kept = await producer.send_and_wait(
            TopicName.EVENTS.within(settings.namespace),
            command.model_dump_json().encode(),
            key=command.station.encode(),
            partition=partition,
            headers=ce_headers(EventKind.COMMAND, command.signer, command.id, command.issued),
        )
    return int(kept.offset)


async def _answer(
    consumer: AIOKafkaConsumer, command: Command, authenticity: Authenticity, *, origin: tuple[int, int]
) -> Answer:
    while True:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                found = _answer_in(authenticity.decode(record), command, origin)
                if found is not None:
                    return found


def _answer_in(output: Output, command: Command, origin: tuple[int, int]) -> Answer | None:
    """The answer to the command at ``origin``; None: the record is about something else, or unreadable."""
    match output.body:
        case CommandOutcome() as outcome if outcome.command_id == command.id:
            return Answer(outcome.result, outcome.reason if outcome.result == "refused" else "")
        case Reject() as reject if (reject.partition, reject.offset) == origin:
            return Answer("rejected", reject.reason, reject.detail)
    return None
