"""``miyun simulate`` as a person runs it, and what it left: truth, topics and tables."""

import asyncio
import json
import os
from collections import Counter
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

import asyncpg
from support.namespaces import new_namespace
from support.programs import miyun_process

from schemas.aggregates import StationMinute
from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Severity
from schemas.outputs import decode
from schemas.rejects import Rejection
from schemas.topics import TopicName
from services.runtime.kafka import partitions_of, read_all, reader

Aggregate = tuple[int, int, float, float | None, float | None]
"""n, n_good, sum, min, max."""


@dataclass(frozen=True)
class Simulated:
    """A namespace after a simulation."""

    namespace: str
    folder: Path
    said: str
    truth: list[dict[str, Any]]
    """The lines of the truth file."""
    feed: list[Alert]
    """The topic ``alerts``: every snapshot once, in order."""
    aggregates: dict[tuple[str, int, str], Aggregate]
    """The topic ``aggregates``, summed by station, minute (epoch s) and point."""
    transitions: list[tuple[object, ...]]
    """The table ``alert_transitions`` in order, without what differs from run to run (ids, offsets)."""
    stored_alerts: dict[str, dict[str, Any]]
    """The table ``alerts``: snapshots by id."""
    stored_aggregates: dict[tuple[str, int, str], Aggregate]

    @property
    def latest(self) -> dict[str, Alert]:
        """Each alert's last snapshot."""
        return {alert.alert_id: alert for alert in self.feed}

    @property
    def highest(self) -> dict[str, Severity]:
        """Each alert's highest severity."""
        found: dict[str, Severity] = {}
        for alert in self.feed:
            before = found.get(alert.alert_id, alert.severity)
            found[alert.alert_id] = max(before, alert.severity, key=SEVERITY_RANK.__getitem__)
        return found

    def of_stations(self) -> dict[tuple[str, int, str], Aggregate]:
        """The stored aggregates without the monitor's own figures."""
        return {key: of for key, of in self.stored_aggregates.items() if not key[0].startswith("_")}

    def missed(self) -> list[tuple[str, dict[str, str], list[str]]]:
        """Alerts that the truth asks for and that are not there exactly once at their level."""
        highest, latest = self.highest, self.latest.values()
        found = []
        for fault in self.truth:
            for wanted in fault["expected"]:
                place = wanted["rule"], wanted["station"], wanted["point"]
                about = [a for a in latest if (a.rule_id, a.station_id, a.point) == place]
                levels = [str(highest[alert.alert_id]) for alert in about]
                if levels != [wanted["severity"]]:
                    found.append((fault["name"], wanted, levels))
        return found


def unexplained(simulated: Simulated) -> list[Alert]:
    """Alerts at stations that no fault touched; inspections find what they find."""
    touched = {spot["station"] for fault in simulated.truth for spot in fault["touched"]}
    return [
        alert
        for alert in simulated.latest.values()
        if alert.station_id not in touched and alert.rule_id != "pipe.inspection_class"
    ]


def assert_tables_agree(simulated: Simulated) -> None:
    """The tables hold what the topics do, neither more nor less."""
    latest = simulated.latest
    assert {id_: alert["seq"] for id_, alert in simulated.stored_alerts.items()} == {
        id_: alert.seq for id_, alert in latest.items()
    }
    for id_, stored in simulated.stored_alerts.items():
        sent = latest[id_]
        assert (stored["severity"], stored["state"]) == (sent.severity, sent.state)
        assert stored["headline"] == {"zh": sent.headline.zh, "en": sent.headline.en}
    told = Counter((alert.rule_id, alert.station_id, alert.timeline[-1].reason) for alert in simulated.feed)
    assert Counter((row[1], row[2], row[5]) for row in simulated.transitions) == told
    assert simulated.stored_aggregates.keys() == simulated.aggregates.keys()
    for key, sent in simulated.aggregates.items():
        stored = simulated.stored_aggregates[key]
        assert (*stored[:2], *stored[3:]) == (*sent[:2], *sent[3:]), key
        assert isclose(stored[2], sent[2], rel_tol=1e-9, abs_tol=1e-9), key


