"""Folders and ports of the stack without containers.

Everything lies in ``.local/`` of the checkout, but for PostgreSQL's data when we are root: PostgreSQL
refuses to run as root, and the user it then runs as may not enter a checkout under a private home.
Standard library only.
"""

import getpass
import hashlib
import os
import shutil
import socket
import string
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
HERE = ROOT / "deploy" / "local"
VENV_BIN = ROOT / ".venv" / "bin"
KAFKA_LIBS = LOCAL / "kafka" / "libs"
IS_ROOT = os.geteuid() == 0
POSTGRES_USER = "postgres" if IS_ROOT else getpass.getuser()
LONGEST_SOCKET = 100
"""A Unix socket's path may have 107 bytes; PostgreSQL adds its own suffix."""

_STARTED = time.monotonic()


class StackError(Exception):
    """Something the person at the keyboard must know; the message says what to do."""


def say(message: str) -> None:
    """A progress line with the seconds since the command began, on stderr: stdout is for results."""
    print(f"[{time.monotonic() - _STARTED:4.0f} s] {message}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one pair of servers: the demo city's (``name`` empty) or one of the tests'."""

    name: str

    @property
    def base(self) -> Path:
        return LOCAL / self.name if self.name else LOCAL

    @property
    def logs(self) -> Path:
        return self.base / "logs"

    @property
    def kafka(self) -> Path:
        return self.base / "kafka"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's own folder: ``data`` and its socket are in it."""
        if not IS_ROOT:
            return self.base / "postgres"
        checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
        return Path("/var/lib/miyun") / (f"{checkout}-{self.name}" if self.name else checkout)


DEMO = Layout("")
TEST = Layout("test")
ALONE = Layout("alone")
"""The pair of the tests that stop or administer servers."""
CHAOS = Layout("chaos")
"""The pair of `make chaos`, which lays a small disk under the database before it is started."""


def check_path_length() -> None:
    """Refuse a checkout whose sockets could not be opened, before anything is started."""
    longest = max(len(str(path)) for path in (DEMO.base / "supervisor.sock", ALONE.postgres, DEMO.postgres))
    if longest > LONGEST_SOCKET:
        raise StackError(f"the path of this checkout is too long for Unix sockets: move it ({ROOT})")


def is_free(port: int) -> bool:
    """Returns whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_ports(wanted: dict[str, int]) -> dict[str, int]:
    """A free port for each name: the wanted one, or else the next above it that is free."""
    chosen: dict[str, int] = {}
    for name, first in wanted.items():
        free = (port for port in range(first, first + 500) if port not in chosen.values() and is_free(port))
        port = next(free, None)
        if port is None:
            raise StackError(f"no free loopback port for {name} from {first} on")
        chosen[name] = port
    return chosen


def render(template: str, target: Path, **values: object) -> None:
    """Write ``target`` from ``deploy/local/<template>``, a ``string.Template``."""
    text = string.Template((HERE / template).read_text()).substitute(values)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, never readable in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def program(name: str) -> str:
    """The path of a program of this machine."""
    path = shutil.which(name)
    if path is None:
        raise StackError(f"no '{name}' on PATH: run `make up` or `make test`, which install it")
    return path
