"""The times that a device with a faulty clock tells, and when it restarts."""

from simulators.networks.chance import Chance
from simulators.networks.disturbances import Disturbance, How, StationDisturbances
from simulators.networks.station import Scanned

STEP_MS = 1_200_000
"""A stepping clock steps so often."""
UNSET_SHARE = 0.25
"""Of the time between two restarts: so long the clock counts from 1970 until the device has the time."""


def stamp_of(scanned: Scanned, disturbances: StationDisturbances) -> int:
    """The time (epoch ms) that stands at a scan."""
    stamp = scanned.at if scanned.device_at is None else scanned.device_at
    for one in disturbances.by_point.get(None, ()):
        if one.envelope.within(scanned.at):
            stamp = _stamp(one, scanned.at, stamp)
    return stamp


def restarts(disturbances: StationDisturbances, at_ms: int) -> int:
    """How often the device has restarted; it changes where its numbers begin anew."""
    return sum(1 + _into(one, at_ms)[0] for one in disturbances.going_on(How.REBOOTS, None, at_ms))


def _stamp(one: Disturbance, at_ms: int, stamp: int) -> int:
    match one.how:
        case How.STANDS:
            return one.envelope.begins
        case How.STEPS:
            stream = Chance(one.envelope.begins, one.station).stream("steps")
            ahead = 2 * stream.uniform((at_ms - one.envelope.begins) // STEP_MS) - 1
            return stamp + round(ahead * (one.amount or 0.0)) * 1000
        case How.REBOOTS:
            _, since_ms, every_ms = _into(one, at_ms)
            return since_ms if since_ms < UNSET_SHARE * every_ms else stamp
    return stamp


def _into(one: Disturbance, at_ms: int) -> tuple[int, int, int]:
    """Number of the restart, the time since then and that between two (ms)."""
    every_ms = round((one.amount or 0.0) * 1000) or 1
    return *divmod(at_ms - one.envelope.begins, every_ms), every_ms
