"""Arranges a plan for judging: limits, gates, schedules and quiet intervals are resolved once."""

import math
from collections.abc import Iterable
from dataclasses import asdict, replace
from itertools import chain

from schemas.base import SEVERITY_RANK, Bilingual
from schemas.kinds import OF_REPORTING, VALUES, Measure, Side
from schemas.plan import Comparator, Plan, Point, Rule, Share, Station, fingerprint_of
from schemas.topics import EVENT_PARTITIONS
from services.rules.builtin import STATION_POINT, builtin_point, control_station, with_clock_point
from services.rules.judging_plan import (
    NEVER,
    Channel,
    Intervals,
    JudgingPlan,
    Level,
    PointPlan,
    StationPlan,
)
from services.rules.kinds import own

MAX_GAP_INTERVALS = 3
"""A point unheard for more than this many of its intervals has a gap (DESIGN 2.2)."""
BRIDGE_INTERVALS, MIN_BRIDGE_MS, LIFE_SAFETY_BRIDGE_MS = 12, 3_600_000, 24 * 3_600_000
"""Usable readings that agree count as lasting across gaps of that (JUDGING 5)."""
STALE_MS = 600_000
"""A frame whose newest scan is older than this, and two intervals, is late, or of a clock that is behind."""
HEARD_WITHIN_MS = 600_000
"""A reading that is at most this old, or three of its intervals, proves that its point reports."""
TOLERANCE = 1e-6
"""Of the largest number that a comparison rests on: far above rounding, far below what any rule distinguishes
(JUDGING 7)."""
HAIR = 1e-9
"""Of a limit in the point's unit: what turning it from a percentage may lose."""
STATION_NAME = Bilingual(zh="全站", en="all points")
MONITOR = Bilingual(zh="监测系统", en="Monitor")
"""Where the control stations are."""


def arrange(plan: Plan, plan_id: str) -> JudgingPlan:
    """The plan by station, with the built-in ones.

    Raises:
        KeyError: it names a rule, calendar or town that it lacks (the compiler's bug).
        ValueError: a percentage without a positive reference.
    """
    rules = {rule.rule_id: rule for rule in plan.rules}
    stations = chain(
        (with_clock_point(station, rules) for station in plan.stations),
        (control_station(partition, rules) for partition in range(EVENT_PARTITIONS)),
    )
    arranged = {s.station_id: _station_plan(s, plan, plan_id, rules) for s in stations}
    return JudgingPlan(plan_id, plan, arranged)


def _station_plan(station: Station, plan: Plan, plan_id: str, rules: dict[str, Rule]) -> StationPlan:
    points = {point.code: _point_plan(point, station, plan, rules) for point in station.points}
    expected = {code: point for code, point in points.items() if point.silent_after_ms < NEVER}
    silence = _station_channel(expected.values()) if len(expected) > 1 else None
    channels = {c.key: c for point in points.values() for c in point.all_channels}
    if silence is not None:
        channels[silence.key] = silence
    twice_quickest_ms = 2_000 * min((one.point.expected_every_s for one in expected.values()), default=0)
    computed = tuple(point for point in points.values() if point.point.computed is not None)
    return StationPlan(
        station=station,
        town=plan.towns.get(station.town_code, MONITOR),
        district_code=plan.district_code,
        plan_id=plan_id,
        points=points,
        channels=channels,
        expected=expected,
        computed=computed,
        is_scheduled=any(point.expected_in for point in computed),
        silence=silence,
        stale_after_ms=max(STALE_MS, twice_quickest_ms),
        twice_quickest_ms=twice_quickest_ms,
    )


def _point_plan(point: Point, station: Station, plan: Plan, rules: dict[str, Rule]) -> PointPlan:
    watching = [rules[rule_id] for rule_id in point.rules]
    comes_every_ms = 1_000 * max(point.expected_every_s, station.upload_every_s or 0)
    made = [_channel(rule, point, plan) for rule in watching if rule.purpose == "alarm"]
    gates = [channel.gate for channel in made if channel.gate is not None]
    made = [replace(one, gate=_meeting(gates)) if _is_of_use(one) else one for one in made]
    channels = tuple(channel for channel in made if channel.rule.measure not in OF_REPORTING)
    silence = _of(made, Measure.INTERVALS_MISSED)
    quiet_from, quiet_to = _quiet(point, channels)
    return PointPlan(
        point=point,
        channels=channels,
        silence=silence,
        quality=_of(made, Measure.BAD_SCANS),
        calibration=_of(made, Measure.DAYS_PAST_CALIBRATION),
        max_gap_ms=_max_gap_ms(point),
        comes_every_ms=comes_every_ms,
        silent_after_ms=_silent_after_ms(point, silence, comes_every_ms),
        heard_within_ms=max(HEARD_WITHIN_MS, MAX_GAP_INTERVALS * point.expected_every_s * 1000),
        keeps_runs=any(channel.keeps_runs for channel in channels),
        ends=_dangerous_ends(channels),
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        expected_in=_expected_in(point, plan),
    )


