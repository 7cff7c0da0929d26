"""Which module models which network."""

from collections.abc import Mapping

from schemas.plan import Point, Station
from simulators.networks import gas, heating, lighting, sewer, water, weather
from simulators.networks.gates import Calendars
from simulators.networks.signal import Model

SYSTEMS = ("gas", "heating", "lighting", "sewer", "water", "weather")


def reported(point: Point) -> bool:
    """Whether a device reports the point: others are computed, or found by people."""
    return point.computed is None and point.report_mode != "inspected"


def models_of(station: Station, calendars: Calendars) -> Mapping[str, Model]:
    """The models of a station's points by code; none for a system that is not known."""
    match station.system:
        case "gas":
            return gas.MODELS
        case "heating":
            return heating.models(station, calendars)
        case "lighting":
            return lighting.models(station, calendars)
        case "sewer":
            return sewer.MODELS
        case "water":
            return {**water.MODELS, **water.PUMPS.get(station.kind, {})}
        case "weather":
            return weather.MODELS
    return {}
