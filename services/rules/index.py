"""A plan arranged for judging: by station and point, with limits and gates resolved once."""

from dataclasses import dataclass
from itertools import chain
from typing import Self

from schemas.alerts import Headline
from schemas.partition import EVENT_PARTITIONS
from schemas.plan import Plan, Rule, Station
from services.rules.arranged import NEVER, StationPlan
from services.rules.builtin import control_station, with_clock_point
from services.rules.channel_plan import point_plan, station_channel

MONITOR = Headline(zh="监测系统", en="Monitor")
"""Where the control stations are."""


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
            (with_clock_point(station, rules) for station in plan.stations),
            (control_station(partition, rules) for partition in range(EVENT_PARTITIONS)),
        )
        indexed = {s.station_id: _station_plan(s, plan, plan_id, rules) for s in stations}
        return cls(plan_id, plan, indexed)


def _station_plan(station: Station, plan: Plan, plan_id: str, rules: dict[str, Rule]) -> StationPlan:
    points = {point.code: point_plan(point, plan, rules) for point in station.points}
    expected = {code: point for code, point in points.items() if point.silent_after_ms < NEVER}
    silence = station_channel(expected.values()) if len(expected) > 1 else None
    channels = {c.key: c for point in points.values() for c in point.all_channels}
    if silence is not None:
        channels[silence.key] = silence
    return StationPlan(
        station=station,
        town=plan.towns.get(station.town_code, MONITOR),
        district_code=plan.district_code,
        plan_id=plan_id,
        points=points,
        channels=channels,
        expected=expected,
        computed=tuple(point for point in points.values() if point.point.computed is not None),
        silence=silence,
        silent_after_ms=min((point.silent_after_ms for point in expected.values()), default=NEVER),
    )
