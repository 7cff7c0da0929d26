"""Records of the output topics as the monitor writes them, with the offsets that a broker would give."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from schemas.aggregates import AggregatePart, StationMinute
from schemas.alerts import Alert, Census, CensusPart, Judged, PartitionJudged
from schemas.headers import Headers, ce_headers
from schemas.outcomes import OUTCOME_KINDS, Outcome, PlanActivated
from schemas.outputs import PLAN_ACTIVE, PlanPublished
from schemas.plan import PLAN_PART_BYTES, Plan, plan_bytes, plan_id
from schemas.topics import TopicName, district_partition_of, partition_of

EPOCH = "00000000-0000-4000-8000-000000000001"
BUCKET = 1_768_302_000_000
"""2026-01-13T11:00:00Z."""
MINUTE = 60_000
APPENDED = 1_790_000_000_000


@dataclass(frozen=True)
class Output:
    """A record as it is read."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass
class Outputs:
    """Gives records their offsets, per topic and partition."""

    namespace: str
    epoch: str = EPOCH
    ends: Counter[tuple[TopicName, int]] = field(default_factory=Counter)

    def put(self, topic: TopicName, partition: int, key: bytes, value: bytes, headers: Headers) -> Output:
        """The next record of a partition."""
        offset = self.ends[topic, partition]
        self.ends[topic, partition] += 1
        return Output(topic.within(self.namespace), partition, offset, APPENDED + offset, key, value, headers)

    def again(self, record: Output) -> Output:
        """The same record sent once more: only its offset differs."""
        topic = TopicName(record.topic.partition(".")[2])
        return self.put(topic, record.partition, record.key or b"", record.value or b"", record.headers)

    def alert(self, alert: Alert, *, offset: int = 7) -> Output:
        """A snapshot, caused by event ``offset`` of its partition."""
        headers = self._headers("alert", f"{alert.alert_id}:{alert.seq}", alert.src_partition, offset)
        partition = district_partition_of(alert.district_code)
        return self.put(TopicName.ALERTS, partition, alert.district_code.encode(), _json(alert), headers)

    def census(self, partition: int, offset: int, at: int, open_alerts: Sequence[str]) -> Output:
        """What is open in a partition of events."""
        census = Census(partition=partition, offset=offset, at=at, open_alerts=tuple(open_alerts))
        headers = self._headers("census", f"{self.epoch}:{partition}:{offset}:census", partition, offset)
        return self.put(TopicName.ALERTS, district_partition_of("110118"), b"110118", _json(census), headers)

    def census_part(self, part: CensusPart) -> Output:
        """A part of a census."""
        id_ = f"{self.epoch}:{part.partition}:{part.offset}:census:{part.part}"
        headers = self._headers("census_part", id_, part.partition, part.offset)
        return self.put(TopicName.ALERTS, district_partition_of("110118"), b"110118", _json(part), headers)

    def judged(self, at: int, *partitions: PartitionJudged) -> Output:
        """How far a worker has judged; its id is of the offset at which it stands."""
        number = self.ends[TopicName.ALERTS, district_partition_of("110118")]
        headers = self._headers("judged", f"{self.epoch}:judged:{number}", 0, 0)
        value = _json(Judged(at=at, partitions=partitions))
        return self.put(TopicName.ALERTS, district_partition_of("110118"), b"110118", value, headers)

    def minute(self, station: str, bucket: int, parts: Mapping[str, AggregatePart], offset: int) -> Output:
        """A part of a station's minute, closed by event ``offset``."""
        minute = StationMinute(
            station=station, system="gas", town_code="110118001000", bucket=bucket, points=dict(parts)
        )
        partition = partition_of(station)
        id_ = f"{self.epoch}:{partition}:{offset}:{station}:0"
        headers = self._headers("aggregate", id_, partition, offset)
        return self.put(TopicName.AGGREGATES, partition, station.encode(), _json(minute), headers)

    def outcome(self, outcome: Outcome, partition: int, offset: int) -> Output:
        """What became of a command, a plan or a station."""
        headers = self._headers(
            OUTCOME_KINDS[type(outcome)], f"{self.epoch}:{partition}:{offset}:0", partition, offset
        )
        return self.put(TopicName.OUTCOMES, partition, b"k", _json(outcome), headers)

    def reject(self, original: bytes, *, offset: int = 1, **told: str) -> Output:
        """A refused record."""
        words = {
            "reason": "invalid",
            "detail": "scans: too short",
            "source": "gw-03",
            "station": "gas-1",
            "topic": "events",
            "partition": "3",
            "offset": str(offset),
            "rejected_at": str(BUCKET),
        } | told
        headers = self._headers("reject", f"{self.epoch}:3:{offset}:0", 3, offset)
        headers += [(name, text.encode()) for name, text in words.items()]
        return self.put(TopicName.REJECTS, 0, words["source"].encode(), original, headers)

    def plan_parts(self, sha256: str, serialised: bytes, size: int = PLAN_PART_BYTES) -> list[Output]:
        """A plan, in slices."""
        slices = [serialised[n : n + size] for n in range(0, len(serialised), size)]
        return [
            self.put(
                TopicName.PLANS,
                0,
                f"{sha256}:{n}/{len(slices)}".encode(),
                body,
                ce_headers("plan_part", "publisher", f"{sha256}:{n}"),
            )
            for n, body in enumerate(slices)
        ]

    def active_plan(self, plan: Plan, *, partition: int = 0, at: int = BUCKET) -> list[Output]:
        """A plan, and that a partition is judged by it from ``at`` on."""
        serialised = plan_bytes(plan)
        told = PlanActivated(plan=plan_id(serialised), partition=partition, actor="publisher", at=at)
        return [*self.plan_parts(told.plan, serialised), self.outcome(told, partition, at % 100_000)]

    def published_plan(self, plan: Plan) -> list[Output]:
        """A plan, and the note that it was published last."""
        serialised = plan_bytes(plan)
        note = _json(PlanPublished(plan=plan_id(serialised), epoch=self.epoch))
        headers = ce_headers(PLAN_ACTIVE, "publisher", plan_id(serialised))
        parts = self.plan_parts(plan_id(serialised), serialised)
        return [*parts, self.put(TopicName.PLANS, 0, b"active:0/1", note, headers)]

    def _headers(self, kind: str, id_: str, partition: int, offset: int) -> Headers:
        return [
            *ce_headers(kind, "monitor", id_),
            ("epoch", self.epoch.encode()),
            ("src_partition", str(partition).encode()),
            ("src_offset", str(offset).encode()),
        ]


def part(*values: float, at: int = BUCKET) -> AggregatePart:
    """The part of these readings, one a second."""
    if not values:
        return AggregatePart(n=1)
    last_at = at + 1_000 * (len(values) - 1)
    n = len(values)
    return AggregatePart(n, n, sum(values), min(values), max(values), values[-1], last_at)


def changed(record: Output, **changes: Any) -> Output:
    """A record that differs in this."""
    return replace(record, **changes)


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