def _is_of_use(channel: Channel) -> bool:
    """A stuck reading is looked for only while the point is of use to all of its rules."""
    return channel.rule.measure is Measure.SPANS_UNCHANGED


def _meeting(gates: list[Intervals]) -> Intervals | None:
    """When all are open."""
    if not gates:
        return None
    met = gates[0]
    for gate in gates[1:]:
        both = ((max(a, c), min(b, d)) for a, b in met for c, d in gate)
        met = tuple(sorted((start, end) for start, end in both if start < end))
    return met


def _station_channel(expected: Iterable[PointPlan]) -> Channel | None:
    """The channel of a station that is silent as a whole: as urgent as its most urgent point's."""
    watched = [point for point in expected if point.silence is not None]
    if not watched:
        return None
    model = next((point for point in watched if point.point.life_safety), watched[0]).silence
    assert model is not None
    point = builtin_point(STATION_POINT, STATION_NAME, model.rule.unit, model.rule.rule_id)
    return replace(model, key=f"{model.rule.rule_id}|{STATION_POINT}", point=point)


def _of(channels: Iterable[Channel], measure: Measure) -> Channel | None:
    return next((channel for channel in channels if channel.rule.measure is measure), None)


def _dangerous_ends(channels: Iterable[Channel]) -> tuple[bool, bool]:
    """Whether levels of life safety lie below, and above."""
    levels = [level for channel in channels if channel.rule.life_safety for level in channel.levels]
    sides = {level.side for level in levels}
    return Side.BELOW in sides, Side.ABOVE in sides


def _quiet(point: Point, channels: Iterable[Channel]) -> tuple[float, float]:
    """Values that need no judging; none where a window or schedule looks at every one, or states are read."""
    judging = [judge for channel in channels for judge in (channel, channel.after) if judge is not None]
    if point.states or not all(channel.is_plain for channel in judging):
        return math.inf, -math.inf
    beyond = math.nextafter(point.high, math.inf)
    return (
        max(point.low, *(_raw(c.quiet_from, c, HAIR) for c in judging), -math.inf),
        min(beyond, *(_raw(c.quiet_to, c, -HAIR) for c in judging), math.inf),
    )


def _raw(measured: float, channel: Channel, hair: float) -> float:
    """A limit in the point's unit, moved into the quiet side as far as rounding could matter."""
    if (channel.scale, channel.shift) == (1.0, 0.0) or math.isinf(measured):
        return measured
    raw = (measured - channel.shift) / channel.scale
    return raw + hair * abs(raw)


def _channel(rule: Rule, point: Point, plan: Plan) -> Channel:
    special = next((v.comparators for v in point.variants if v.rule_id == rule.rule_id), rule.comparators)
    usual = _limited(rule, point, plan, special)
    own = next((o for o in point.overrides if o.rule_id == rule.rule_id), None)
    if own is None:
        return usual
    channel = _limited(rule, point, plan, own.comparators)
    return channel if own.expires is None else replace(channel, until=own.expires, after=usual)


def _limited(rule: Rule, point: Point, plan: Plan, comparators: tuple[Comparator, ...]) -> Channel:
    scale, shift = _scaled(rule.measure, point)
    levels = tuple(_level(one, _tolerance(rule, point, one, scale)) for one in comparators)
    scheduled = point.schedule if rule.measure is Measure.PERCENT_FROM_SCHEDULE else ()
    return Channel(
        key=f"{rule.rule_id}|{point.code}",
        rule=rule,
        point=point,
        levels=levels,
        fingerprint=_fingerprint(rule, point, comparators),
        scale=scale,
        shift=shift,
        quiet_from=max((level.limit for level in levels if level.side is Side.BELOW), default=-math.inf),
        quiet_to=min((level.limit for level in levels if level.side is Side.ABOVE), default=math.inf),
        gate=None if rule.gate is None else plan.calendars[rule.gate],
        schedule=tuple((plan.calendars[one.gate], one.share) for one in scheduled),
        max_gap_ms=_max_gap_ms(point),
        bridge_ms=_bridge_ms(rule, point),
        own_measure=own(rule.kind, "measure"),
        own_words=own(rule.kind, "words"),
    )


