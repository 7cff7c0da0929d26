"""From assigned partitions to partitions held: read the checkpoint, ask the guard, restore."""

import logging
from dataclasses import dataclass

from schemas.base import MIN_TIME_MS
from schemas.outcomes import Finding
from schemas.topics import TopicName
from services.monitor.catalogue import Catalogue
from services.monitor.guard import REMEDY, AnotherLogError, LogSeen, Verdict, decide
from services.monitor.loader import Checkpointed, LogBounds, read_bounds, read_checkpoints
from services.monitor.partitions import Partition, restored
from services.rules.engine import after_gap
from services.rules.index import PlanIndex
from services.runtime.kafka import reader
from services.runtime.settings import Settings

log = logging.getLogger(__name__)


class PlanMissingError(Exception):
    """A checkpoint's plan is not in the topic ``plans`` any more."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A partition as it begins, and what has to be said about it."""

    held: Partition
    finding: Finding | None


async def load_partitions(
    settings: Settings, catalogue: Catalogue, committed: dict[int, int | None], *, epoch: str
) -> list[Loaded]:
    """Restore the partitions (the keys of ``committed``: the group's offsets).

    Raises:
        AnotherLogError: a checkpoint was made of another log.
        SnapshotVersionError: a checkpoint was made by a newer release.
        PlanMissingError: the plan of a checkpoint cannot be found.
    """
    partitions = sorted(committed)
    async with reader(settings.kafka_bootstrap) as consumer:
        checkpoints = await read_checkpoints(consumer, settings.namespace, partitions, epoch=epoch)
        headers = {p: found.header for p, found in checkpoints.items()}
        bounds = await read_bounds(consumer, settings.namespace, headers)
    loaded = []
    for partition in partitions:
        found = checkpoints[partition]
        seen = seen_by(settings, bounds[partition], committed=committed[partition], epoch=epoch)
        verdict = decide(found.header, seen)
        level = logging.DEBUG if verdict.decision == "go_on" else logging.INFO
        log.log(level, verdict.decision, extra={"partition": partition, "reason": verdict.reason})
        if verdict.decision == "another_log":
            raise AnotherLogError(_another_log(settings, partition, verdict))
        index = await _plan_of(found, catalogue)
        loaded.append(_begin(partition, verdict, found, index, epoch=epoch, settings=settings))
    return loaded


def seen_by(settings: Settings, bounds: LogBounds, *, committed: int | None, epoch: str) -> LogSeen:
    """What the guard has to know of a partition's log."""
    return LogSeen(
        epoch=epoch,
        clock_mode=settings.clock,
        start=bounds.start,
        end=bounds.end,
        committed=committed,
        marker=bounds.marker,
    )


def _another_log(settings: Settings, partition: int, verdict: Verdict) -> str:
    topic = TopicName.EVENTS.within(settings.namespace)
    return f"another log: {topic} partition {partition}: {verdict.reason}; {REMEDY}"


async def _plan_of(found: Checkpointed, catalogue: Catalogue) -> PlanIndex | None:
    if found.header is None or found.header.plan is None:
        return None
    index = await catalogue.find(found.header.plan)
    if index is None:
        raise PlanMissingError(
            f"the checkpoint's plan {found.header.plan} is not in the topic plans: publish that plan again "
            "(miyun rules publish), or else `miyun monitor adopt --all`"
        )
    return index


def _begin(
    partition: int,
    verdict: Verdict,
    found: Checkpointed,
    index: PlanIndex | None,
    *,
    epoch: str,
    settings: Settings,
) -> Loaded:
    header = found.header
    if header is None:
        held = Partition(number=partition, epoch=epoch, next=verdict.begin, states=found.states())
        return Loaded(held, _finding(held, "new_partition", verdict))
    held = restored(header, partition, found.states(), index)
    held.census_is_due()  # the load itself sends one
    if verdict.decision == "go_on":
        return Loaded(held, None)
    held.next, held.last_event = verdict.begin, None
    for state in list(held.states.values()):
        held.put(state, after_gap(state))
    return Loaded(held, _finding(held, "input_gap", verdict))


def _finding(held: Partition, kind: str, verdict: Verdict) -> Finding:
    return Finding(
        kind="input_gap" if kind == "input_gap" else "new_partition",
        partition=held.number,
        offset=verdict.begin,
        station=None,
        detail=verdict.reason,
        at=held.clock or MIN_TIME_MS,
    )
