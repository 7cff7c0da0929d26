"""``miyun log export``: a station's records of ``events`` as lines of a file."""

from dataclasses import dataclass

import typer
from aiokafka import ConsumerRecord, TopicPartition

from schemas.events import CONTROL_KINDS, EventKind
from schemas.headers import header, time_ms
from schemas.topics import TopicName, control_key, partition_of
from services.judging.log_lines import arrival_of, line_of
from services.runtime.commanding import ensure_topics
from services.runtime.kafka import read_all, reader
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """Which records are written: arrivals in [``begin``, ``end``), epoch ms; None: without a bound."""

    station: str
    begin: int | None
    end: int | None
    control: bool


def instant(text: str | None, option: str) -> int | None:
    """An option's RFC 3339 instant as epoch ms.

    Raises:
        typer.BadParameter: it is none.
    """
    if text is None:
        return None
    try:
        return time_ms(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}; for example 2026-01-13T19:00:00+08:00", param_hint=option
        ) from None


async def export_station(settings: Settings, *, order: ExportOrder) -> None:
    """Print the lines.

    Raises:
        NamespaceError: the namespace has no such topic.
    """
    number = partition_of(order.station)
    place = TopicPartition(TopicName.EVENTS.within(settings.namespace), number)
    async with reader(settings.kafka_bootstrap) as consumer:
        await ensure_topics(consumer, [place.topic])
        async for records in read_all(consumer, [place]):
            for record in records:
                arrival = arrival_of(record, settings.clock)
                if _is_wanted(record, arrival, order):
                    typer.echo(line_of(record, arrival))


def _is_wanted(record: ConsumerRecord, arrival: int, order: ExportOrder) -> bool:
    """A genesis begins the log, whatever its time: it says which log this is."""
    kind = header(record.headers, "ce_type")
    if record.key == control_key(record.partition).encode() and kind in CONTROL_KINDS:
        if not order.control or kind == EventKind.GENESIS:
            return order.control
    elif record.key != order.station.encode():
        return False
    return (order.begin is None or arrival >= order.begin) and (order.end is None or arrival < order.end)
