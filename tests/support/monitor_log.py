"""What the monitor's tests on a real broker write: plans, histories, hostile records."""

from collections.abc import Callable
from dataclasses import dataclass, field

from support.engine_log import MINUTE, SECOND, T0
from support.monitor_city import POINTS, STATIONS, Sent, event, frame, write
from support.monitor_process import Installation

from schemas.events import Command, CommandName, Scan, Telemetry
from schemas.headers import ce_headers
from schemas.plan import Plan, plan_bytes
from schemas.rejects import RejectReason
from schemas.topics import EVENT_PARTITIONS, TopicName, control_key, partition_of
from services.plans.publish.store import write_parts
from services.runtime.kafka import ensure_namespace, make_producer
from services.runtime.signing import PUBLISHER, ensure_key, sign_plan_event

Install = Callable[[], Installation]
HOUR = 60 * MINUTE


@dataclass
class Filled:
    """An installation with a full log, and why which of its records cannot be taken."""

    installation: Installation
    hostile: dict[RejectReason, int] = field(default_factory=dict)


async def publish(installation: Installation, plan: Plan, at: int = T0 - SECOND) -> None:
    """The plan's parts, then one signed event per partition."""
    settings, sha = installation.settings, await publish_parts(installation, plan)
    key = ensure_key(settings.keys_dir, PUBLISHER)
    signed = sign_plan_event(key, sha, actor="tester", issued=at, expires=at + 60 * SECOND)
    value = signed.model_dump_json().encode()
    async with make_producer(settings) as producer:
        events = [event("plan", control_key(p), p, value, at) for p in range(EVENT_PARTITIONS)]
        await write(producer, TopicName.EVENTS.within(settings.namespace), events)


async def publish_parts(installation: Installation, plan: Plan) -> str:
    """The plan's parts alone; its name."""
    async with make_producer(installation.settings) as producer:
        return await write_parts(producer, installation.settings.namespace, plan_bytes(plan))


async def fill(installation: Installation, records: list[Sent]) -> None:
    """Write records to ``events``."""
    async with make_producer(installation.settings, max_request_size=1 << 20) as producer:
        await write(producer, TopicName.EVENTS.within(installation.settings.namespace), records)


async def found_city(installation: Installation, plan: Plan) -> None:
    """A new log with a plan."""
    await ensure_namespace(installation.settings, timeout_s=20)
    await publish(installation, plan)


def hostile(turn: int = 0) -> list[tuple[Sent, RejectReason]]:
    """Records that nobody can take, and why. A ``turn`` of its own keeps them from being repeats."""
    station, value = STATIONS[0], frame(STATIONS[0], 0, 1.0).value or b""
    good = frame(station, 0, 1.0)
    return [
        (frame(station, 0, 1.0, key=None), RejectReason.KEYLESS),
        (frame(station, 0, 1.0, value=b"\xff\x00{"), RejectReason.NOT_JSON),
        (frame(station, 0, 1.0, value=value.replace(b'"scans"', b'"scan"')), RejectReason.INVALID),
        (frame(station, 0, 1.0, value=b"x" * 700_000), RejectReason.OVERSIZE),
        (frame(station, 0, 1.0, key=b"another"), RejectReason.KEY_MISMATCH),
        (frame(station, 0, 1.0, partition=(good.partition + 1) % 16), RejectReason.WRONG_PARTITION),
        (frame(station, 0, 1.0, headers=ce_headers("spell", "t", "i", T0)), RejectReason.UNKNOWN_KIND),
        (frame(station, 0, 1.0, headers=ce_headers("telemetry", "t", "i")), RejectReason.NO_EVENT_TIME),
        (frame("stranger", 0, 1.0), RejectReason.UNKNOWN_STATION),
        (frame("_p3", 0, 1.0), RejectReason.UNKNOWN_STATION),
        (
            frame(station, 0, 1.0, value=value.replace(b'"scans":[', b'"scans":[],"x":[')),
            RejectReason.INVALID,
        ),
        (good, RejectReason.DUPLICATE_SCAN),
        (_dated(station, T0 - 25 * HOUR, turn), RejectReason.BEYOND_HORIZON),
        (_unsigned(station, turn), RejectReason.BAD_SIGNATURE),
    ]


def _dated(station: str, at: int, turn: int) -> Sent:
    """A frame that arrives at ``T0``, whatever its device believes."""
    told = Telemetry(
        station=station,
        source=f"clock-{at}",
        seq=turn,
        sent_at=at,
        boot="b1",
        nature="simulated",
        scans=[Scan(at=at, values={POINTS[0]: 1.0})],
    )
    return event("telemetry", station, partition_of(station), told.model_dump_json().encode(), T0)


def _unsigned(station: str, turn: int) -> Sent:
    """An acknowledgement that nobody has signed."""
    command = Command(
        id=f"c-{turn}",
        station=station,
        name=CommandName.ACK,
        target="any",
        seen_seq=1,
        actor="nobody",
        signer="cli",
        key_id="none",
        issued=T0,
        expires=T0 + HOUR,
        signature="00",
    )
    return event("command", station, partition_of(station), command.model_dump_json().encode(), T0)
