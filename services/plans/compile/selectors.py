"""What a rule watches, where it has other limits, and what a station's point is with its own changes in."""

from schemas.city.rules import RuleFile, VariantFile
from schemas.city.stations import PointChange, PointFile, StationFile, StationType
from schemas.kinds import Measure
from services.plans.compile.comparators import Levels, measure_of, own_levels

PROTECTION_ZONE = "protection_zone"
"""The trait that a station has by its field of that name."""


def is_reported(point: PointFile) -> bool:
    """Whether devices report the point: neither computed nor told by people."""
    return point.ratio is None and point.share is None and point.mode != "inspected"


def watches(rule: RuleFile, kind: StationType, point: PointFile) -> bool:
    """Whether a rule watches a point of stations of this type."""
    if rule.stations and kind.type not in rule.stations:
        return False
    return is_reported(point) if rule.every_point else point.code in rule.points


def watches_own(rule: RuleFile, kind: StationType, point: PointFile, change: PointChange) -> bool:
    """Whether it watches the point at a station: nobody asks about a calibration that is never due."""
    undated = measure_of(rule) is Measure.DAYS_PAST_CALIBRATION and change.calibration_due is None
    return watches(rule, kind, point) and not undated


def traits_of(station: StationFile) -> frozenset[str]:
    """What sets the station apart."""
    return frozenset((*station.traits, PROTECTION_ZONE) if station.protection_zone else station.traits)


def fits(variant: VariantFile, station: StationFile, point: PointFile) -> bool:
    """Whether all that the variant asks for holds."""
    return (
        (not variant.stations or station.type in variant.stations)
        and traits_of(station).issuperset(variant.traits)
        and variant.life_safety in (None, point.life_safety)
    )


def usual_levels(rule: RuleFile, station: StationFile, point: PointFile) -> Levels:
    """The rule's levels on a point before the point's own: with the first variant that fits."""
    variant = next((one for one in rule.variants if fits(one, station, point)), None)
    return rule.levels if variant is None else own_levels(rule.levels, variant.levels)


def own_point(point: PointFile, change: PointChange) -> PointFile:
    """The type's point with the station's own interval, reference and range."""
    own = {"every_s": change.every_s, "reference": change.reference, "range": change.range}
    return point.model_copy(update={name: value for name, value in own.items() if value is not None})
