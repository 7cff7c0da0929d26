"""The one way to start ``miyun`` in tests: here, as a process until it ends, or as one that runs on."""

import asyncio
import io
import logging
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic, sleep

from services.cli.main import app_main
from services.runtime.settings import Settings

MIYUN = Path(sys.executable).with_name("miyun")
"""The installed command."""
ENTRY = "from services.cli.main import app_main; app_main()"
PASSWORD = "correct horse battery staple"
BELOW_EPHEMERAL = range(20_000, 27_000)
"""Ports that no outgoing connection is given by itself between our look and the program's start."""

PATIENCE = 4.0
"""A wait ends a test that hangs; it is no measurement: a machine may be so many times slower than usual."""

Environment = Mapping[str, str]
Done = subprocess.CompletedProcess[str]
Miyun = Callable[..., Done]
"""Runs a command to its end with these arguments (and, by keyword, variables)."""


def deadline_in(usual_s: float) -> float:
    """When, by ``time.monotonic``, something must have happened that usually takes at most so long."""
    return monotonic() + PATIENCE * usual_s


def environment_of(settings: Settings, **variables: str) -> dict[str, str]:
    """What tells a program of ours these settings, and nothing else of ours."""
    told = {f"MIYUN_{name.upper()}": str(value) for name, value in settings if value is not None}
    return bare_environment() | told | variables


def bare_environment(**variables: str) -> dict[str, str]:
    """This environment without any setting of ours, but for those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIYUN_")}
    return kept | {"MIYUN_ENV_FILE": os.devnull} | variables


def miyun(*arguments: str, environment: Environment) -> Done:
    """Run a command in this process: all but the start of a process, so many times sooner.

    Not for commands that run on. A test with an event loop calls it by ``asyncio.to_thread``; a command that
    minds signals needs a main thread, so a process of its own.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with _as_another_process(["miyun", *arguments], environment), redirect_stdout(out), redirect_stderr(err):
        try:
            app_main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Done(["miyun", *arguments], code, *(_text(stream) for stream in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    return stream.detach().getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO, as made above


@contextmanager
def _as_another_process(arguments: list[str], environment: Environment) -> Iterator[None]:
    """Arguments and environment as given; what a command changes of this process is put back."""
    given, variables, argv, root = dict(environment), dict(os.environ), sys.argv, logging.getLogger()
    handlers, level = root.handlers[:], root.level
    os.environ.clear()
    os.environ.update(given)
    sys.argv = arguments
    try:
        yield
    finally:
        sys.argv = argv
        root.handlers[:] = handlers
        root.setLevel(level)
        os.environ.clear()
        os.environ.update(variables)


def _command(arguments: tuple[str, ...], prelude: str = "", entry: str = ENTRY) -> list[str]:
    """The installed command, or Python with code that runs before it, or in its place."""
    is_installed = not prelude and entry == ENTRY
    return [*([str(MIYUN)] if is_installed else [sys.executable, "-c", f"{prelude}\n{entry}"]), *arguments]


def miyun_process(
    *arguments: str, environment: Environment, entry: str = ENTRY, timeout_s: float = 200.0
) -> Done:
    """Run the installed command (``entry``: another program's code) and wait for its end."""
    line = _command(arguments, entry=entry)
    return subprocess.run(
        line, env=environment, capture_output=True, text=True, check=False, timeout=timeout_s
    )


@dataclass
class Program:
    """A process of ours that runs on; what it says lies in ``log``."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def said(self) -> str:
        """Everything it has written."""
        return self.log.read_text()

    def peak_mib(self) -> int:
        """The most memory that it has held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) >> 10

    async def until(self, words: str, within_s: float = 30.0, *, times: int = 1) -> None:
        """Wait until its log has these words, so often."""
        deadline = deadline_in(within_s)
        while self.said().count(words) < times:
            assert monotonic() < deadline, f"never said {words!r}: {self.said()[-3000:]}"
            assert self.runs, f"ended ({self.process.returncode}): {self.said()[-3000:]}"
            await asyncio.sleep(0.05)

    async def ended(self, within_s: float = 30.0) -> int:
        """Its exit code, once it has ended."""
        return await asyncio.to_thread(self.process.wait, PATIENCE * within_s)

    async def stop(self) -> int:
        """SIGTERM, then its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        await self.ended()

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit code. Nothing happens if it has ended."""
        if self.runs:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE * 30)


def start(
    *arguments: str, environment: Environment, log: Path, prelude: str = "", entry: str = ENTRY
) -> Program:
    """Start a program; ``prelude`` is code that its process runs first, ``entry`` what it runs then."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            _command(arguments, prelude, entry),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    return Program(process, log)


@contextmanager
def running(*arguments: str, environment: Environment, log: Path, prelude: str = "") -> Iterator[Program]:
    """A program that runs meanwhile; killed at the end, if it still runs."""
    program = start(*arguments, environment=environment, log=log, prelude=prelude)
    try:
        yield program
    finally:
        program.end(signal.SIGKILL)


@dataclass(kw_only=True)
class Programs:
    """Programs over one namespace, as a stack has them; ``url``: of the console.

    What a test stops, it starts again.
    """

    environment: Environment
    folder: Path
    url: str = ""
    programs: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str, *options: str, prelude: str = "") -> None:
        """Start ``miyun NAME run``, after ``prelude``; returns when a console is served."""
        log = self.folder / f"{name}-{len(list(self.folder.glob(f'{name}-*.log')))}.log"
        given = {"environment": self.environment, "log": log, "prelude": prelude}
        self.programs[name] = start(name, "run", *options, **given)
        if name == "console":
            self._until_served()

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """End one of them; its exit code."""
        return self.programs[name].end(number)

    def end(self) -> None:
        """Kill whatever still runs."""
        for program in self.programs.values():
            program.end(signal.SIGKILL)

    def miyun(self, *arguments: str) -> str:
        """What a command prints; it succeeds."""
        done = miyun(*arguments, environment=self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def accounts(self, **roles: str) -> None:
        """Make accounts of these roles, all with ``PASSWORD``."""
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n")
        for name, role in roles.items():
            self.miyun("console", "account", "set", name, "--role", role, "--password-file", str(password))

    def _until_served(self) -> None:
        port, deadline = int(self.url.rpartition(":")[2]), deadline_in(20)
        program = self.programs["console"]
        while True:
            assert program.runs, program.said()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            assert monotonic() < deadline, program.said()
            sleep(0.1)


def free_ports(number: int) -> list[int]:
    """Ports on loopback that nobody has now."""
    anywhere = random.SystemRandom().sample(BELOW_EPHEMERAL, len(BELOW_EPHEMERAL))
    return list(islice(filter(_is_free, anywhere), number))


def free_port() -> int:
    """One of them."""
    return free_ports(1)[0]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
