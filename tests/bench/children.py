"""Processes of ours under measurement: what they use of the machine, and what they say."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from support.programs import environment_of, free_port, running

from services.runtime.settings import Settings

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


def monitor(settings: Settings, folder: Path, prelude: str = "") -> AbstractContextManager[Child]:
    """``miyun monitor run``; killed at the end, if it still runs. ``prelude``: code that it runs before."""
    return _child(settings, folder, "monitor", prelude=prelude)


def recorder(settings: Settings, folder: Path) -> AbstractContextManager[Child]:
    """``miyun recorder run``; killed at the end, if it still runs."""
    return _child(settings, folder, "recorder")


def simulator(settings: Settings, folder: Path) -> AbstractContextManager[Child]:
    """``miyun simulate run``; killed at the end, if it still runs."""
    return _child(settings, folder, "simulate", port_name="simulator_port")


def console(settings: Settings, folder: Path) -> AbstractContextManager[Child]:
    """``miyun console run``, which serves its page on the port; killed at the end, if it still runs."""
    return _child(settings, folder, "console")


def notifier(settings: Settings, folder: Path) -> AbstractContextManager[Child]:
    """``miyun notifier run``; killed at the end, if it still runs."""
    return _child(settings, folder, "notifier")


def catcher(settings: Settings, folder: Path) -> AbstractContextManager[Child]:
    """``miyun catcher run``, its page and webhook on the port; killed at the end, if it still runs."""
    return _child(settings, folder, "catcher")


@contextmanager
def _child(
    settings: Settings, folder: Path, name: str, *, port_name: str = "", prelude: str = ""
) -> Iterator[Child]:
    port = free_port()
    environment = environment_of(settings.model_copy(update={port_name or f"{name}_port": port}))
    log = folder / f"{name}-{port}.log"
    with running(name, "run", environment=environment, log=log, prelude=prelude) as program:
        yield Child(program.process, log, port)
