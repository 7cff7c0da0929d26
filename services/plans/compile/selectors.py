"""Selects what a rule watches and where it has other limits; a station's point with its own changes in."""

from schemas.city.rules import RuleFile, VariantFile
from schemas.city.stations import PointChange, PointFile, StationFile, StationType
from schemas.kinds import Measure
from services.plans.compile.comparators import Levels, measure_of, own_levels

OWN_FIELDS = ("every_s", "reference", "range", "resolution", "flatline")
"""Fields in which a station's point may differ from its type's."""
PROTECTION_ZONE = "protection_zone"
"""The trait that a station has by its field of that name."""


def is_reported(point: PointFile) -> bool:
    """Says whether devices report the point: it is neither computed nor told by people."""
    return point.ratio is None and point.share is None and point.mode != "inspected"


def can_fail(rule: RuleFile, point: PointFile) -> bool:
    """Says whether a rule of reporting has something to look at: a device, or a ratio that may fail."""
    return is_reported(point) or (point.ratio is not None and measure_of(rule) is Measure.BAD_SCANS)


def watches(rule: RuleFile, kind: StationType, point: PointFile) -> bool:
    """Says whether a rule watches a point of stations of this type."""
    if rule.stations and kind.type not in rule.stations:
        return False
    return can_fail(rule, point) if rule.every_point else point.code in rule.points


def watches_own(rule: RuleFile, kind: StationType, point: PointFile, change: PointChange) -> bool:
    """Says whether it watches the point at a station: what its register does not state is never judged."""
    stated = {
        Measure.DAYS_PAST_CALIBRATION: change.calibration_due is not None,
        Measure.SPANS_UNCHANGED: own_point(point, change).flatline is not None,
    }
    return watches(rule, kind, point) and stated.get(measure_of(rule), True)


def traits_of(station: StationFile) -> frozenset[str]:
    """Returns what sets the station apart."""
    return frozenset((*station.traits, PROTECTION_ZONE) if station.protection_zone else station.traits)


def fits_type(variant: VariantFile, type_: str, point: PointFile) -> bool:
    """Says whether the variant is for points such as this of stations of the type."""
    return (not variant.stations or type_ in variant.stations) and (
        variant.life_safety in (None, point.life_safety)
    )


def fits(variant: VariantFile, station: StationFile, point: PointFile) -> bool:
    """Says whether all that the variant asks for holds."""
    return fits_type(variant, station.type, point) and traits_of(station).issuperset(variant.traits)


def usual_levels(rule: RuleFile, station: StationFile, point: PointFile) -> Levels:
    """The rule's levels on a point before the point's own: with the first variant that fits."""
    variant = next((one for one in rule.variants if fits(one, station, point)), None)
    return rule.levels if variant is None else own_levels(rule.levels, variant.levels)


def own_point(point: PointFile, change: PointChange) -> PointFile:
    """The type's point with what the station has of its own."""
    own = {name: getattr(change, name) for name in OWN_FIELDS}
    return point.model_copy(update={name: value for name, value in own.items() if value is not None})
