"""Servers of a test's own, with the database on a disk so small that it can be filled."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from support.servers import SERVERS

PAIR = "chaos"
SIZE_MB = 512
PIECE = bytes(1 << 20)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A tmpfs, mounted where the database's data lie."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Until nothing more goes onto it."""
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(PIECE)
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 4096)

    def free(self) -> None:
        """As it was before."""
        self._ballast.unlink(missing_ok=True)


def program(name: str) -> str:
    """The path of a program of this machine."""
    return shutil.which(name) or f"/bin/{name}"


class MountRefusedError(Exception):
    """This machine lets nobody mount; the message says what was tried."""


@contextmanager
def small_disk(folder: Path, size_mb: int = SIZE_MB) -> Iterator[SmallDisk]:
    """Mount one.

    Raises:
        MountRefusedError: mounting is refused: a full disk cannot be tried here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    line = [program("mount"), "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0755", "miyun-chaos", str(folder)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MountRefusedError(
            f"`{' '.join(line)}` was refused ({done.stderr.strip()}): the disk under the database cannot be "
            "filled here; run this as root, where mounting is allowed"
        )
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run([program("umount"), "--lazy", str(folder)], check=True)


@contextmanager
def own_servers() -> Iterator[SmallDisk]:
    """Broker and database of this test alone, named by the environment as long as they run.

    Raises:
        MountRefusedError: see ``small_disk``.
    """
    before = {name: os.environ.get(name) for name in VARIABLES}
    with small_disk(Path(_servers("folder").strip())) as disk:
        try:
            os.environ.update(re.findall(r"export (\w+)='(.*)'", _servers("up")))
            yield disk
        finally:
            _servers("down")
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


VARIABLES = ("MIYUN_KAFKA_BOOTSTRAP", "MIYUN_DATABASE_URL", "MIYUN_TEST_SERVERS")


def _servers(what: str) -> str:
    line = [sys.executable, str(SERVERS), PAIR, what]
    return subprocess.run(line, check=True, timeout=180, stdout=subprocess.PIPE, text=True).stdout
