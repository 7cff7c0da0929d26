"""What a worker says of how far it has judged, and a census that is too large for one record."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from support.engine_log import EPOCH, T0
from support.monitor_city import city_plan, index_of

from schemas.alerts import MAX_CENSUS_ALERTS, Census, CensusPart, Judged
from schemas.headers import header
from schemas.topics import EVENT_PARTITIONS, TOPICS, TopicName, district_partition_of
from services.judging.partitions import Partition
from services.judging.records import census_records
from services.monitor.judged import LogEnds, WaitingTimes, judged_record
from services.runtime.following.positions import Position
from services.streaming.checkpoint import AssignedPartition

INDEX = index_of(city_plan())
MINUTE = 60_000
Assigned = AssignedPartition[Partition]


def held(number: int, *, clock: int = T0, reached: int = 100, **changes: Any) -> Assigned:
    """A partition as a worker holds it."""
    state = Partition(number=number, epoch=EPOCH, clock=clock, **{"plan": INDEX, **changes})
    return AssignedPartition(number=number, next=reached, written=Position(EPOCH, 0, None), state=state)


def told(partitions: list[Assigned], ends: dict[int, int], arrivals: dict[int, int]) -> Judged:
    """What the record says."""
    held_now = {one.number: one for one in partitions}
    record = judged_record(EPOCH, held_now, LogEnds(ends, arrivals), WaitingTimes(), now_s=0.0)
    return msgspec.json.decode(record.value, type=Judged)


def test_it_takes_under_300_bytes_for_16_partitions() -> None:
    """On the way of the alerts of their district; without a plan there is none yet."""
    all_held = {n: held(n, clock=T0 + 311 * n, reached=1_000_000 + n) for n in range(EVENT_PARTITIONS)}
    ends = LogEnds({n: 1_000_000 + n for n in all_held}, {})
    record = judged_record(EPOCH, all_held, ends, WaitingTimes(), now_s=0.0)
    assert len(record.value) < 300
    district = INDEX.document.district_code
    assert (record.topic, record.partition) == (TopicName.ALERTS, district_partition_of(district))
    assert record.key == district.encode()
    sizes = sum(len(name) + len(text) + 2 for name, text in record.headers)
    assert len(record.value) + sizes < 620 - 70, "what TOPICS counts, with what a batch of one adds"
    without = judged_record(
        EPOCH, {5: held(5, clock=0, plan=None)}, LogEnds({5: 0}, {}), WaitingTimes(), now_s=0
    )
    assert (without.partition, header(without.headers, "ce_type")) == (0, "judged")


@pytest.mark.parametrize(
    ("one", "end", "arrival", "records", "behind_ms"),
    [
        (held(3), 100, None, 0, 0),
        (held(3), 90, None, 0, 0),
        (held(3), 160, T0 + 5 * MINUTE, 60, 5 * MINUTE),
        (held(3), 101, T0 - MINUTE, 1, 0),
        (held(3, clock=0), 160, T0, 60, 0),
    ],
    ids=["at the end", "judged since the look", "behind", "late records", "nothing has a time"],
)
def test_it_says_how_far_a_partition_is_behind(
    one: Assigned, end: int, arrival: int | None, records: int, behind_ms: int
) -> None:
    """In records, and in the log's own time; nothing where no record waits."""
    judged = told([one], {3: end}, {} if arrival is None else {3: arrival})
    (row,) = judged.partitions
    assert (row.partition, row.records, row.behind_ms) == (3, records, behind_ms)
    assert judged.clock_of(row) == one.state.clock


def test_records_that_wait_are_behind_whatever_their_times_say() -> None:
    """A burst of one instant that is not judged for a minute: the log's time stands still meanwhile."""
    waiting, burst = WaitingTimes(), LogEnds({3: 700}, {3: T0})

    def behind_ms(reached: int, now_s: float, ends: LogEnds = burst) -> int:
        record = judged_record(EPOCH, {3: held(3, reached=reached)}, ends, waiting, now_s=now_s)
        return msgspec.json.decode(record.value, type=Judged).partitions[0].behind_ms

    assert [behind_ms(100 + n, 5.0 * n) for n in range(4)] == [0, 5_000, 10_000, 15_000]
    later = LogEnds({3: 900}, {3: T0})
    assert behind_ms(600, 20.0, later) == 20_000
    assert behind_ms(700, 25.0, later) == 5_000, "of the first burst nothing waits any more"
    assert behind_ms(900, 30.0, later) == 0


@dataclass
class WithAlerts(Partition):
    """A partition with so many open alerts."""

    alerts: int = 0

    def census(self, offset: int) -> Census:
        """Of ids as long as they may be."""
        ids = tuple(f"{n:06d}{'x' * 250}" for n in range(self.alerts))
        return Census(partition=self.number, offset=offset, at=self.clock, open_alerts=ids)


@pytest.mark.parametrize(
    ("alerts", "records"), [(0, 1), (MAX_CENSUS_ALERTS, 1), (MAX_CENSUS_ALERTS + 1, 2), (27_000, 7)]
)
def test_a_census_of_any_size_can_be_told(alerts: int, records: int) -> None:
    """Each record fits into its topic, also with the longest ids; one that is whole is what it always was."""
    partition = WithAlerts(number=3, epoch=EPOCH, clock=T0, plan=INDEX, alerts=alerts)
    found = census_records(partition, 100)  # raises where a record is too large
    assert len(found) == records
    assert all(len(one.value) < TOPICS[TopicName.ALERTS].max_message_bytes for one in found)
    kinds = {header(one.headers, "ce_type") for one in found}
    assert kinds == {"census" if records == 1 else "census_part"}
    if records == 1:
        assert set(json.loads(found[0].value)) == {"partition", "offset", "at", "open_alerts"}
        return
    parts = [msgspec.json.decode(one.value, type=CensusPart) for one in found]
    assert [part.part for part in parts] == list(range(records))
    assert {part.parts for part in parts} == {records}
    listed = tuple(id_ for part in parts for id_ in part.open_alerts)
    assert listed == partition.census(100).open_alerts
    assert len({header(one.headers, "ce_id") for one in found}) == records
