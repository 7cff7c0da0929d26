"""Faults of instruments and of reporting, as data; a scene names the point that has them."""

from simulators.faults.templates import PLACE_POINT, Move, Template
from simulators.faults.topology import Where
from simulators.networks.disturbances import How

HOUR_S = 3_600


def _at_point(how: How, *, size: float | None = None) -> Template:
    """A fault of the point that the scene names."""
    return Template(size=size, moves=(Move(code=PLACE_POINT, how=how),))


INSTRUMENTAL: dict[str, Template] = {
    "stuck": _at_point(How.STUCK),
    "drift": _at_point(How.ADD, size=1.0),  # added at the end of its rise
    "spikes": _at_point(How.SPIKES, size=1.0),
    "noisy": _at_point(How.NOISE, size=1.0),
    "no_value": _at_point(How.NOTHING),
    "bad_quality": _at_point(How.BAD),
    "battery_low": Template(needs=("battery_pct",), size=15.0, moves=(Move(code=PLACE_POINT, how=How.TO),)),
    "dropout": _at_point(How.SILENT),
    "station_silent": Template(moves=(Move(code=None, how=How.SILENT),)),
    "gateway_down": Template(moves=(Move(code=None, how=How.SILENT, where=Where.GATEWAY),)),
    "clock_ahead": Template(size=8.0, moves=(Move(code=None, how=How.CLOCK, times_size=HOUR_S),)),  # hours
    "clock_reset": Template(moves=(Move(code=None, how=How.CLOCK),)),
    "repeated_frames": Template(size=2.0, moves=(Move(code=None, how=How.REPEATS),)),  # copies
}
