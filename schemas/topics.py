"""The one place for topics and groups: name, key, partitions, retention, size and clean-up.

Every producer sets a record's partition explicitly by the functions below: the default partitioners of client
libraries disagree with each other.

Topics of parts that are not built yet (incidents, state archive) are added with them.
"""

import zlib
from dataclasses import dataclass
from enum import StrEnum

DAY_MS = 86_400_000
MIB = 1 << 20
EVENT_PARTITIONS = 16
"""Partitions of ``events`` and of all topics keyed by station. Fixed for good."""
DISTRICT_PARTITIONS = 4
"""Partitions of topics keyed by district code."""
JUDGED_EVERY_S = 5.0
"""Each monitor worker says so often, by wall time, how far it has judged: on ``alerts``, as alerts go."""
JUDGED_BYTES = 320 * MIB
"""What a worker adds by that in 30 days, at 620 bytes with headers: to its district's partition alone."""


class TopicName(StrEnum):
    """Bare topic names; on the broker they are ``{namespace}.{name}``."""

    EVENTS = "events"
    ALERTS = "alerts"
    AGGREGATES = "aggregates"
    OUTCOMES = "outcomes"
    REJECTS = "rejects"
    PLANS = "plans"
    MONITOR_STATE = "monitor-state"

    def within(self, namespace: str) -> str:
        """The topic's name on the broker."""
        return f"{namespace}.{self.value}"


class GroupName(StrEnum):
    """Consumer groups of the services that keep no positions of their own; names as of topics."""

    MONITOR = "monitor"

    def within(self, namespace: str) -> str:
        """The group's name on the broker. Its committed offsets tell how far the service has come."""
        return f"{namespace}.{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The settings of a topic. ``retention_bytes`` is per partition; -1 is without limit."""

    name: TopicName
    key: str
    partitions: int
    retention_ms: int
    retention_bytes: int
    compacted: bool = False
    max_message_bytes: int = MIB
    segment_bytes: int = 64 * MIB
    min_compaction_lag_ms: int = 0

    def config(self) -> dict[str, str]:
        """Topic settings as Kafka knows them. Append time, so that retention counts in wall time."""
        settings = {
            "message.timestamp.type": "LogAppendTime",
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": str(self.retention_bytes),
            "max.message.bytes": str(self.max_message_bytes),
            "segment.bytes": str(self.segment_bytes),
        }
        if self.compacted:
            settings["min.compaction.lag.ms"] = str(self.min_compaction_lag_ms)
        return settings


TOPICS: dict[TopicName, Topic] = {
    topic.name: topic
    for topic in (
        Topic(
            name=TopicName.EVENTS,
            key="station, or _p<partition> for control records",
            partitions=EVENT_PARTITIONS,
            retention_ms=7 * DAY_MS,
            retention_bytes=128 * MIB,
        ),
        Topic(
            name=TopicName.ALERTS,
            key="district code",
            partitions=DISTRICT_PARTITIONS,
            retention_ms=30 * DAY_MS,
            retention_bytes=128 * MIB + JUDGED_BYTES,
        ),
        Topic(
            name=TopicName.AGGREGATES,
            key="station",
            partitions=EVENT_PARTITIONS,
            retention_ms=3 * DAY_MS,
            retention_bytes=64 * MIB,
            segment_bytes=32 * MIB,
        ),
        Topic(
            name=TopicName.OUTCOMES,
            key="station, or _p<partition>",
            partitions=EVENT_PARTITIONS,
            retention_ms=7 * DAY_MS,
            retention_bytes=16 * MIB,
            segment_bytes=8 * MIB,
        ),
        Topic(
            name=TopicName.REJECTS,
            key="source, or unknown",
            partitions=1,
            retention_ms=30 * DAY_MS,
            retention_bytes=256 * MIB,
            max_message_bytes=2 * MIB,
        ),
        Topic(
            name=TopicName.PLANS,
            key="sha256:part",
            partitions=1,
            retention_ms=-1,
            retention_bytes=-1,  # not compacted: junk under a part's key would have the part deleted
        ),
        Topic(
            name=TopicName.MONITOR_STATE,
            key="station, station|hot, or _p<partition>",
            partitions=EVENT_PARTITIONS,
            retention_ms=-1,
            retention_bytes=-1,
            compacted=True,
            segment_bytes=4 * MIB,
            min_compaction_lag_ms=600_000,
        ),
    )
}


def partition_of(station: str) -> int:
    """The ``events`` partition of a station: CRC-32 of its UTF-8 name, modulo 16; of ``_p<n>`` it is n."""
    if station.startswith("_p") and (number := CONTROL_PARTITIONS.get(station)) is not None:
        return number
    return zlib.crc32(station.encode()) % EVENT_PARTITIONS


def district_partition_of(district_code: str) -> int:
    """The ``alerts`` partition of a district."""
    return zlib.crc32(district_code.encode()) % DISTRICT_PARTITIONS


def control_key(partition: int) -> str:
    """The key of control records (genesis, tick, plan) of a partition, e.g. ``_p3``."""
    return f"_p{partition}"


CONTROL_PARTITIONS = {control_key(number): number for number in range(EVENT_PARTITIONS)}
"""The monitor's own stations: their records stand on the partition that they report of."""
