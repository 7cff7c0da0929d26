"""Long-running processes of ours over one namespace, as a stack has them."""

import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from support.command_line import MIYUN

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


@dataclass(kw_only=True)
class Programs:
    """``url``: of the console. Programs that a test stops, it starts again."""

    environment: Mapping[str, str]
    folder: Path
    url: str
    programs: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str, *options: str) -> None:
        """Start ``miyun NAME run``; returns when a console is served."""
        log = self.folder / f"{name}-{len(list(self.folder.glob(f'{name}-*.log')))}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [MIYUN, name, "run", *options], env=self.environment, stdout=out, stderr=out
            )
        self.programs[name] = Program(process, log)
        if name == "console":
            self._until_served()

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """End one of them."""
        return self.programs[name].stop(number)

    def end(self) -> None:
        """Kill whatever still runs."""
        for program in self.programs.values():
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()

    def miyun(self, *arguments: str) -> str:
        """What a command prints; it succeeds."""
        done = subprocess.run(
            [MIYUN, *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def accounts(self, **roles: str) -> None:
        """Make accounts of these roles, all with ``PASSWORD``."""
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n")
        for name, role in roles.items():
            self.miyun("console", "account", "set", name, "--role", role, "--password-file", str(password))

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
