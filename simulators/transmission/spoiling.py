"""Readings as a faulty instrument, cable or bus sends them: functions of the scan, without state."""

from collections.abc import Mapping

from schemas.plan import Point, Station
from simulators.networks.chance import Chance
from simulators.networks.disturbances import Disturbance, How, StationDisturbances
from simulators.transmission.packet import SentValues

ODD_VALUES: tuple[object, ...] = ("NaN", "ERR", True, "", "12,5")
FOREIGN = {"温度": 21.5, "?": 0}
"""Codes that no point of a city has."""
WANDERS_MS = 1_800_000
CUT_BELOW = 0.25
"""Of the span: 0 mA lies so far below 4 mA, where the range begins."""


def spoiled(
    values: Mapping[str, float | None],
    station: Station,
    disturbances: StationDisturbances,
    at_ms: int,
) -> SentValues:
    """What is sent instead of these values."""
    sent: dict[str, object] = dict(values)
    for code in values:
        for one in disturbances.by_point.get(code, ()):
            if not one.envelope.within(at_ms):
                continue
            if one.how is How.ODD:
                sent |= _odd(one, code, at_ms)
            else:
                sent[code] = _sent(one, _point(station, code), sent[code], at_ms)
    return sent


def _point(station: Station, code: str) -> Point:
    return next(point for point in station.points if point.code == code)


def _sent(one: Disturbance, point: Point, value: object, at_ms: int) -> object:
    match one.how:
        case How.RAW:
            return one.amount
        case How.CUT:
            return round(point.low - CUT_BELOW * (point.high - point.low), 4)
        case How.OFFSET if isinstance(value, float | int):
            drifted = Chance(one.envelope.begins, one.station).stream("offset", one.code)
            return round(value + (one.amount or 0.0) * drifted.wander(at_ms, WANDERS_MS), 4)
    return value


def _odd(one: Disturbance, code: str, at_ms: int) -> dict[str, object]:
    """A value that is none, and now and then a code that nobody knows."""
    stream = Chance(one.envelope.begins, one.station).stream("odd", code)
    if 100 * stream.uniform(at_ms) >= (one.amount or 0.0):
        return {}
    choice = stream.word(at_ms) % (len(ODD_VALUES) + 1)
    return dict(FOREIGN) if choice == len(ODD_VALUES) else {code: ODD_VALUES[choice]}
