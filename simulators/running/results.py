"""What the monitor made of a log, read from the topics ``alerts`` and ``rejects``."""

from collections import Counter
from dataclasses import dataclass

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Severity
from schemas.outputs import decode
from schemas.rejects import Reject
from schemas.topics import TopicName
from simulators.running.log_reading import reading


@dataclass(frozen=True, slots=True)
class Results:
    """``alerts``: by rule; ``levels``: by rule and highest severity; others: by reason."""

    alerts: Counter[str]
    levels: Counter[tuple[str, Severity]]
    transitions: Counter[str]
    rejected: Counter[str]


async def read_results(bootstrap: str, namespace: str) -> Results:
    """Count what stands in the topics. Snapshots that came twice count once (id, ``seq``)."""
    seen: dict[tuple[str, int], tuple[str, Severity, str]] = {}
    rejected: Counter[str] = Counter()
    async with reading(bootstrap, namespace) as log:
        async for record in log.records(await log.spans(TopicName.ALERTS)):
            alert = decode(record).body
            if isinstance(alert, Alert):
                seen[alert.alert_id, alert.seq] = alert.rule_id, alert.severity, alert.timeline[-1].reason
        async for record in log.records(await log.spans(TopicName.REJECTS)):
            reject = decode(record).body
            assert isinstance(reject, Reject), "whatever stands there is one"
            rejected[reject.reason] += 1
    rules = {alert_id: rule for (alert_id, _), (rule, _, _) in seen.items()}
    reasons = Counter(reason for _, _, reason in seen.values())
    return Results(Counter(rules.values()), _levels(seen), reasons, rejected)


def _levels(seen: dict[tuple[str, int], tuple[str, Severity, str]]) -> Counter[tuple[str, Severity]]:
    highest: dict[str, tuple[str, Severity]] = {}
    for (alert_id, _), (rule, severity, _) in seen.items():
        before = highest.get(alert_id, (rule, severity))[1]
        highest[alert_id] = rule, max(before, severity, key=SEVERITY_RANK.__getitem__)
    return Counter(highest.values())
