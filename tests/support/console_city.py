"""A console over a city in which the opening scene has just been played: real broker, database, monitor."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import aiohttp
from support.command_line import MIYUN
from support.simulations import Simulated, simulate

from services.console.api import FeedEvents

PASSWORD = "correct horse battery staple"


@dataclass
class Program:
    """One of our long-running processes; its log lies in ``log``."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


@dataclass
class ConsoleCity:
    """``url``: of the console. Programs that a test stops, it starts again."""

    simulated: Simulated
    environment: Mapping[str, str]
    folder: Path
    url: str
    programs: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start ``monitor``, ``recorder`` or ``console``."""
        log = self.folder / f"{name}-{len(list(self.folder.glob(f'{name}-*.log')))}.log"
        with log.open("wb") as out:
            process = subprocess.Popen([MIYUN, name, "run"], env=self.environment, stdout=out, stderr=out)
        self.programs[name] = Program(process, log)
        if name == "console":
            self._until_served()

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """End one of them."""
        return self.programs[name].stop(number)

    def miyun(self, *arguments: str) -> str:
        """What a command prints; it succeeds."""
        done = subprocess.run(
            [MIYUN, *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _until_served(self) -> None:
        port, deadline = int(self.url.rpartition(":")[2]), monotonic() + 20
        program = self.programs["console"]
        while True:
            assert program.process.poll() is None, program.log.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            assert monotonic() < deadline, program.log.read_text()
            sleep(0.1)


@contextmanager
def console_city(folder: Path) -> Iterator[ConsoleCity]:
    """The city with its monitor, recorder and console; accounts ``op`` (operator) and ``guest`` (viewer)."""
    own = {"MIYUN_KEYS_DIR": str(folder / "keys"), "MIYUN_CLOCK": "log", "MIYUN_CHECKPOINT_EVERY_S": "2"}
    simulated = simulate(folder / "state", "--scene", "opening", "--hours", "0.3", **own)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        **own,
        "MIYUN_NAMESPACE": simulated.namespace,
        "MIYUN_STATE_DIR": str(folder / "state"),
        "MIYUN_CONSOLE_PORT": str(port),
    }
    city = ConsoleCity(simulated, environment, folder, f"http://127.0.0.1:{port}")
    password = folder / "password"
    password.write_text(PASSWORD + "\n")
    for name, role in (("op", "operator"), ("guest", "viewer")):
        city.miyun("console", "account", "set", name, "--role", role, "--password-file", str(password))
    try:
        for name in ("monitor", "recorder", "console"):
            city.start(name)
        yield city
    finally:
        for program in city.programs.values():
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()


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
