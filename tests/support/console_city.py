"""A console over a city in which the opening scene has just been played: real broker, database, monitor."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from support.namespaces import new_namespace
from support.programs import Programs, free_port
from support.simulations import Simulated, simulate

from services.console.api import FeedEvents


@dataclass(kw_only=True)
class ConsoleCity(Programs):
    """``simulated``: what was played before the programs started."""

    simulated: Simulated


@contextmanager
def console_city(folder: Path, *, lasting: bool = False) -> Iterator[ConsoleCity]:
    """The city with its monitor, recorder and console; accounts ``op`` (operator) and ``guest`` (viewer).

    ``lasting``: for all modules of a session.
    """
    own = {"MIYUN_KEYS_DIR": str(folder / "keys"), "MIYUN_CLOCK": "log", "MIYUN_CHECKPOINT_EVERY_S": "2"}
    played = ("--scene", "opening", "--hours", "0.3")
    simulated = simulate(folder / "state", *played, namespace=new_namespace(lasting=lasting), **own)
    port = free_port()
    environment = {
        **os.environ,
        **own,
        "MIYUN_NAMESPACE": simulated.namespace,
        "MIYUN_STATE_DIR": str(folder / "state"),
        "MIYUN_CONSOLE_PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"
    city = ConsoleCity(simulated=simulated, environment=environment, folder=folder, url=url)
    city.accounts(op="operator", guest="viewer")
    try:
        for name in ("monitor", "recorder", "console"):
            city.start(name)
        yield city
    finally:
        city.end()


@dataclass
class Event:
    """A server-sent event."""

    kind: str
    data: Any
    cursor: str | None = None


async def events_of(answer: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """The events of a feed as they come, each as the OpenAPI document has it."""
    fields: dict[str, str] = {}
    async for line in answer.content:
        name, _, text = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = text
            continue
        body = FeedEvents.model_fields[fields["event"]].annotation
        assert body is not None
        assert body.model_validate_json(fields["data"]).model_dump_json() == fields["data"]
        yield Event(fields["event"], json.loads(fields["data"]), fields.get("id"))
        fields = {}


async def first(events: AsyncIterator[Event], kind: str) -> Event:
    """The next event of a kind."""
    async for event in events:
        if event.kind == kind:
            return event
    raise AssertionError(f"the feed ended without {kind}")
