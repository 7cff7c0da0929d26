"""A small city for the monitor's tests: stations on several partitions, a plan, and records of a log."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from support.engine_log import MINUTE, SECOND, T0, above, plan_of, point, rule

from schemas.base import Severity
from schemas.events import PlanEvent, Scan, Telemetry
from schemas.headers import Headers, ce_headers
from schemas.plan import Plan, plan_bytes, plan_id
from schemas.topics import EVENT_PARTITIONS, control_key, partition_of
from services.rules.arranging import arrange
from services.rules.builtin import CLOCK_RULE, REJECT_RULE
from services.rules.judging_plan import JudgingPlan

STATIONS = tuple(f"gas-110118001-{number:04d}" for number in range(1, 25))
POINTS = ("ch4_pct_lel", "h2s_mg_m3", "o2_pct", "co_ppm", "temp_c")
SCANS = 4


def city_plan(*, limit: float = 20.0) -> Plan:
    """Gas stations with five points, one of them watched; and the two rules that the monitor has built in."""
    index = plan_of(
        point(POINTS[0], "gas.chamber_lel"),
        *(point(code) for code in POINTS[1:]),
        rules=(
            rule("gas.chamber_lel", above(Severity.WARN, limit), above(Severity.CRITICAL, limit + 20.0)),
            rule(REJECT_RULE, above(Severity.MAJOR, 50.0), unit="%"),
            rule(CLOCK_RULE, above(Severity.NOTICE, 60.0, clear=5.0), unit="s"),
        ),
    )
    station = index.document.stations[0]
    stations = tuple(replace(station, station_id=name, upload_every_s=60) for name in STATIONS)
    return replace(index.document, stations=stations)


def index_of(plan: Plan) -> JudgingPlan:
    """The plan arranged, under its true name."""
    return arrange(plan, plan_id(plan_bytes(plan)))


@dataclass(frozen=True)
class Sent:
    """A record as a test writes it; also what ``decode`` reads, once it has an offset."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int
    offset: int = -1
    timestamp: int = 0


def frame(station: str, minute: int, ch4: float, *, seq: int | None = None, **changes: Any) -> Sent:
    """A frame of the minute's four scans, arrived with the last one."""
    began = T0 + minute * MINUTE
    scans = [
        Scan(at=began + n * 15 * SECOND, values={POINTS[0]: ch4, **dict.fromkeys(POINTS[1:], 1.0 + n)})
        for n in range(SCANS)
    ]
    told = Telemetry(
        station=station,
        source="gw-01",
        boot="b1",
        seq=minute if seq is None else seq,
        sent_at=scans[-1].at,
        nature="simulated",
        scans=scans,
    )
    sent = event("telemetry", station, partition_of(station), told.model_dump_json().encode(), scans[-1].at)
    return replace(sent, **changes)


def tick(partition: int, at: int) -> Sent:
    """Time passes on a partition."""
    return event("tick", control_key(partition), partition, b"{}", at)


def plan_event(plan: str, partition: int, at: int, **changes: Any) -> PlanEvent:
    """An unsigned plan event, valid for ten minutes around ``at``."""
    fields: dict[str, Any] = {
        "id": f"plan-{partition}",
        "plan": plan,
        "actor": "tester",
        "signer": "publisher",
        "key_id": "k1",
        "issued": at,
        "expires": at + 10 * MINUTE,
        "signature": "00",
    }
    return PlanEvent(**{**fields, **changes})


def event(kind: str, key: str, partition: int, value: bytes, at: int) -> Sent:
    """A record of ``events`` under clock=log; its id follows from what it is."""
    id_ = f"{kind}:{key}:{partition}:{at}"
    return Sent(key.encode(), value, ce_headers(kind, "test", id_, at), partition)


@dataclass
class LogOf:
    """Numbers records as the broker would: for tests without one."""

    offsets: dict[int, int] = field(default_factory=dict)

    def append(self, sent: Sent) -> Sent:
        """The record at the partition's next offset."""
        offset = self.offsets.get(sent.partition, 0)
        self.offsets[sent.partition] = offset + 1
        return replace(sent, offset=offset)


def ch4_of(station: str, minute: int) -> float:
    """Rises through the limits and falls again, each station at a time of its own."""
    phase = (minute + STATIONS.index(station) * 3) % 12
    return {4: 25.0, 5: 30.0, 6: 45.0, 7: 24.0}.get(phase, 5.0 + phase * 0.5)


def history(minutes: int) -> list[Sent]:
    """Frames of all stations and a tick per partition every 20 seconds."""
    records = []
    for minute in range(minutes):
        records += [frame(station, minute, ch4_of(station, minute)) for station in STATIONS]
        for third in (1, 2, 3):
            at = T0 + minute * MINUTE + third * 20 * SECOND
            records += [tick(partition, at) for partition in range(EVENT_PARTITIONS)]
    return records


async def write(producer: Any, topic: str, records: list[Sent]) -> None:
    """Write records in order and wait until all are kept."""
    futures = [
        await producer.send(topic, r.value, key=r.key, partition=r.partition, headers=r.headers)
        for r in records
    ]
    await asyncio.gather(*futures)
