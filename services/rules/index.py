"""A plan arranged for judging: by station and point, with limits and gates resolved once."""

import math
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Self

from schemas.alerts import Headline
from schemas.partition import EVENT_PARTITIONS, control_key
from schemas.plan import Comparator, Measure, Plan, Point, Rule, Side, Station, fingerprint_of

CLOCK_RULE = "any.clock_fault"
CLOCK_POINT = "clock_error_s"
REJECT_RULE = "monitor.reject_share"
REJECT_POINT = "reject_share_pct"
MAX_GAP_INTERVALS = 3
"""A point unheard for more than this many of its intervals has a gap (DESIGN 2.2)."""
NEVER = 1 << 62
HAIR = 1e-6
"""Percent: far above the rounding of a percentage, far below what any rule distinguishes."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One rule on one point. ``measured = scale * value + shift``, in the rule's unit.

    Between ``quiet_from`` (inclusive) and ``quiet_to`` (exclusive) no comparator can become true.
    """

    key: str
    rule: Rule
    point: Point
    comparators: tuple[Comparator, ...]
    fingerprint: str
    scale: float
    shift: float
    quiet_from: float
    quiet_to: float
    gate: tuple[tuple[int, int], ...] | None
    max_gap_ms: int
    until: int = NEVER
    """Event time at which the point's own limits expire ..."""
    after: "Channel | None" = None
    """... and the rule's take over."""


@dataclass(frozen=True, slots=True)
class PointPlan:
    """A point with the channels that watch it. ``max_gap_ms``: silence after more than this.

    A value in [``quiet_from``, ``quiet_to``), in the point's unit, is inside its range and concerns no
    channel at rest. The interval is never too wide, and narrower by a hair than limits in percent.
    """

    point: Point
    channels: tuple[Channel, ...]
    max_gap_ms: int
    quiet_from: float
    quiet_to: float


@dataclass(frozen=True, slots=True)
class StationPlan:
    """A station with what the engine needs of its surroundings."""

    station: Station
    town: Headline
    district_code: str
    plan_id: str
    points: dict[str, PointPlan]
    channels: dict[str, Channel]


@dataclass(frozen=True, slots=True)
class PlanIndex:
    """The plan by station, including one built-in control station per partition (``_p3``)."""

    plan_id: str
    plan: Plan
    stations: dict[str, StationPlan]

    @classmethod
    def of(cls, plan: Plan, plan_id: str) -> Self:
        """Arrange ``plan``.

        Raises:
            KeyError: the plan names a rule, calendar or town that it lacks (the compiler's bug).
        """
        rules = {rule.rule_id: rule for rule in plan.rules}
        stations = chain(
            (_with_clock_point(station, rules) for station in plan.stations),
            (_control_station(partition, rules) for partition in range(EVENT_PARTITIONS)),
        )
        indexed = {s.station_id: _station_plan(s, plan, plan_id, rules) for s in stations}
        return cls(plan_id, plan, indexed)


def _station_plan(station: Station, plan: Plan, plan_id: str, rules: dict[str, Rule]) -> StationPlan:
    points = {point.code: _point_plan(point, plan, rules) for point in station.points}
    channels = {c.key: c for point in points.values() for c in point.channels}
    town = plan.towns.get(station.town_code, Headline(zh="监测系统", en="Monitor"))
    return StationPlan(station, town, plan.district_code, plan_id, points, channels)


def _point_plan(point: Point, plan: Plan, rules: dict[str, Rule]) -> PointPlan:
    watching = (rules[rule_id] for rule_id in point.rules)
    channels = tuple(_channel(rule, point, plan) for rule in watching if rule.purpose == "alarm")
    beyond = math.nextafter(point.high, math.inf)
    judging = [judge for channel in channels for judge in (channel, channel.after) if judge is not None]
    return PointPlan(
        point=point,
        channels=channels,
        max_gap_ms=_max_gap_ms(point),
        quiet_from=max(point.low, *(_raw(c.quiet_from, c, HAIR) for c in judging), -math.inf),
        quiet_to=min(beyond, *(_raw(c.quiet_to, c, -HAIR) for c in judging), math.inf),
    )


