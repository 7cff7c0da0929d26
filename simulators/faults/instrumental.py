"""Faults of instruments and of reporting, as data; a scene names the point that has them."""

from simulators.faults.templates import PLACE_POINT, Move, Template
from simulators.faults.topology import Where
from simulators.networks.disturbances import How

HOUR_S = 3_600
MINUTE_S = 60


def _at_point(how: How, *, size: float | None = None) -> Template:
    """A fault of the point that the scene names."""
    return Template(size=size, moves=(Move(code=PLACE_POINT, how=how),))


def _of_station(how: How, *, size: float | None = None, unit_s: float = 1.0) -> Template:
    """A fault of the station's device or of its way to us; ``unit_s``: what one of ``size`` is in seconds."""
    return Template(size=size, moves=(Move(code=None, how=how, times_size=unit_s),))


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
    "zero_drift": _at_point(How.OFFSET, size=0.5),
    "sentinel": _at_point(How.RAW, size=65_535.0),
    "cut_cable": _at_point(How.CUT),
    "odd_values": _at_point(How.ODD, size=60.0),  # of a hundred scans
    "dead_bus": Template(size=65_535.0, moves=(Move(code="*", how=How.RAW),)),
    "clock_ahead": _of_station(How.CLOCK, size=8.0, unit_s=HOUR_S),  # hours
    "clock_behind": _of_station(How.CLOCK, size=1.0, unit_s=-HOUR_S),  # hours
    "clock_reset": _of_station(How.CLOCK),
    "clock_steps": _of_station(How.STEPS, size=2.0, unit_s=HOUR_S),  # hours
    "clock_stands": _of_station(How.STANDS),
    "reboots": _of_station(How.REBOOTS, size=30.0, unit_s=MINUTE_S),  # minutes
    "repeated_frames": _of_station(How.REPEATS, size=2.0),  # copies
    "frames_again": _of_station(How.AGAIN, size=15.0, unit_s=MINUTE_S),  # minutes
    "swapped_frames": _of_station(How.OVERTAKES, size=90.0),  # seconds
    "lost_scans": _of_station(How.LOST, size=50.0),  # of a hundred
    "radio_delay": _of_station(How.DELAY, size=90.0),  # seconds
    "batches": _of_station(How.BATCH, size=30.0, unit_s=MINUTE_S),  # minutes
    "stored_first": _of_station(How.STORED),
    "stored_behind": _of_station(How.STORED_BEHIND),
    "two_devices": _of_station(How.TWIN, size=7.0),  # seconds
}
