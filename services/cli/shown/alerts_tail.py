"""``miyun alerts tail``: the open alerts, then one line per transition as it happens."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import typer
from rich.text import Text

from schemas.alerts import Alert, TransitionReason
from services.cli.shown.alerts_topic import AlertsTopic, Snapshot, alerts_topic
from services.cli.shown.words import TAIL
from services.runtime import screen
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import REASON, SEVERITY, SEVERITY_COLOUR, Language, sentence, word

BY_PEOPLE = frozenset({TransitionReason.ACKNOWLEDGED, TransitionReason.COMMENTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class TailOrder:
    """What a tail was asked for. ``count`` None: for ever; ``timeout_s`` None: as long as it takes."""

    language: Language
    last: int
    since_start: bool
    as_json: bool
    count: int | None
    timeout_s: float | None


async def tail(settings: Settings, order: TailOrder) -> None:
    """Print until told to stop.

    Raises:
        StopProcessError: the time was over before ``count`` transitions came.
    """
    printed = 0
    try:
        async with asyncio.timeout(order.timeout_s), alerts_topic(settings, order.language) as topic:
            if not order.since_start and order.last > 0:
                await _print_open(topic, order)
            async with aclosing(_transitions(topic, order)) as transitions:
                async for one in transitions:
                    _print(one, order)
                    printed += 1
                    if printed == order.count:
                        return
    except TimeoutError:
        if order.count is not None:
            told = sentence(TAIL, "too_few", printed=printed, count=order.count, within_s=order.timeout_s)
            raise StopProcessError(told) from None


def alert_line(alert: Alert, language: Language) -> Text:
    """City time, severity, what happened, short id, headline; who and why when a person did it."""
    last = alert.timeline[-1]
    severity = screen.padded(word(SEVERITY, alert.severity, language), 8)
    headline = alert.headline.zh if language == "zh" else alert.headline.en
    by = ": ".join(filter(None, (last.actor, last.note))) if last.reason in BY_PEOPLE else ""
    return Text("  ").join(
        (
            screen.text(screen.local(last.detected_at)),
            screen.text(severity, f"bold {SEVERITY_COLOUR[alert.severity]}"),
            screen.text(screen.padded(word(REASON, last.reason, language), 12)),
            screen.text(screen.short_id(alert.alert_id)),
            screen.text(f"{headline} [{by}]" if by else headline),
        )
    )


async def _print_open(topic: AlertsTopic, order: TailOrder) -> None:
    found = await topic.open_alerts()
    shown = found[-order.last :]
    for one in shown:
        _print(one, order)
    if not order.as_json:
        said = sentence(TAIL, "following", found=len(found), shown=len(shown))
        screen.show(screen.text(said[order.language], "dim"))


async def _transitions(topic: AlertsTopic, order: TailOrder) -> AsyncGenerator[Snapshot, None]:
    if order.since_start:
        for one in await topic.history():
            yield one
    async with aclosing(topic.follow()) as live:
        async for one in live:
            yield one


def _print(one: Snapshot, order: TailOrder) -> None:
    if order.as_json:
        typer.echo(one.raw.decode())
    else:
        screen.show(alert_line(one.alert, order.language), whole=True)
