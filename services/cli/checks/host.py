"""The doctor's checks of this machine: interpreter, keys, disk, limits, ports."""

import asyncio
import resource
import shutil
import socket
import stat
import sys

from services.cli.checks.health import is_alive, port_of
from services.cli.checks.report import Line, line, problem
from services.cli.checks.words import FINDING
from services.runtime.settings import Settings
from services.runtime.signing import CLI, PUBLISHER

OLDEST_PYTHON, TOO_NEW_PYTHON = (3, 11), (3, 14)
"""As ``requires-python`` in pyproject.toml."""
NEEDED_BYTES = 5 << 30
"""A local stack stays under 5 GB (``schemas.topics`` bounds the log)."""
NEEDED_FILES = 1024
"""A monitor of all partitions holds some hundred sockets and files; Java raises its own limit."""
NEEDED_KEYS = (PUBLISHER, CLI)
"""Whose private keys an installation cannot do without."""
OTHERS = 0o077
"""The mode bits that would let somebody else read or change a key."""


async def python(_: Settings) -> list[Line]:
    """Checks that the product is tested on this interpreter."""
    version = sys.version_info[:3]
    well = OLDEST_PYTHON <= version[:2] < TOO_NEW_PYTHON
    return [line("python", "python", well=well, version=".".join(map(str, version)))]


async def keys(settings: Settings) -> list[Line]:
    """Checks that the signing keys are there, and readable by nobody else."""
    folder, found = settings.keys_dir, sorted(settings.keys_dir.glob("*.key"))
    missing = [name for name in NEEDED_KEYS if folder / f"{name}.key" not in found]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
    lines = [
        line("keys", "key_loose", well=False, path=path, mode=mode)
        for path, mode in modes.items()
        if mode & OTHERS
    ]
    if missing:
        names = {"zh": "、".join(missing), "en": " and ".join(missing)}
        lines += problem("keys", "keys_missing", names=names, folder=folder)
    return lines or [line("keys", "keys", names=", ".join(path.stem for path in found), folder=folder)]


async def disk(settings: Settings) -> list[Line]:
    """Checks that there is room for what a stack keeps."""
    folder = settings.state_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    sizes = {"free": free / (1 << 30), "needed": NEEDED_BYTES >> 30}
    return [line("disk", "disk", well=free >= NEEDED_BYTES, folder=folder, **sizes)]


async def open_files(_: Settings) -> list[Line]:
    """Checks how many files and sockets a process started here may have open."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = limit == resource.RLIM_INFINITY
    told = FINDING["unlimited"] if unlimited else limit
    well = unlimited or limit >= NEEDED_FILES
    return [line("open files", "open_files", well=well, limit=told, needed=NEEDED_FILES)]


async def ports(settings: Settings) -> list[Line]:
    """Checks that each service's port is its own: it answers there, or nobody does."""
    ports = {name: port_of(settings, name) for name in ("monitor", "recorder", "simulator", "console")}
    return [await _port_line(settings.host, name, port) for name, port in ports.items() if port]


async def _port_line(host: str, name: str, port: int) -> Line:
    if await is_alive(host, port):
        return line("ports", "port_ours", port=port, name=name)
    free = await asyncio.to_thread(_is_free, host, port)
    key, variable = "port_free" if free else "port_taken", f"MIYUN_{name.upper()}_PORT"
    return line("ports", key, well=free, port=port, name=name, variable=variable)


def _is_free(host: str, port: int) -> bool:
    try:
        socket.create_server((host, port)).close()
    except OSError:
        return False
    return True
