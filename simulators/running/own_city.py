"""A city in a namespace of its own: published, judged and stored by a monitor and a recorder for it alone."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from schemas.headers import time_text
from simulators.running.namespaces import delete_topics, used_topics
from simulators.running.settings import SimulatorSettings
from simulators.running.subprocesses import Child, ChildError, run_beside, run_command, running

PROGRESS_S = 2.0

Say = Callable[[str], None]


class NamespaceUsedError(Exception):
    """The namespace cannot be had for oneself; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCity:
    """``folder`` takes the logs of monitor and recorder, and the monitor's small files."""

    settings: SimulatorSettings
    folder: Path
    timeout_s: float
    """How long judging and storing may take after everything is sent."""
    say: Say

    def ensure_empty(self, *, fresh: bool) -> None:
        """Refuse a namespace with data, or with ``fresh`` delete its topics and its schema.

        Raises:
            NamespaceUsedError: it has data and shall not be emptied, or cannot be.
        """
        namespace, bootstrap = self.settings.namespace, self.settings.kafka_bootstrap
        used = asyncio.run(used_topics(bootstrap, namespace))
        if used and not fresh:
            raise NamespaceUsedError(
                f"namespace {namespace} already has data ({len(used)} topics): choose another --namespace, "
                "or empty it with --fresh"
            )
        if not fresh:
            return
        try:
            run_command(["recorder", "reset", "--namespace", namespace, "--yes"], {})
        except ChildError as error:
            raise NamespaceUsedError(
                f"namespace {namespace} cannot be emptied: choose another --namespace ({error})"
            ) from error
        self.say(f"schema {namespace} dropped")
        gone = asyncio.run(delete_topics(bootstrap, namespace))
        self.say(f"{len(gone)} topics of {namespace} deleted")

    def publish(self, city: Path, *, at_ms: int) -> None:
        """Let the city in ``city`` be judged by its rules from ``at_ms`` on (city time).

        Raises:
            ChildError: the city has mistakes, or the broker is away.
        """
        began = time_text(at_ms)
        place = ["--city", str(city), "--namespace", self.settings.namespace]
        run_command(["rules", "publish", *place, "--clock-time", began], self._environment())
        self.say(f"plan published as of {began}; starting monitor and recorder")

    @contextmanager
    def watched(self) -> Iterator[list[Child]]:
        """Monitor and recorder run meanwhile."""
        with running(["monitor", "recorder"], self._environment(), self.folder) as children:
            yield children

    def drain(self, children: list[Child]) -> None:
        """Return when everything that was sent is judged and stored.

        Raises:
            ChildError: not in time, or one of the children ended.
        """
        arguments = ["drain", "--namespace", self.settings.namespace, "--timeout", f"{self.timeout_s:g}"]
        run_beside(children, arguments, self._environment())

    def _environment(self) -> dict[str, str]:
        return {
            "MIYUN_NAMESPACE": self.settings.namespace,
            "MIYUN_STATE_DIR": str(self.folder),
            "MIYUN_CLOCK": "log",
            "MIYUN_KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "MIYUN_CHECKPOINT_EVERY_S": "2",
            "MIYUN_MONITOR_PORT": "0",
            "MIYUN_RECORDER_PORT": "0",
        }


class Paced:
    """Says a line at most every 2 s."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said = monotonic()

    def tell(self, line: Callable[[], str]) -> None:
        """Say the line if it is time."""
        if monotonic() - self._said >= PROGRESS_S:
            self._say(line())
            self._said = monotonic()


def counted(counts: dict[str, int]) -> str:
    """``name number`` for each, by name, or ``none``."""
    return ", ".join(f"{name} {counts[name]}" for name in sorted(counts)) or "none"