def _raw(measured: float, channel: Channel, hair: float) -> float:
    """A limit in the point's unit, moved into the quiet side as far as rounding could matter."""
    if channel.rule.measure is Measure.VALUE:
        return measured
    return (measured - channel.shift + hair) / channel.scale


def _channel(rule: Rule, point: Point, plan: Plan) -> Channel:
    usual = _limited(rule, point, plan, rule.comparators)
    own = next((o for o in point.overrides if o.rule_id == rule.rule_id), None)
    if own is None:
        return usual
    channel = _limited(rule, point, plan, own.comparators)
    return channel if own.expires is None else replace(channel, until=own.expires, after=usual)


def _limited(rule: Rule, point: Point, plan: Plan, comparators: tuple[Comparator, ...]) -> Channel:
    scale, shift = _measure(rule.measure, point)
    return Channel(
        key=f"{rule.rule_id}|{point.code}",
        rule=rule,
        point=point,
        comparators=comparators,
        fingerprint=_channel_fingerprint(rule, point, comparators),
        scale=scale,
        shift=shift,
        quiet_from=max((c.limit for c in comparators if c.side is Side.BELOW), default=-math.inf),
        quiet_to=min((c.limit for c in comparators if c.side is Side.ABOVE), default=math.inf),
        gate=None if rule.gate is None else plan.calendars[rule.gate],
        max_gap_ms=_max_gap_ms(point),
    )


def _measure(measure: Measure, point: Point) -> tuple[float, float]:
    if measure is Measure.VALUE:
        return 1.0, 0.0
    if point.reference is None or point.reference <= 0:
        raise ValueError(f"point {point.code} has no positive reference for a percentage")
    shift = -100.0 if measure is Measure.PERCENT_FROM_REFERENCE else 0.0
    return 100.0 / point.reference, shift


def _channel_fingerprint(rule: Rule, point: Point, comparators: tuple[Comparator, ...]) -> str:
    return fingerprint_of(
        [
            rule.fingerprint,
            [asdict(comparator) for comparator in comparators],
            [point.unit, point.low, point.high, point.expected_every_s, point.report_mode],
            [point.life_safety, point.reference],
        ]
    )


def _max_gap_ms(point: Point) -> int:
    """Points that report on change hold their value: they have no gaps."""
    if point.report_mode == "on_change" or point.expected_every_s <= 0:
        return NEVER
    return MAX_GAP_INTERVALS * point.expected_every_s * 1000


def _with_clock_point(station: Station, rules: dict[str, Rule]) -> Station:
    if CLOCK_RULE not in rules:
        return station
    name = Headline(zh="设备时钟偏差", en="device clock error")
    clock = _builtin_point(CLOCK_POINT, name, "s", CLOCK_RULE)
    return replace(station, points=(*station.points, clock))


def _control_station(partition: int, rules: dict[str, Rule]) -> Station:
    key = control_key(partition)
    share = _builtin_point(
        REJECT_POINT, Headline(zh="拒收比例", en="share of rejected records"), "%", REJECT_RULE
    )
    return Station(
        station_id=key,
        kind="control",
        system="monitor",
        town_code="",
        owner_org="centre",
        name=Headline(zh=f"事件分区{partition}", en=f"events partition {partition}"),
        lat=None,
        lon=None,
        virtual=True,
        points=(share,) if REJECT_RULE in rules else (),
    )


def _builtin_point(code: str, name: Headline, unit: str, rule_id: str) -> Point:
    return Point(
        code=code,
        name=name,
        unit=unit,
        low=-math.inf,
        high=math.inf,
        expected_every_s=0,
        report_mode="periodic",
        life_safety=False,
        reference=None,
        rules=(rule_id,),
    )