def simulate(folder: Path, *options: str, namespace: str = "", **variables: str) -> Simulated:
    """Run ``miyun simulate``, in a new namespace of the module's if none is given, and read everything.

    Its state lies in ``folder``.
    """
    namespace = namespace or new_namespace()
    environment = {**os.environ, "MIYUN_STATE_DIR": str(folder), **variables}
    arguments = ["simulate", "--namespace", namespace, *options]
    done = miyun_process(*arguments, environment=environment, timeout_s=560)
    assert done.returncode == 0, done.stdout + done.stderr
    return asyncio.run(_everything(namespace, folder, done.stdout, environment))


async def _everything(namespace: str, folder: Path, said: str, environment: dict[str, str]) -> Simulated:
    truth = folder / f"truth-{namespace}.jsonl"
    feed, aggregates = await _topics(environment["MIYUN_KAFKA_BOOTSTRAP"], namespace)
    settings = {"search_path": f"{namespace},public"}
    connection = await asyncpg.connect(environment["MIYUN_DATABASE_URL"], server_settings=settings)
    try:
        transitions = await connection.fetch(TRANSITIONS)
        alerts = await connection.fetch("SELECT alert_id, snapshot FROM alerts")
        rows = await connection.fetch(AGGREGATES)
    finally:
        await connection.close()
    return Simulated(
        namespace=namespace,
        folder=folder,
        said=said,
        truth=[json.loads(line) for line in truth.read_text("utf-8").splitlines()] if truth.exists() else [],
        feed=feed,
        aggregates=aggregates,
        transitions=[tuple(row) for row in transitions],
        stored_alerts={str(row["alert_id"]): json.loads(row["snapshot"]) for row in alerts},
        stored_aggregates={
            (row["station_id"], row["bucket"], row["point"]): tuple(row)[3:]  # type: ignore[misc]
            for row in rows
        },
    )


TRANSITIONS = """
SELECT t.at, a.rule_id, a.station_id, a.point, t.seq, t.reason, t.severity, t.value, t.limit_value
FROM alert_transitions t JOIN alerts a USING (alert_id)
ORDER BY t.at, a.rule_id, a.station_id, a.point, t.seq
"""
AGGREGATES = """
SELECT station_id, extract(epoch FROM bucket)::bigint AS bucket, point, n, n_good, sum, min, max
FROM aggregates_1m
"""


async def _topics(
    bootstrap: str, namespace: str
) -> tuple[list[Alert], dict[tuple[str, int, str], Aggregate]]:
    feed: dict[tuple[str, int], Alert] = {}
    minutes: dict[str, StationMinute] = {}
    places = partitions_of(namespace, TopicName.ALERTS, TopicName.AGGREGATES)
    async with reader(bootstrap) as consumer:
        outputs = [decode(record) async for records in read_all(consumer, places) for record in records]
    for output in outputs:
        assert not isinstance(output.body, Rejection), output
        if output.origin.topic == TopicName.AGGREGATES:
            assert isinstance(output.body, StationMinute), output.body
            minutes[output.origin.ce_id] = output.body
        elif isinstance(output.body, Alert):
            feed.setdefault((output.body.alert_id, output.body.seq), output.body)
    sums: dict[tuple[str, int, str], Aggregate] = {}
    for minute in minutes.values():
        for point, part in minute.points.items():
            key = minute.station, minute.bucket // 1000, point
            sums[key] = _added(sums.get(key), (part.n, part.n_good, part.sum, part.min, part.max))
    return list(feed.values()), sums


def _added(one: Aggregate | None, other: Aggregate) -> Aggregate:
    if one is None:
        return other
    lows = [low for low in (one[3], other[3]) if low is not None]
    highs = [high for high in (one[4], other[4]) if high is not None]
    return (
        one[0] + other[0],
        one[1] + other[1],
        one[2] + other[2],
        min(lows, default=None),
        max(highs, default=None),
    )
