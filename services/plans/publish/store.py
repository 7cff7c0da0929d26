"""Plans in the topic ``plans``: parts ``<sha256>:<i>/<n>``; ``active:0/1`` names the last published."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition

from schemas.headers import ce_headers
from schemas.outputs import PLAN_ACTIVE, PLAN_PART, PlanPart, PlanParts, PlanPublished
from schemas.plan import PLAN_PART_BYTES, Plan, plan_id
from schemas.topics import TopicName
from services.runtime.kafka import read_all, reader
from services.runtime.unreadable import Unreadable

ACTIVE_KEY = b"active:0/1"


@dataclass(slots=True)
class Stored:
    """The topic's content: parts, and the note of what was published last, as far as it can be read.

    ``published`` names the log, too, that its plan events stand in: another log of the same namespace has
    not seen them.
    """

    parts: PlanParts = field(default_factory=PlanParts)
    published: PlanPublished | None = None

    def plan(self, sha256: str) -> Plan | None:
        """The plan of that name; None while parts are missing or when they are not what the name says."""
        return self.parts.plan(sha256)

    def last_good(self) -> str | None:
        """The plan that was published last of those that can be read."""
        published = [] if self.published is None else [self.published.plan]
        return next((name for name in (*published, *self.parts.names()) if self.plan(name)), None)


async def read_store(bootstrap: str, namespace: str, unreadable: Unreadable | None = None) -> Stored:
    """Read the whole topic (it is small: plans are few). What cannot be read is counted, and passed over."""
    stored, unreadable = Stored(), unreadable or Unreadable("plans")
    place = TopicPartition(TopicName.PLANS.within(namespace), 0)
    async with reader(bootstrap) as consumer:
        async for records in read_all(consumer, [place]):
            for record in records:
                match unreadable.read(record):
                    case PlanPart() as part:
                        stored.parts.take(part)
                    case PlanPublished() as published:
                        stored.published = published
    return stored


async def load_plan(
    bootstrap: str, namespace: str, sha256: str, *, unreadable: Unreadable | None = None
) -> Plan | None:
    """The plan named by its sha256, verified; None when the topic does not hold all of it."""
    return (await read_store(bootstrap, namespace, unreadable)).plan(sha256)


async def last_good_plan(bootstrap: str, namespace: str) -> str | None:
    """The name of the plan that was published last of those that can be read."""
    return (await read_store(bootstrap, namespace)).last_good()


async def published_zone(bootstrap: str, namespace: str) -> ZoneInfo:
    """Return the time zone of the last plan published that can be read; UTC before any."""
    stored = await read_store(bootstrap, namespace)
    plan = stored.plan(stored.last_good() or "")
    return ZoneInfo("UTC" if plan is None else plan.time_zone)


async def write_parts(producer: AIOKafkaProducer, namespace: str, serialised: bytes) -> str:
    """Write a plan's parts and wait until the broker has them; returns the plan's name."""
    name = plan_id(serialised)
    starts = range(0, len(serialised), PLAN_PART_BYTES)
    slices = [serialised[start : start + PLAN_PART_BYTES] for start in starts]
    for number, piece in enumerate(slices):
        await producer.send_and_wait(
            TopicName.PLANS.within(namespace),
            piece,
            key=f"{name}:{number}/{len(slices)}".encode(),
            partition=0,
            headers=ce_headers(PLAN_PART, "publisher", f"{name}:{number}"),
        )
    return name


async def write_active(producer: AIOKafkaProducer, namespace: str, published: PlanPublished) -> None:
    """Remember which plan was published last, once its events stand in every partition of a log."""
    await producer.send_and_wait(
        TopicName.PLANS.within(namespace),
        msgspec.json.encode(published),
        key=ACTIVE_KEY,
        partition=0,
        headers=ce_headers(PLAN_ACTIVE, "publisher", published.plan),
    )