def _operand(rule: Rule, point: Point) -> float:
    """The largest number, in the rule's unit, of which the rule's measure is a difference; 0: it is none."""
    if rule.measure in (Measure.PERCENT_FROM_REFERENCE, Measure.PERCENT_FROM_SCHEDULE):
        return 100.0
    ends = [abs(end) for end in (point.low, point.high) if math.isfinite(end)]
    return max(ends, default=0.0) * abs(rule.rate.factor) if rule.rate is not None else 0.0


def _tolerance(rule: Rule, point: Point, comparator: Comparator, scale: float) -> float:
    """Half a step of the point's readings, or else what rounding may lose (JUDGING 7)."""
    if point.resolution is not None and rule.measure in VALUES:
        return abs(scale) * point.resolution / 2
    return TOLERANCE * max(abs(comparator.limit), abs(comparator.clear), _operand(rule, point))


def _level(comparator: Comparator, tolerance: float) -> Level:
    """A limit with its tolerance."""
    return Level(
        shown=comparator,
        side=comparator.side,
        rank=SEVERITY_RANK[comparator.severity],
        limit=comparator.limit - tolerance,
        clear=comparator.clear - tolerance,
    )


def _bridge_ms(rule: Rule, point: Point) -> int:
    """A value that holds has no gaps, and people look when they look."""
    if _max_gap_ms(point) == NEVER:
        return NEVER
    if rule.life_safety:
        return LIFE_SAFETY_BRIDGE_MS
    return max(MIN_BRIDGE_MS, BRIDGE_INTERVALS * point.expected_every_s * 1000)


def _scaled(measure: Measure, point: Point) -> tuple[float, float]:
    if measure is Measure.PERCENT_OF_REFERENCE:
        shift = 0.0
    elif measure in (Measure.PERCENT_FROM_REFERENCE, Measure.PERCENT_FROM_SCHEDULE):
        shift = -100.0
    else:
        return 1.0, 0.0
    if point.reference is None or point.reference <= 0:
        raise ValueError(f"point {point.code} has no positive reference for a percentage")
    return 100.0 / point.reference, shift


def _fingerprint(rule: Rule, point: Point, comparators: tuple[Comparator, ...]) -> str:
    behaviour: list[object] = [
        rule.fingerprint,
        [asdict(comparator) for comparator in comparators],
        [point.unit, point.low, point.high, point.expected_every_s, point.report_mode],
        [point.life_safety, point.reference],
    ]
    if point.computed is not None:
        behaviour.append(asdict(point.computed))
    if point.resolution is not None:
        behaviour.append(["resolution", point.resolution])
    if rule.measure is Measure.SPANS_UNCHANGED and point.flatline is not None:
        behaviour.append(asdict(point.flatline))
    if rule.measure is Measure.PERCENT_FROM_SCHEDULE:
        behaviour.append([asdict(one) for one in point.schedule])
    return fingerprint_of(behaviour)


def _max_gap_ms(point: Point) -> int:
    """A point that reports on change holds its value, and people look when they look: no gaps."""
    if point.report_mode in ("on_change", "inspected") or point.expected_every_s <= 0:
        return NEVER
    return MAX_GAP_INTERVALS * point.expected_every_s * 1000


def _silent_after_ms(point: Point, silence: Channel | None, comes_every_ms: int) -> int:
    """As many intervals as the mildest limit of a rule says; never, if it is computed or inspected."""
    if point.computed is not None or point.report_mode == "inspected" or point.expected_every_s <= 0:
        return NEVER
    intervals = MAX_GAP_INTERVALS if silence is None else min(one.shown.limit for one in silence.levels)
    return round(intervals * comes_every_ms)


def _expected_in(point: Point, plan: Plan) -> dict[str, Intervals]:
    if not isinstance(point.computed, Share):
        return {}
    return {m.point: plan.calendars[m.expected] for m in point.computed.members if m.expected is not None}
