"""A small plan and short-hands for engine tests: one station, points and rules to taste."""

from dataclasses import dataclass, field

from schemas.alerts import Alert
from schemas.base import Bilingual, Severity
from schemas.events import Scan, Telemetry, Tick
from schemas.kinds import Measure, RuleKind, Side
from schemas.plan import AT_ONCE, PLAN_FORMAT, Comparator, Delay, Plan, Point, Rule, Station, fingerprint_of
from schemas.topics import partition_of
from services.rules.arranging import arrange
from services.rules.effects import AlertChanged, Cause, Effect
from services.rules.engine import step
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState

EPOCH = "00000000-0000-4000-8000-000000000001"
STATION = "gas-110118001-0013"
T0 = 1_768_300_800_000
"""2026-01-13T10:40:00Z, a whole minute."""
SECOND = 1_000
MINUTE = 60_000
WORDS = Bilingual(zh="测试", en="test")


def above(
    severity: Severity,
    limit: float,
    *,
    clear: float | None = None,
    on: Delay = AT_ONCE,
    off: Delay = AT_ONCE,
) -> Comparator:
    """A comparator of a high rule."""
    back = limit - 3 if clear is None else clear
    return Comparator(severity=severity, side=Side.ABOVE, limit=limit, clear=back, on=on, off=off)


def below(
    severity: Severity,
    limit: float,
    *,
    clear: float | None = None,
    on: Delay = AT_ONCE,
    off: Delay = AT_ONCE,
) -> Comparator:
    """A comparator of a low rule."""
    back = limit + 3 if clear is None else clear
    return Comparator(severity=severity, side=Side.BELOW, limit=limit, clear=back, on=on, off=off)


def rule(rule_id: str, *comparators: Comparator, **changes: object) -> Rule:
    """A rule of those comparators; its fingerprint follows from them."""
    fields: dict[str, object] = {
        "rule_id": rule_id,
        "kind": RuleKind.HIGH,
        "measure": Measure.VALUE,
        "purpose": "alarm",
        "life_safety": False,
        "unit": "%LEL",
        "comparators": comparators,
        "gate": None,
        "latch": "none",
        "re_alarm_ms": None,
        "reoccurrence_ms": 30 * MINUTE,
        "title": WORDS,
        "guidance": WORDS,
        "source": "test",
        "source_status": "judgement",
        "fingerprint": fingerprint_of([repr(comparators), repr(sorted(changes.items()))]),
    }
    return Rule(**{**fields, **changes})  # type: ignore[arg-type]


def point(code: str, *rules: str, **changes: object) -> Point:
    """A point on [0, 100] %LEL, read every 15 s."""
    fields: dict[str, object] = {
        "code": code,
        "name": Bilingual(zh="甲烷", en="methane"),
        "unit": "%LEL",
        "low": 0.0,
        "high": 100.0,
        "expected_every_s": 15,
        "report_mode": "periodic",
        "life_safety": False,
        "reference": None,
        "rules": rules,
    }
    return Point(**{**fields, **changes})  # type: ignore[arg-type]


def plan_of(
    *points: Point,
    rules: tuple[Rule, ...],
    calendars: dict[str, tuple[tuple[int, int], ...]] | None = None,
) -> JudgingPlan:
    """A plan with one station of those points."""
    station = Station(
        station_id=STATION,
        kind="gas_chamber",
        system="gas",
        town_code="110118001000",
        owner_org="gas-operator",
        name=Bilingual(zh="新南路×鼓楼东大街 3号阀井", en="Xinnan Rd x Gulou East St, valve pit 3"),
        lat=40.37,
        lon=116.83,
        virtual=False,
        points=points,
    )
    plan = Plan(
        format=PLAN_FORMAT,
        district_code="110118000000",
        towns={"110118001000": Bilingual(zh="鼓楼街道", en="Gulou")},
        rules=rules,
        stations=(station,),
        calendars=calendars or {},
        keys=(),
    )
    return arrange(plan, "f" * 64)


@dataclass
class Log:
    """Plays events into the engine, one offset after the other, and keeps what it decides."""

    plan: JudgingPlan
    state: StationState = field(default_factory=lambda: StationState(STATION))
    effects: list[Effect] = field(default_factory=list)
    offset: int = 0
    seq: int = 0

    def cause(self, arrival: int) -> Cause:
        """The next record, arrived then."""
        self.offset += 1
        return Cause(EPOCH, partition_of(STATION), self.offset, arrival)

    def play(self, event: object, arrival: int) -> list[Effect]:
        """One step; returns its effects."""
        self.state, effects = step(self.state, event, self.cause(arrival), self.plan)  # type: ignore[arg-type]
        self.effects.extend(effects)
        return effects

    def frame(self, *scans: Scan, **changes: object) -> Telemetry:
        """The next frame of the station's only source."""
        self.seq += 1
        fields: dict[str, object] = {
            "station": STATION,
            "source": "gw-1",
            "boot": "b1",
            "seq": self.seq,
            "sent_at": scans[-1].at,
            "nature": "simulated",
            "scans": list(scans),
        }
        return Telemetry(**{**fields, **changes})

    def read(self, code: str, at: int, value: float | None, *, arrival: int = 0) -> list[Effect]:
        """A frame of one scan of one point, arriving at once unless said otherwise."""
        return self.play(self.frame(Scan(at=at, values={code: value})), arrival or at)

    def tick(self, at: int) -> list[Effect]:
        """The clock reaches ``at``."""
        return self.play(Tick(), at)

    def alerts(self) -> list[Alert]:
        """Every snapshot so far."""
        return alerts_of(self.effects)

    def story(self) -> list[tuple[str, str, str, int]]:
        """Every transition so far as (reason, state, severity, seconds after T0)."""
        return [
            (
                alert.timeline[-1].reason.value,
                alert.state.value,
                alert.severity.value,
                (alert.timeline[-1].at - T0) // 1000,
            )
            for alert in self.alerts()
        ]

    def changes(self) -> list[tuple[str, str, str, int]]:
        """The story without what tells only that data were missing."""
        return [entry for entry in self.story() if entry[0] not in ("held", "resumed")]


def alerts_of(effects: list[Effect]) -> list[Alert]:
    """The alert snapshots among effects."""
    return [effect.alert for effect in effects if isinstance(effect, AlertChanged)]
