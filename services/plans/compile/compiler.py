"""City -> plan: selectors, limits, gates and fingerprints resolved. The same files give the same bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from schemas.city.files import City, Placed
from schemas.city.places import KeyUserFile, ValveFile
from schemas.city.rules import RateFile, RuleFile
from schemas.city.stations import StationFile
from schemas.plan import (
    PLAN_FORMAT,
    KeyUser,
    Link,
    Plan,
    PublicKey,
    Rate,
    Rule,
    System,
    Valve,
    fingerprint_of,
)
from services.plans.compile.calendars import all_gates, gate_name
from services.plans.compile.comparators import comparators, measure_of
from services.plans.compile.stations import compile_station

MINUTE_MS = 60_000
WORDS = {"rule_id", "title", "guidance", "source", "source_status", "fingerprint"}
"""The fields of a rule that change nothing of what it does; neither does a gate's next season."""
NO_SETTINGS: tuple[str, object] = ("settings", {})
"""Not in a fingerprint: those of rules without settings stay what they were before there were any."""


def compile_city(city: City, *, keys: Sequence[PublicKey]) -> Plan:
    """The plan of a city without mistakes (``services.plans.lint`` finds them).

    Raises:
        KeyError: the city has mistakes.
    """
    zone = ZoneInfo(city.district.time_zone)
    rules = _sorted(city.rules)
    types = {placed.item.type: placed.item for placed in city.station_types}
    return Plan(
        format=PLAN_FORMAT,
        district_code=city.district.code,
        towns={placed.item.code: placed.item.name for placed in city.towns},
        rules=tuple(_rule(rule) for rule in rules),
        stations=tuple(
            compile_station(station, types[station.type], rules, zone) for station in _sorted(city.stations)
        ),
        calendars=all_gates(city, zone),
        keys=tuple(sorted(keys, key=lambda key: (key.signer, key.key_id))),
        links=_links(city),
        valves=tuple(
            Valve(valve_id=valve.id, system=valve.system, **_site(valve)) for valve in _sorted(city.valves)
        ),
        key_users=tuple(KeyUser(user_id=user.id, **_site(user)) for user in _sorted(city.key_users)),
        systems=tuple(System(system=placed.item.id, name=placed.item.name) for placed in city.systems),
        time_zone=city.district.time_zone,
    )


def _rule(rule: RuleFile) -> Rule:
    compiled = Rule(
        rule_id=rule.id,
        kind=rule.kind,
        measure=measure_of(rule),
        purpose=rule.purpose,
        life_safety=rule.life_safety,
        unit=rule.unit,
        comparators=comparators(rule, rule.levels),
        rate=None if rule.rate is None else _rate(rule.rate),
        mean_ms=None if rule.mean_s is None else rule.mean_s * 1000,
        worst_defects=tuple(sorted(rule.worst_defects)),
        settings=dict(rule.settings),
        gate=None if rule.gate is None else gate_name(rule.gate),
        latch=rule.latch,
        re_alarm_ms=None if rule.re_alarm_min is None else round(rule.re_alarm_min * MINUTE_MS),
        reoccurrence_ms=round(rule.reoccurrence_min * MINUTE_MS),
        title=rule.title,
        guidance=rule.guidance,
        source=rule.source,
        source_status=rule.source_status,
        fingerprint="",
    )
    fields = asdict(compiled).items()
    behaviour = {name: value for name, value in fields if name not in WORDS and (name, value) != NO_SETTINGS}
    return replace(compiled, fingerprint=fingerprint_of(behaviour))


def _rate(rate: RateFile) -> Rate:
    return Rate(
        direction=rate.direction,
        window_ms=rate.window_s * 1000,
        per_ms=rate.per_s * 1000,
        factor=rate.factor,
    )


def _links(city: City) -> tuple[Link, ...]:
    links = (
        Link(kind=link.kind, origin=link.origin, target=target, valve=link.valve)
        for link in (placed.item for placed in city.links)
        for target in link.to
    )
    return tuple(sorted(links, key=lambda link: (link.kind, link.origin, link.target)))


def _site(item: ValveFile | KeyUserFile) -> dict[str, Any]:
    """The fields that valves and key users share."""
    fields = {"kind": item.kind, "town_code": item.town, "lat": item.lat, "lon": item.lon}
    return {**fields, "name": item.name}


HasId = TypeVar("HasId", RuleFile, StationFile, ValveFile, KeyUserFile)


def _sorted(placed: Iterable[Placed[HasId]]) -> list[HasId]:
    """The items in order of their ids."""
    return sorted((one.item for one in placed), key=lambda item: item.id)
