"""The two plans of the golden log: the shipped city cut small, and the same with changes of every sort."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from support.engine_log import MINUTE
from support.golden_city import compiled
from support.golden_people import public_keys
from support.monitor_city import Sent

from schemas.city.files import City
from schemas.headers import ce_headers, time_ms
from schemas.outputs import PLAN_PART
from schemas.plan import PLAN_PART_BYTES, LimitOverride, Plan, Point, Rule, plan_bytes, plan_id

BEGIN = time_ms("2026-01-13T06:45:00+08:00")
"""Before the lamps go off, the UTC day changes and the first inspection is made."""
NEW_PLAN_MIN = 96
REMOVED = "gas-110118001-0064"
OVERRIDDEN = ("water-110118001-0009", "pressure_mpa")
CALIBRATED = {("gas-110118001-0008", "ch4_pct_lel"): -100, ("gas-110118001-0009", "ch4_pct_lel"): 115}
"""When calibrations are due by the second plan, in minutes."""


def plans(city: City, stations: Collection[str]) -> tuple[Plan, Plan]:
    """The plan that the golden log begins with, and the one that takes over."""
    first = compiled(city, stations, keys=public_keys(BEGIN))
    return first, _second(_moved(city), first)


def records(*published: Plan) -> list[Sent]:
    """The plans as they stand in the topic."""
    sent = (part for plan in published for part in _parts(plan))
    return [replace(part, offset=number) for number, part in enumerate(sent)]


def _parts(plan: Plan) -> Iterator[Sent]:
    serialised = plan_bytes(plan)
    name = plan_id(serialised)
    slices = [serialised[n : n + PLAN_PART_BYTES] for n in range(0, len(serialised), PLAN_PART_BYTES)]
    for number, part in enumerate(slices):
        key = f"{name}:{number}/{len(slices)}".encode()
        headers = ce_headers(PLAN_PART, "publisher", f"{name}:{number}")
        yield Sent(key, part, headers, 0, timestamp=BEGIN - MINUTE)


def _moved(city: City) -> City:
    """Other limits: of methane, of a rate, of a mean; and no rule about batteries any more."""
    limits = {
        "gas.chamber_lel": ("warn", 12.0),
        "heat.pri_makeup": ("notice", 0.45),
        "heat.sec_makeup": ("notice", 0.3),
        "water.turbidity": ("warn", 0.9),
    }
    rules = []
    for placed in city.rules:
        rule = placed.item
        if rule.id == "any.battery":
            continue
        if rule.id in limits:
            level, limit = limits[rule.id]
            moved = {**rule.levels, level: rule.levels[level].model_copy(update={"limit": limit})}
            placed = replace(placed, item=rule.model_copy(update={"levels": moved}))
        rules.append(placed)
    return replace(city, rules=tuple(rules))


def _second(city: City, first: Plan) -> Plan:
    """The plan of the second half: a station less, one that is virtual, limits of a point that expire."""
    kept = [station.station_id for station in first.stations if station.station_id != REMOVED]
    plan = compiled(city, kept, keys=first.keys)
    own = _own_limits(next(rule for rule in plan.rules if rule.rule_id == "water.end_pressure"))
    stations = tuple(
        replace(one, points=tuple(_changed(one.station_id, point, own) for point in one.points))
        for one in plan.stations
    )
    virtual = replace(stations[-1], station_id="weather-virtual-1", virtual=True)
    return replace(plan, stations=(*stations, virtual))


def _own_limits(rule: Rule) -> LimitOverride:
    higher = (replace(one, limit=one.limit + 0.3, clear=one.clear + 0.3) for one in rule.comparators)
    return LimitOverride(
        rule_id=rule.rule_id,
        comparators=tuple(higher),
        reason="golden",
        approver="water-chief-engineer",
        expires=BEGIN + (NEW_PLAN_MIN + 20) * MINUTE,
    )


def _changed(station: str, point: Point, own: LimitOverride) -> Point:
    place = station, point.code
    if place == OVERRIDDEN:
        return replace(point, overrides=(own,))
    if place in CALIBRATED:
        return replace(point, calibration_due=BEGIN + CALIBRATED[place] * MINUTE)
    return point
