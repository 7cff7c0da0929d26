"""Processes of ours under measurement: what they use of the machine, and what they say."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from services.runtime.settings import Settings

ENTRY = ("-c", "from services.cli.main import app_main; app_main()")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
OK = 200
KIB_PER_MB = 1_000_000 / 1024


@dataclass(frozen=True, slots=True)
class Child:
    """A process with an endpoint for its metrics; its log lies in ``log``."""

    process: "subprocess.Popen[bytes]"
    log: Path
    port: int

    def said(self) -> str:
        """Everything it has written."""
        return self.log.read_text()

    def cpu_s(self) -> float:
        """CPU time that it has used, all threads, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def rss_mb(self) -> float:
        """Memory that it holds now."""
        return self._memory("VmRSS")

    def peak_mb(self) -> float:
        """The most memory that it has held."""
        return self._memory("VmHWM")

    def metrics(self) -> dict[str, float]:
        """Its metrics by name with labels; empty while it does not answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        except OSError:
            return {}
        finally:
            connection.close()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == OK
        except OSError:
            return False
        finally:
            connection.close()

    def until(self, reached: Callable[[], object], within_s: float, what: str) -> None:
        """Wait until something is so, as long as the process lives."""
        deadline = time.monotonic() + within_s
        while not reached():
            assert self.process.poll() is None, f"ended ({self.process.returncode}): {self.said()[-3000:]}"
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}: {self.said()[-3000:]}"
            time.sleep(0.1)

    def load_s(self) -> float:
        """How long its load took, as it says."""
        self.until(lambda: "loaded generation=" in self.said(), 60, "loaded")
        told = re.search(r" loaded generation=.* seconds=([\d.]+)", self.said())
        assert told is not None
        return float(told[1])

    def stop(self) -> None:
        """SIGTERM, and a good end."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert code == 0, f"ended with {code}: {self.said()[-3000:]}"

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) / KIB_PER_MB


@contextmanager
def monitor(settings: Settings, folder: Path, entry: Sequence[str] = ENTRY) -> Iterator[Child]:
    """``miyun monitor run``; killed at the end, if it still runs."""
    with _child(settings, folder, [*entry, "monitor", "run"], "monitor_port") as child:
        yield child


@contextmanager
def recorder(settings: Settings, folder: Path) -> Iterator[Child]:
    """``miyun recorder run``; killed at the end, if it still runs."""
    with _child(settings, folder, [*ENTRY, "recorder", "run"], "recorder_port") as child:
        yield child


@contextmanager
def simulator(settings: Settings, folder: Path) -> Iterator[Child]:
    """``miyun simulate run``; killed at the end, if it still runs."""
    with _child(settings, folder, [*ENTRY, "simulate", "run"], "simulator_port") as child:
        yield child


@contextmanager
def console(settings: Settings, folder: Path) -> Iterator[Child]:
    """``miyun console run``, which serves its page on the port; killed at the end, if it still runs."""
    with _child(settings, folder, [*ENTRY, "console", "run"], "console_port") as child:
        yield child


@contextmanager
def notifier(settings: Settings, folder: Path) -> Iterator[Child]:
    """``miyun notifier run``; killed at the end, if it still runs."""
    with _child(settings, folder, [*ENTRY, "notifier", "run"], "notifier_port") as child:
        yield child


@contextmanager
def catcher(settings: Settings, folder: Path) -> Iterator[Child]:
    """``miyun catcher run``, its page and webhook on the port; killed at the end, if it still runs."""
    with _child(settings, folder, [*ENTRY, "catcher", "run"], "catcher_port") as child:
        yield child


@contextmanager
def _child(settings: Settings, folder: Path, arguments: list[str], port_name: str) -> Iterator[Child]:
    port = free_port()
    given = {name: str(value) for name, value in settings if value is not None} | {port_name: str(port)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIYUN_")}
    environment = kept | {f"MIYUN_{name.upper()}": value for name, value in given.items()}
    log = folder / f"{port_name}-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=out, stderr=out)
    try:
        yield Child(process, log, port)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def free_port() -> int:
    """A port on loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
