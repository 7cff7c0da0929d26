"""Stations and their points as the plan has them: type, station's own, variants and overrides resolved."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from schemas.city.rules import RuleFile
from schemas.city.stations import OverrideFile, PointChange, PointFile, StationFile, StationType
from schemas.plan import Flatline, LimitOverride, Member, Point, Ratio, Scheduled, Share, Station, Variant
from services.plans.compile.calendars import end_of_day_ms, gate_name
from services.plans.compile.comparators import comparators, own_levels
from services.plans.compile.selectors import own_point, usual_levels, watches_own


def compile_station(
    station: StationFile, kind: StationType, rules: Sequence[RuleFile], zone: ZoneInfo
) -> Station:
    """A station of a type, with its points and, by each, the rules that watch it.

    Raises:
        KeyError: an override is of a rule that does not watch its point.
    """
    return Station(
        station_id=station.id,
        kind=station.type,
        system=kind.system,
        town_code=station.town,
        owner_org=station.owner,
        name=station.name,
        lat=station.lat,
        lon=station.lon,
        virtual=False,
        points=tuple(_station_point(station, kind, point, rules, zone) for point in kind.points),
        address=station.address,
        landmark=station.landmark,
        duty_phone=station.duty_phone,
        access_note=station.access_note,
        protection_zone=station.protection_zone,
        traits=tuple(sorted(station.traits)),
        road=station.road,
        serves_people=station.serves_people,
        serves_m2=station.serves_m2,
        upload_every_s=station.upload_every_s,
    )


def _station_point(
    station: StationFile, kind: StationType, point: PointFile, rules: Sequence[RuleFile], zone: ZoneInfo
) -> Point:
    change = station.points.get(point.code, PointChange())
    watching = {rule.id: rule for rule in rules if watches_own(rule, kind, point, change)}
    own = own_point(point, change)
    low, high = own.range
    due = change.calibration_due
    return Point(
        code=own.code,
        name=own.name,
        unit=own.unit,
        low=float(low),
        high=float(high),
        expected_every_s=own.every_s,
        report_mode=own.mode,
        life_safety=own.life_safety,
        reference=own.reference,
        rules=tuple(sorted(watching)),
        overrides=tuple(
            _override(override, watching[override.rule], station, own, zone=zone)
            for override in change.overrides
        ),
        variants=_variants(watching.values(), station, own),
        states=dict(sorted(own.states.items())),
        computed=_computed(own),
        schedule=tuple(Scheduled(gate=gate_name(one), share=float(one.share)) for one in own.schedule),
        calibration_due=None if due is None else end_of_day_ms(due, zone),
        resolution=own.resolution,
        flatline=_flatline(own),
    )


def _flatline(point: PointFile) -> Flatline | None:
    stated = point.flatline
    return None if stated is None else Flatline(least=stated.least, within_ms=1_000 * stated.within_s)


def _variants(watching: Iterable[RuleFile], station: StationFile, point: PointFile) -> tuple[Variant, ...]:
    usual = ((rule, usual_levels(rule, station, point)) for rule in watching)
    special = ((rule, levels) for rule, levels in usual if levels is not rule.levels)
    made = (Variant(rule_id=rule.id, comparators=comparators(rule, levels)) for rule, levels in special)
    return tuple(sorted(made, key=lambda variant: variant.rule_id))


def _override(
    override: OverrideFile, rule: RuleFile, station: StationFile, point: PointFile, *, zone: ZoneInfo
) -> LimitOverride:
    levels = own_levels(usual_levels(rule, station, point), override.levels)
    return LimitOverride(
        rule_id=rule.id,
        comparators=comparators(rule, levels),
        reason=override.reason,
        approver=override.approver,
        expires=None if override.expires is None else end_of_day_ms(override.expires, zone),
    )


def _computed(point: PointFile) -> Ratio | Share | None:
    if point.ratio is not None:
        return Ratio(part=point.ratio.part, whole=point.ratio.whole)
    if point.share is None:
        return None
    expected = {code: gate_name(phases) for code, phases in point.share.expected.items()}
    members = tuple(Member(point=code, expected=expected.get(code)) for code in point.share.points)
    return Share(members=members, state=point.share.state)
