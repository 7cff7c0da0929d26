"""A city in a namespace of its own, judged and stored by a monitor and a recorder for it alone."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import typer

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Severity
from schemas.headers import time_text
from schemas.rejects import Reject
from schemas.topics import TOPICS, TopicName
from services.runtime.kafka import administration, partitions_of, read_all, reader
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.runtime.words import ByLanguage, Language, Words, listed, sentence, word
from simulators.running.publish import Publisher
from simulators.running.subprocesses import CommandFailedError, RunningService, run_command, running
from simulators.running.words import NONE, PROGRESS, REFUSED

PROGRESS_S = 2.0
GONE_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Results:
    """The monitor's results: alerts by rule, levels by rule and highest severity, the others by reason."""

    alerts: Counter[str]
    levels: Counter[tuple[str, Severity]]
    transitions: Counter[str]
    rejected: Counter[str]


@dataclass(slots=True, kw_only=True)
class OwnCity:
    """``folder`` takes the logs of monitor and recorder, and the monitor's small files."""

    settings: Settings
    folder: Path
    timeout_s: float
    """The longest that judging and storing may take after everything is sent."""
    language: Language
    services: list[RunningService] = field(default_factory=list)
    """Monitor and recorder, while they run."""
    printed_at: float = field(default_factory=monotonic)

    def say(self, words: Words, key: str, **parts: object) -> None:
        """Print a line."""
        typer.echo(sentence(words, key, **parts)[self.language])

    def progress(self, key: str, **parts: object) -> None:
        """Print a line of ``PROGRESS``, at most every 2 s.

        Raises:
            CommandFailedError: nobody judges or stores what is sent.
        """
        self._ensure_running()
        if monotonic() - self.printed_at >= PROGRESS_S:
            self.say(PROGRESS, key, **parts)
            self.printed_at = monotonic()

    def ensure_empty(self, *, fresh: bool) -> None:
        """Refuse a namespace with data, or with ``fresh`` delete its topics and its schema.

        Raises:
            StopProcessError: it has data and shall not be emptied, or cannot be.
        """
        namespace = self.settings.namespace
        if not fresh:
            used = asyncio.run(_topics(self.settings, delete=False))
            if used:
                raise StopProcessError(sentence(REFUSED, "used", namespace=namespace, count=used))
            return
        try:
            run_command(["recorder", "reset", "--namespace", namespace, "--yes"], {})
        except CommandFailedError as error:
            text = sentence(REFUSED, "not_emptied", namespace=namespace, why=error)
            raise StopProcessError(text) from error
        self.say(PROGRESS, "schema_dropped", namespace=namespace)
        deleted = asyncio.run(_topics(self.settings, delete=True))
        self.say(PROGRESS, "topics_deleted", namespace=namespace, count=deleted)

    def run(self, city: Path, *, at_ms: int, send: Callable[[Publisher], Awaitable[None]]) -> Results:
        """Let what ``send`` sends be judged by the city in ``city``, active from ``at_ms`` on (city time).

        Returns, when everything is judged and stored, what came of it.

        Raises:
            CommandFailedError: the city has mistakes, the broker is away, or it took too long.
        """
        began, namespace = time_text(at_ms), ["--namespace", self.settings.namespace]
        published = ["rules", "publish", "--city", str(city), *namespace, "--clock-time", began]
        run_command(published, self._environment())
        self.say(PROGRESS, "published", began=began)
        with running(["monitor", "recorder"], self._environment(), self.folder) as self.services:
            asyncio.run(self._send(send))
            limits = ["--timeout", f"{self.timeout_s:g}", "--lang", self.language]
            run_command(["drain", *namespace, *limits], self._environment(), self._drained)
        return asyncio.run(_results(self.settings))

    async def _send(self, send: Callable[[Publisher], Awaitable[None]]) -> None:
        publisher = Publisher(self.settings)
        try:
            await send(publisher)
        finally:
            await publisher.close()

    def _drained(self, line: str) -> None:
        typer.echo(line)
        self._ensure_running()

    def _ensure_running(self) -> None:
        for service in self.services:
            service.ensure_running()

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
    """Count the namespace's topics; with ``delete`` they are gone afterwards.

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


def counted(counts: Mapping[str, int], words: Words) -> ByLanguage:
    """Name and number of each, by name, or ``none``; ``words`` has the names in Chinese."""
    named = ((name, word(words, name, "zh"), counts[name]) for name in sorted(counts))
    return listed({"zh": f"{zh} {n}", "en": f"{name} {n}"} for name, zh, n in named) if counts else NONE
