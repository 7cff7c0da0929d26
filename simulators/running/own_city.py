"""A city in a namespace of its own, judged and stored by a monitor and a recorder for it alone."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Severity
from schemas.headers import time_text
from schemas.rejects import Reject
from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import administration, partitions_of, read_all, reader
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.runtime.words import ExplainedError
from simulators.running.publish import Publisher
from simulators.running.subprocesses import Child, ChildError, run_command, running

PROGRESS_S = 2.0
GONE_TIMEOUT_S = 20.0

Say = Callable[[str], object]


class NamespaceUsedError(ExplainedError):
    """The namespace cannot be had for oneself; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Results:
    """What the monitor made: alerts by rule, levels by rule and highest severity, the others by reason."""

    alerts: Counter[str]
    levels: Counter[tuple[str, Severity]]
    transitions: Counter[str]
    rejected: Counter[str]


@dataclass(slots=True)
class Sending:
    """Where a city's records go, and who is told how far they have come."""

    publisher: Publisher
    children: list[Child]
    say: Say
    said: float = field(default_factory=monotonic)

    def tell(self, line: str) -> None:
        """Say the line, at most every 2 s.

        Raises:
            ChildError: nobody judges or stores what is sent.
        """
        for child in self.children:
            child.ensure_running()
        if monotonic() - self.said >= PROGRESS_S:
            self.say(line)
            self.said = monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCity:
    """``folder`` takes the logs of monitor and recorder, and the monitor's small files."""

    settings: Settings
    folder: Path
    timeout_s: float
    """How long judging and storing may take after everything is sent."""
    say: Say

    def ensure_empty(self, *, fresh: bool) -> None:
        """Refuse a namespace with data, or with ``fresh`` delete its topics and its schema.

        Raises:
            NamespaceUsedError: it has data and shall not be emptied, or cannot be.
        """
        namespace = self.settings.namespace
        if not fresh:
            used = asyncio.run(_topics(self.settings, delete=False))
            if used:
                raise NamespaceUsedError(
                    f"namespace {namespace} already has data ({used} topics): choose another --namespace, "
                    "or empty it with --fresh"
                )
            return
        try:
            run_command(["recorder", "reset", "--namespace", namespace, "--yes"], {})
        except ChildError as error:
            raise NamespaceUsedError(
                f"namespace {namespace} cannot be emptied: choose another --namespace ({error})"
            ) from error
        self.say(f"schema {namespace} dropped")
        self.say(f"{asyncio.run(_topics(self.settings, delete=True))} topics of {namespace} deleted")

    def live(self, city: Path, *, at_ms: int, send: Callable[[Sending], Awaitable[None]]) -> Results:
        """Let what ``send`` sends be judged by the city in ``city``, active from ``at_ms`` on (city time).

        Returns, when everything is judged and stored, what came of it.

        Raises:
            ChildError: the city has mistakes, the broker is away, or it took too long.
        """
        began, namespace = time_text(at_ms), ["--namespace", self.settings.namespace]
        published = ["rules", "publish", "--city", str(city), *namespace, "--clock-time", began]
        run_command(published, self._environment())
        self.say(f"plan published as of {began}; starting monitor and recorder")
        with running(["monitor", "recorder"], self._environment(), self.folder) as children:
            asyncio.run(self._send(send, children))
            arguments = ["drain", *namespace, "--timeout", f"{self.timeout_s:g}"]

            def heard(line: str) -> None:
                self.say(line)
                for child in children:
                    child.ensure_running()

            run_command(arguments, self._environment(), heard)
        return asyncio.run(_results(self.settings))

    async def _send(self, send: Callable[[Sending], Awaitable[None]], children: list[Child]) -> None:
        publisher = Publisher(self.settings)
        try:
            await send(Sending(publisher, children, self.say))
        finally:
            await publisher.close()

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


async def _topics(settings: Settings, *, delete: bool) -> int:
    """How many topics the namespace has; they are gone afterwards with ``delete``.

    Raises:
        TimeoutError: the broker did not delete them in time.
    """
    names = {topic.within(settings.namespace) for topic in TOPICS}
    async with administration(settings.kafka_bootstrap) as admin:
        used = names & set(await admin.list_topics())
        if delete and used:
            await admin.delete_topics(sorted(used))
            async with asyncio.timeout(GONE_TIMEOUT_S):
                while names & set(await admin.list_topics()):  # noqa: ASYNC110  # Kafka tells only who asks
                    await asyncio.sleep(0.2)
    return len(used)


async def _results(settings: Settings) -> Results:
    """Count what stands in the topics. Snapshots that came twice count once (id, ``seq``)."""
    seen: dict[tuple[str, int], Alert] = {}
    rejected: Counter[str] = Counter()
    unreadable = Unreadable("simulator")
    topics = partitions_of(settings.namespace, TopicName.ALERTS, TopicName.REJECTS)
    async with reader(settings.kafka_bootstrap) as consumer:
        async for records in read_all(consumer, topics):
            for record in records:
                match unreadable.read(record):
                    case Alert() as alert:
                        seen[alert.alert_id, alert.seq] = alert
                    case Reject() as reject:
                        rejected[reject.reason] += 1
    highest: dict[str, tuple[str, Severity]] = {}
    for alert in seen.values():
        _, before = highest.get(alert.alert_id, ("", alert.severity))
        severity = max(before, alert.severity, key=SEVERITY_RANK.__getitem__)
        highest[alert.alert_id] = alert.rule_id, severity
    return Results(
        alerts=Counter(rule for rule, _ in highest.values()),
        levels=Counter(highest.values()),
        transitions=Counter(alert.timeline[-1].reason for alert in seen.values()),
        rejected=rejected,
    )


def counted(counts: dict[str, int]) -> str:
    """``name number`` for each, by name, or ``none``."""
    return ", ".join(f"{name} {counts[name]}" for name in sorted(counts)) or "none"
