"""What a rule watches, and what a station's point is once its own changes are in."""

from schemas.city import PointChange, PointFile, RuleFile, StationType


def watches(rule: RuleFile, kind: StationType, point: PointFile) -> bool:
    """Whether a rule watches a point of stations of this type."""
    return point.code in rule.points and (not rule.stations or kind.type in rule.stations)


def own_point(point: PointFile, change: PointChange) -> PointFile:
    """The type's point with the station's own interval, reference and range."""
    own = {"every_s": change.every_s, "reference": change.reference, "range": change.range}
    return point.model_copy(update={name: value for name, value in own.items() if value is not None})
