"""``miyun alerts tail``: the open alerts, then one line per transition as it happens."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import typer

from services.cli.alert_line import alert_line
from services.cli.alerts_topic import AlertsTopic, Snapshot, alerts_topic
from services.cli.failure import CommandError
from services.runtime.settings import Settings
from services.runtime.words import Language


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
        CommandError: the time was over before ``count`` transitions came.
    """
    printed = 0
    try:
        async with asyncio.timeout(order.timeout_s), alerts_topic(settings) as topic:
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
            raise CommandError(
                f"{printed} of {order.count} transitions within {order.timeout_s:g} s (--timeout)"
            ) from None


async def _print_open(topic: AlertsTopic, order: TailOrder) -> None:
    found = await topic.open_alerts()
    for one in found[-order.last :]:
        _print(one, order)
    if not order.as_json:
        shown = min(order.last, len(found))
        typer.secho(f"-- {shown} of {len(found)} open alerts above; following --", dim=True)
    sys.stdout.flush()


async def _transitions(topic: AlertsTopic, order: TailOrder) -> AsyncGenerator[Snapshot, None]:
    if order.since_start:
        for one in await topic.history():
            yield one
    async with aclosing(topic.follow()) as live:
        async for one in live:
            yield one


def _print(one: Snapshot, order: TailOrder) -> None:
    typer.echo(one.raw.decode() if order.as_json else alert_line(one.alert, order.language))
