"""Plans in the topic ``plans``: parts ``<sha256>:<i>/<n>``; ``active:0/1`` names the last published."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from pydantic import ValidationError

from schemas.headers import ce_headers, header
from schemas.plan import PLAN, PLAN_PART_BYTES, Plan, plan_id
from schemas.topics import TopicName
from services.runtime.kafka import read_all, reader

PART = "plan_part"
ACTIVE = "plan_active"
ACTIVE_KEY = b"active:0/1"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the topic holds: parts by plan and number, and the plan that was published last."""

    parts: dict[str, dict[int, bytes]]
    active: str | None
    active_epoch: str | None
    """The log that its plan events stand in: another log of the same namespace has not seen them."""

    def plan(self, sha256: str) -> Plan | None:
        """The plan of that name; None while parts are missing or when they are not what the name says."""
        parts = self.parts.get(sha256, {})
        serialised = b"".join(parts[number] for number in sorted(parts))
        if plan_id(serialised) != sha256:
            return None
        try:
            return PLAN.validate_json(serialised)
        except ValidationError:
            return None


async def read_store(bootstrap: str, namespace: str) -> Stored:
    """Read the whole topic (it is small: plans are few)."""
    parts: dict[str, dict[int, bytes]] = {}
    active: dict[str, str] = {}
    place = TopicPartition(TopicName.PLANS.within(namespace), 0)
    async with reader(bootstrap) as consumer:
        async for records in read_all(consumer, [place]):
            for record in records:
                kind = header(record.headers, "ce_type")
                if kind == ACTIVE and record.value is not None:
                    active = msgspec.json.decode(record.value)
                elif kind == PART:
                    _take_part(record, parts)
    return Stored(parts, active.get("plan"), active.get("epoch"))


def _take_part(record: ConsumerRecord, parts: dict[str, dict[int, bytes]]) -> None:
    name, _, place = (record.key or b"").decode(errors="replace").partition(":")
    number = place.partition("/")[0]
    if number.isdigit() and record.value is not None:
        parts.setdefault(name, {})[int(number)] = record.value


async def load_plan(bootstrap: str, namespace: str, sha256: str) -> Plan | None:
    """The plan named by its sha256, verified; None when the topic does not hold all of it."""
    return (await read_store(bootstrap, namespace)).plan(sha256)


async def write_parts(producer: AIOKafkaProducer, namespace: str, serialised: bytes) -> str:
    """Write a plan's parts and wait until the broker has them; returns the plan's name."""
    name = plan_id(serialised)
    slices = list(_slices(serialised))
    for number, piece in enumerate(slices):
        await producer.send_and_wait(
            TopicName.PLANS.within(namespace),
            piece,
            key=f"{name}:{number}/{len(slices)}".encode(),
            partition=0,
            headers=ce_headers(PART, "publisher", f"{name}:{number}"),
        )
    return name


async def write_active(producer: AIOKafkaProducer, namespace: str, name: str, *, epoch: str) -> None:
    """Remember which plan was published last, once its events stand in every partition of a log."""
    await producer.send_and_wait(
        TopicName.PLANS.within(namespace),
        msgspec.json.encode({"plan": name, "epoch": epoch}),
        key=ACTIVE_KEY,
        partition=0,
        headers=ce_headers(ACTIVE, "publisher", name),
    )


def _slices(serialised: bytes) -> Iterator[bytes]:
    for start in range(0, len(serialised), PLAN_PART_BYTES):
        yield serialised[start : start + PLAN_PART_BYTES]
