"""``miyun alerts tail``: the open alerts, then one line per transition as it happens."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from rich.text import Text

from schemas.alerts import Alert, TransitionReason
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.cli.shown.words import TAIL
from services.plans.publish.store import published_zone
from services.runtime import screen
from services.runtime.following.lag import Extents, extents_of
from services.runtime.kafka import read_range, reader
from services.runtime.processes import StopProcessError
from services.runtime.records.authenticity import Authenticity
from services.runtime.settings import Settings
from services.runtime.words import REASON, REJECT, SEVERITY, SEVERITY_COLOUR, Language, sentence, word

BY_PEOPLE = frozenset({TransitionReason.ACKNOWLEDGED, TransitionReason.COMMENTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class TailOrder:
    """The options of a tail. ``count`` None: for ever; ``timeout_s`` None: as long as it takes."""

    language: Language
    last: int
    since_start: bool
    as_json: bool
    count: int | None
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """A snapshot as it stands on the topic. ``json`` is the record's value."""

    alert: Alert
    json: bytes

    @property
    def detected_at(self) -> int:
        """The instant at which its last transition was detected (epoch ms)."""
        return self.alert.timeline[-1].detected_at


async def tail(settings: Settings, order: TailOrder) -> None:
    """Print until told to stop.

    Raises:
        StopProcessError: the time was over before ``count`` transitions came.
        NamespaceError: the namespace has no such topic.
    """
    printed = 0
    try:
        async with asyncio.timeout(order.timeout_s), reader(settings.kafka_bootstrap) as consumer:
            spans = await extents_of(consumer, settings, (TopicName.ALERTS,))
            topic = AlertsTopic(consumer, spans, order.language, Authenticity(settings))
            zone = await published_zone(settings.kafka_bootstrap, settings.namespace)
            async with aclosing(_transitions(topic, order, zone)) as transitions:
                async for one in transitions:
                    _print(one, order, zone)
                    printed += 1
                    if printed == order.count:
                        return
    except TimeoutError:
        if order.count is not None:
            told = sentence(TAIL, "too_few", printed=printed, count=order.count, within_s=order.timeout_s)
            raise StopProcessError(told) from None


@dataclass(slots=True)
class AlertsTopic:
    """Reads the topic once to its end of now, then follows it; each (alert, ``seq``) comes once."""

    consumer: AIOKafkaConsumer
    spans: Extents
    """First and end offsets of the topic at the start."""
    language: Language
    """Of what is said about records that cannot be read."""
    authenticity: Authenticity
    _seen: dict[str, int] = field(default_factory=dict)
    """By alert id: the largest ``seq`` that was given out."""
    _refused: set[str] = field(default_factory=set)
    """Reasons for which a record could not be read: each is said once."""

    async def history(self) -> list[AlertRecord]:
        """Every transition up to the end of now, in the order in which they were detected."""
        found: list[AlertRecord] = []
        async for records in read_range(self.consumer, self.spans.ends, starts=self.spans.begins):
            found += self._new(records)
            await asyncio.sleep(0)
        return sorted(found, key=lambda one: one.detected_at)

    async def follow(self) -> AsyncGenerator[AlertRecord, None]:
        """Every transition after that, for ever."""
        self.consumer.assign(list(self.spans.ends))
        for tp, end in self.spans.ends.items():
            self.consumer.seek(tp, end)
        while True:
            for records in (await self.consumer.getmany(timeout_ms=500)).values():
                for one in self._new(records):
                    yield one

    def _new(self, records: Iterable[ConsumerRecord]) -> Iterator[AlertRecord]:
        for record in records:
            match self.authenticity.decode(record).body:
                case Alert() as alert if alert.seq > self._seen.get(alert.alert_id, -1):
                    self._seen[alert.alert_id] = alert.seq
                    yield AlertRecord(alert, record.value)
                case Rejection(reason=reason, detail=detail) if reason not in self._refused:
                    self._refused.add(reason)
                    place = {"partition": record.partition, "offset": record.offset}
                    told = sentence(TAIL, "unread", reason=REJECT.get(reason, reason), detail=detail, **place)
                    screen.show(screen.text(told[self.language]), to_stderr=True, whole=True)


def alert_line(alert: Alert, language: Language, zone: ZoneInfo) -> Text:
    """City time, severity, what happened, short id, headline; who and why when a person did it."""
    last = alert.timeline[-1]
    severity = screen.padded(word(SEVERITY, alert.severity, language), 8)
    headline = getattr(alert.headline, language)
    by = ": ".join(filter(None, (last.actor, last.note))) if last.reason in BY_PEOPLE else ""
    return Text("  ").join(
        (
            screen.text(screen.local(last.detected_at, zone)),
            screen.text(severity, f"bold {SEVERITY_COLOUR[alert.severity]}"),
            screen.text(screen.padded(word(REASON, last.reason, language), 12)),
            screen.text(screen.short_id(alert.alert_id)),
            screen.text(f"{headline} [{by}]" if by else headline),
        )
    )


async def _transitions(
    topic: AlertsTopic, order: TailOrder, zone: ZoneInfo
) -> AsyncGenerator[AlertRecord, None]:
    if order.since_start:
        for one in await topic.history():
            yield one
    elif order.last > 0:
        _print_open(await topic.history(), order, zone)
    async with aclosing(topic.follow()) as live:
        async for one in live:
            yield one


def _print_open(history: Iterable[AlertRecord], order: TailOrder, zone: ZoneInfo) -> None:
    newest = {one.alert.alert_id: one for one in history}
    found = sorted(
        (one for one in newest.values() if one.alert.closed_at is None), key=lambda one: one.detected_at
    )
    shown = found[-order.last :]
    for one in shown:
        _print(one, order, zone)
    if not order.as_json:
        said = sentence(TAIL, "following", found=len(found), shown=len(shown))
        screen.show(screen.text(said[order.language], "dim"))


def _print(one: AlertRecord, order: TailOrder, zone: ZoneInfo) -> None:
    if order.as_json:
        typer.echo(one.json.decode())
    else:
        screen.show(alert_line(one.alert, order.language, zone), whole=True)
