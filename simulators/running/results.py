"""What the monitor made of a log, read from the topics ``alerts`` and ``rejects``."""

from collections import Counter
from dataclasses import dataclass

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Severity
from schemas.rejects import Reject
from schemas.topics import TopicName
from services.runtime.kafka import partitions_of, read_all, reader
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class Results:
    """``alerts``: by rule; ``levels``: by rule and highest severity; others: by reason."""

    alerts: Counter[str]
    levels: Counter[tuple[str, Severity]]
    transitions: Counter[str]
    rejected: Counter[str]


async def read_results(settings: Settings) -> Results:
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
