"""City -> plan: selectors, limits, gates and fingerprints resolved. The same files give the same bytes."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from zoneinfo import ZoneInfo

from schemas.alerts import Headline
from schemas.base import Bilingual
from schemas.city import City, OverrideFile, PointChange, PointFile, RuleFile, StationFile, StationType
from schemas.plan import (
    PLAN_FORMAT,
    LimitOverride,
    Plan,
    Point,
    PublicKey,
    Rule,
    Station,
    fingerprint_of,
)
from services.plans.calendars import expiry_ms, gate_intervals, gate_name
from services.plans.levels import comparators, own_levels
from services.plans.selection import own_point, watches

MINUTE_MS = 60_000
BEHAVIOUR = (
    "kind",
    "measure",
    "purpose",
    "life_safety",
    "unit",
    "comparators",
    "gate",
    "latch",
    "re_alarm_ms",
    "reoccurrence_ms",
)
"""The fields of a rule that change what it does; words, sources and a gate's next season do not."""


def compile_city(city: City, *, keys: Sequence[PublicKey]) -> Plan:
    """The plan of a city without mistakes (``services.plans.lint`` finds them).

    Raises:
        KeyError: the city has mistakes.
    """
    zone = ZoneInfo(city.district.time_zone)
    rules = [placed.item for placed in city.rules]
    calendars = {placed.item.calendar: placed.item for placed in city.calendars}
    gates = {gate_name(rule.gate): rule.gate for rule in rules if rule.gate is not None}
    intervals = {
        name: gate_intervals(gate, calendars[gate.calendar], zone) for name, gate in sorted(gates.items())
    }
    types = {placed.item.type: placed.item for placed in city.station_types}
    stations = sorted((placed.item for placed in city.stations), key=lambda station: station.id)
    return Plan(
        format=PLAN_FORMAT,
        district_code=city.district.code,
        towns={placed.item.code: _words(placed.item.name) for placed in city.towns},
        rules=tuple(_rule(rule) for rule in sorted(rules, key=lambda rule: rule.id)),
        stations=tuple(_station(s, types[s.type], rules, zone) for s in stations),
        calendars=intervals,
        keys=tuple(sorted(keys, key=lambda key: (key.signer, key.key_id))),
    )


def _rule(rule: RuleFile) -> Rule:
    gate = None if rule.gate is None else gate_name(rule.gate)
    compiled = Rule(
        rule_id=rule.id,
        kind=rule.kind,
        measure=rule.measure,
        purpose=rule.purpose,
        life_safety=rule.life_safety,
        unit=rule.unit,
        comparators=comparators(rule, rule.levels),
        gate=gate,
        latch=rule.latch,
        re_alarm_ms=None if rule.re_alarm_min is None else round(rule.re_alarm_min * MINUTE_MS),
        reoccurrence_ms=round(rule.reoccurrence_min * MINUTE_MS),
        title=_words(rule.title),
        guidance=_words(rule.guidance),
        source=rule.source,
        source_status=rule.source_status,
        fingerprint="",
    )
    fields = asdict(compiled)
    behaviour = {name: fields[name] for name in BEHAVIOUR}
    return replace(compiled, fingerprint=fingerprint_of(behaviour))


def _station(station: StationFile, kind: StationType, rules: Sequence[RuleFile], zone: ZoneInfo) -> Station:
    return Station(
        station_id=station.id,
        kind=station.type,
        system=kind.system,
        town_code=station.town,
        owner_org=station.owner,
        name=_words(station.name),
        lat=station.lat,
        lon=station.lon,
        virtual=False,
        points=tuple(
            _point(
                own_point(point, change),
                [rule for rule in rules if watches(rule, kind, point)],
                overrides=change.overrides,
                zone=zone,
            )
            for point in kind.points
            for change in (station.points.get(point.code, PointChange()),)
        ),
    )


def _point(
    point: PointFile, watching: Sequence[RuleFile], *, overrides: Sequence[OverrideFile], zone: ZoneInfo
) -> Point:
    low, high = point.range
    by_id = {rule.id: rule for rule in watching}
    return Point(
        code=point.code,
        name=_words(point.name),
        unit=point.unit,
        low=float(low),
        high=float(high),
        expected_every_s=point.every_s,
        report_mode=point.mode,
        life_safety=point.life_safety,
        reference=point.reference,
        rules=tuple(sorted(by_id)),
        overrides=tuple(_override(override, by_id[override.rule], zone) for override in overrides),
    )


def _override(override: OverrideFile, rule: RuleFile, zone: ZoneInfo) -> LimitOverride:
    return LimitOverride(
        rule_id=rule.id,
        comparators=comparators(rule, own_levels(rule, override)),
        reason=override.reason,
        approver=override.approver,
        expires=expiry_ms(override, zone),
    )


def _words(name: Bilingual) -> Headline:
    return Headline(zh=name.zh, en=name.en)
