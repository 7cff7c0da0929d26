"""What the doctor looks at on this machine: interpreter, keys, disk, limits, ports."""

import asyncio
import resource
import shutil
import socket
import stat
import sys
from pathlib import Path

from services.cli.report import Line
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
    """Whether this interpreter is one the product is tested on."""
    version = sys.version_info[:3]
    return [
        Line(
            name="python",
            text=".".join(map(str, version)),
            well=OLDEST_PYTHON <= version[:2] < TOO_NEW_PYTHON,
            remedy="install Python 3.11, 3.12 or 3.13 and run make up again (MIYUN_PYTHON chooses one)",
        )
    ]


async def keys(settings: Settings) -> list[Line]:
    """Whether the signing keys are there, and readable by nobody else."""
    found = sorted(settings.keys_dir.glob("*.key"))
    missing = [name for name in NEEDED_KEYS if settings.keys_dir / f"{name}.key" not in found]
    loose = [path for path in found if path.stat().st_mode & OTHERS]
    lines = [_key_line(path) for path in loose]
    if missing:
        text = f"no key of {' and '.join(missing)} in {settings.keys_dir}"
        lines.append(Line(name="keys", text=text, well=False, remedy="miyun rules publish makes them"))
    if lines:
        return lines
    return [
        Line(
            name="keys",
            text=f"{', '.join(path.stem for path in found)} in {settings.keys_dir}, for their owner only",
        )
    ]


def _key_line(path: Path) -> Line:
    mode = stat.S_IMODE(path.stat().st_mode)
    return Line(
        name="keys",
        text=f"{path} is {mode:04o}: others may read or change it",
        well=False,
        remedy=f"chmod 600 {path}; if others had access, make a new key and publish the plan again",
    )


async def disk(settings: Settings) -> list[Line]:
    """Whether there is room for what a stack keeps."""
    folder = settings.state_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return [
        Line(
            name="disk",
            text=f"{free / (1 << 30):.1f} GiB free for {folder}",
            well=free >= NEEDED_BYTES,
            remedy=f"make room: {NEEDED_BYTES >> 30} GiB are needed for log and database",
        )
    ]


async def open_files(_: Settings) -> list[Line]:
    """How many files and sockets a process started here may have open."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = limit == resource.RLIM_INFINITY
    return [
        Line(
            name="open files",
            text="unlimited" if unlimited else f"{limit} per process",
            well=unlimited or limit >= NEEDED_FILES,
            remedy=f"ulimit -n {NEEDED_FILES} before starting, or LimitNOFILE of the service unit",
        )
    ]


async def ports(settings: Settings) -> list[Line]:
    """Whether each service's port is its own: it answers there, or nobody does."""
    wanted = {
        "monitor": settings.monitor_port,
        "recorder": settings.recorder_port,
        "simulator": settings.simulator_port,
        "console": settings.console_port,
    }
    return [await _port_line(settings.host, name, port) for name, port in wanted.items() if port]


async def _port_line(host: str, name: str, port: int) -> Line:
    from services.cli.services_health import is_alive

    if await is_alive(host, port):
        return Line(name="ports", text=f"{port} ({name}): a service of ours answers")
    if await asyncio.to_thread(_is_free, host, port):
        return Line(name="ports", text=f"{port} ({name}): free")
    return Line(
        name="ports",
        text=f"{port} ({name}): taken by something that is no service of ours",
        well=False,
        remedy=f"stop that program, or set MIYUN_{name.upper()}_PORT",
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
