"""A city of 1,000 stations with ten points each, all watched by one rule, and its plan on the log."""

from schemas.base import Bilingual, Severity
from schemas.events import EventKind
from schemas.headers import ce_headers
from schemas.kinds import Measure, RuleKind, Side
from schemas.plan import (
    PLAN_FORMAT,
    Comparator,
    Delay,
    Plan,
    Point,
    Rule,
    Station,
    fingerprint_of,
    plan_bytes,
)
from schemas.topics import EVENT_PARTITIONS, TopicName, control_key
from services.plans.publish.store import write_parts
from services.runtime.kafka import ensure_namespace, make_producer
from services.runtime.outgoing import Outgoing
from services.runtime.settings import Settings
from services.runtime.signing import PUBLISHER, ensure_key, sign_plan_event
from services.streaming.batches import Batches

STATIONS = tuple(f"bench-110118001-{number:04d}" for number in range(1_000))
POINTS = tuple(f"pressure_{number:02d}_kpa" for number in range(10))
TOWN, DISTRICT = "110118001000", "110118000000"
RULE_ID = "bench.pressure_high"
LIMIT, CLEAR = 80.0, 75.0
SAMPLES = 3
PLAN_LASTS_MS = 600_000


def city_plan(severity: Severity = Severity.WARN) -> Plan:
    """The plan, without a compiler between: what is measured is the judging."""
    delay = Delay(samples=SAMPLES)
    comparator = Comparator(severity=severity, side=Side.ABOVE, limit=LIMIT, clear=CLEAR, on=delay, off=delay)
    return Plan(
        format=PLAN_FORMAT,
        district_code=DISTRICT,
        towns={TOWN: Bilingual(zh="鼓楼街道", en="Gulou")},
        rules=(_rule(comparator),),
        stations=tuple(_station(name) for name in STATIONS),
        calendars={},
        keys=(),
    )


async def found(settings: Settings, at_ms: int, severity: Severity = Severity.WARN) -> None:
    """A new log whose partitions are all judged by the plan from ``at_ms`` on (epoch ms)."""
    await ensure_namespace(settings, timeout_s=20)
    async with make_producer(settings) as producer:
        name = await write_parts(producer, settings.namespace, plan_bytes(city_plan(severity)))
        key = ensure_key(settings.keys_dir, PUBLISHER)
        event = sign_plan_event(key, name, actor="bench", issued=at_ms, expires=at_ms + PLAN_LASTS_MS)
        batches = Batches(producer, settings.namespace)
        await batches.put(
            Outgoing(
                TopicName.EVENTS,
                partition,
                control_key(partition).encode(),
                event.model_dump_json().encode(),
                ce_headers(EventKind.PLAN, PUBLISHER, f"{event.id}:{partition}", at_ms),
            )
            for partition in range(EVENT_PARTITIONS)
        )
        await batches.settle()


def _rule(comparator: Comparator) -> Rule:
    words = Bilingual(zh="压力过高", en="pressure too high")
    return Rule(
        rule_id=RULE_ID,
        kind=RuleKind.HIGH,
        measure=Measure.VALUE,
        purpose="alarm",
        life_safety=False,
        unit="kPa",
        comparators=(comparator,),
        gate=None,
        latch="none",
        re_alarm_ms=None,
        reoccurrence_ms=30 * 60_000,
        title=words,
        guidance=words,
        source="bench",
        source_status="judgement",
        fingerprint=fingerprint_of([LIMIT, CLEAR, SAMPLES]),
    )


def _station(name: str) -> Station:
    return Station(
        station_id=name,
        kind="bench",
        system="gas",
        town_code=TOWN,
        owner_org="gas-operator",
        name=Bilingual(zh=f"测点{name[-4:]}", en=f"station {name[-4:]}"),
        lat=40.37,
        lon=116.83,
        virtual=False,
        points=tuple(_point(code) for code in POINTS),
    )


def _point(code: str) -> Point:
    """Due every minute: frames come every 75 s of log time, and nothing shall count as silent."""
    return Point(
        code=code,
        name=Bilingual(zh="压力", en="pressure"),
        unit="kPa",
        low=0.0,
        high=200.0,
        expected_every_s=60,
        report_mode="periodic",
        life_safety=False,
        reference=None,
        rules=(RULE_ID,),
    )
