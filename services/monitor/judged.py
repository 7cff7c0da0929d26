"""Each worker says every few seconds how far it has judged its partitions: a record ``judged`` on ``alerts``.

It takes the way of the alerts themselves (the partition of their district, the same batches), so that whoever
has read it has read all that came before.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from schemas.alerts import Judged, PartitionJudged
from schemas.topics import JUDGED_EVERY_S, TopicName, control_key, district_partition_of
from services.judging.partitions import Partition
from services.judging.records import SOURCE
from services.runtime.clock import READ_WITHIN_S, partition_ends
from services.runtime.kafka import partitions_of, reader
from services.runtime.outgoing import CausingRecord, Outgoing
from services.streaming.checkpoint import AssignedPartition
from services.streaming.worker import Worker

log = logging.getLogger(__name__)
MAX_LOOKS = 720
"""Looks at a partition's end that are kept while they are not reached: an hour's."""
Held = Mapping[int, AssignedPartition[Partition]]


@dataclass(frozen=True, slots=True)
class LogEnds:
    """The next offset of partitions, and the arrival of their last records (epoch ms) where some wait."""

    next: Mapping[int, int]
    arrivals: Mapping[int, int]


@dataclass(slots=True)
class WaitingTimes:
    """For how long records have been waiting, by the ends that earlier looks saw (monotonic seconds)."""

    _looks: defaultdict[int, deque[tuple[float, int]]] = field(default_factory=lambda: defaultdict(deque))

    def ms(self, number: int, reached: int, *, end: int, now_s: float) -> int:
        """Since the first look at which the partition held a record that is not ``reached`` yet."""
        looks = self._looks[number]
        while looks and looks[0][1] <= reached:
            looks.popleft()
        if end > reached and len(looks) < MAX_LOOKS:
            looks.append((now_s, end))
        return round((now_s - looks[0][0]) * 1000) if looks else 0


async def tell_judged(worker: Worker[Any, Any, Partition]) -> None:
    """Tell it until the worker stops. While the broker is away nothing is told, which is the alarm."""
    waiting = WaitingTimes()
    while not worker.app.should_stop:
        try:
            async with reader(worker.settings.kafka_bootstrap) as consumer:
                while not worker.app.should_stop:
                    await worker.app.sleep(JUDGED_EVERY_S)
                    await _tell(worker, consumer, waiting)
        except (KafkaError, TimeoutError) as error:
            log.warning("monitor: cannot tell how far it has judged", extra={"reason": repr(error)})
            await worker.app.sleep(JUDGED_EVERY_S)


async def _tell(
    worker: Worker[Any, Any, Partition], consumer: AIOKafkaConsumer, waiting: WaitingTimes
) -> None:
    async with asyncio.timeout(READ_WITHIN_S):
        ends = await _ends(worker, consumer)

    def records() -> list[Outgoing]:
        held = {number: one for number, one in worker.assigned.items() if number in ends.next}
        return [judged_record(worker.epoch, held, ends, waiting, now_s=monotonic())] if held else []

    await worker.send(records)


async def _ends(worker: Worker[Any, Any, Partition], consumer: AIOKafkaConsumer) -> LogEnds:
    """Where the partitions held end; what arrived last is looked at only where something waits."""
    places = partitions_of(worker.settings.namespace, TopicName.EVENTS)
    found = await consumer.end_offsets([tp for tp in places if tp.partition in worker.assigned])
    ends = {tp.partition: end for tp, end in found.items()}
    behind = [number for number, one in worker.assigned.items() if ends.get(number, 0) > one.next]
    last = await partition_ends(consumer, worker.settings, behind) if behind else {}
    return LogEnds(ends, {number: end.arrival or 0 for number, end in last.items()})


def judged_record(epoch: str, held: Held, ends: LogEnds, waiting: WaitingTimes, *, now_s: float) -> Outgoing:
    """The record that tells of the partitions held, of which there is one at least."""
    at = max(one.state.clock for one in held.values())
    rows = (_row(one, ends, waiting, at=at, now_s=now_s) for _, one in sorted(held.items()))
    value = msgspec.json.encode(Judged(at=at, partitions=tuple(rows)))
    first = held[min(held)]
    causing = CausingRecord(SOURCE, epoch, first.number, max(0, first.next - 1), at)
    headers = causing.headers("judged", f"{epoch}:judged:{uuid4().hex[:16]}")
    plans = (one.state.plan for one in held.values())
    district = next((plan.document.district_code for plan in plans if plan is not None), None)
    if district is None:  # nothing is judged yet, so no alert goes anywhere
        return Outgoing(TopicName.ALERTS, 0, control_key(first.number).encode(), value, headers)
    return Outgoing(TopicName.ALERTS, district_partition_of(district), district.encode(), value, headers)


def _row(
    one: AssignedPartition[Partition], ends: LogEnds, waiting: WaitingTimes, *, at: int, now_s: float
) -> PartitionJudged:
    number, clock = one.number, one.state.clock
    records = max(0, ends.next[number] - one.next)
    waited = waiting.ms(number, one.next, end=ends.next[number], now_s=now_s)
    lag = ends.arrivals.get(number, 0) - clock if clock else 0
    return PartitionJudged(number, at - clock, records, max(0, lag, waited) if records else 0)
