"""Faults for simulated stations, made of their disturbances alone."""

from schemas.base import Bilingual
from simulators.faults.fault import ExpectedAlert, Fault
from simulators.networks.disturbances import Disturbance, Envelope, How


def envelope(begins: int, *, rise: int = 0, hold: int = 0, fall: int = 0) -> Envelope:
    """An envelope in ms."""
    return Envelope(begins=begins, rises_ms=rise, holds_ms=hold, falls_ms=fall)


def fault(
    *disturbances: Disturbance, fault_id: str = "test:fault:0", expected: tuple[ExpectedAlert, ...] = ()
) -> Fault:
    """A fault at the station of its first disturbance, from that one's begin."""
    return Fault(
        fault_id=fault_id,
        name=fault_id.split(":")[1],
        scene=fault_id.split(":")[0],
        template="test",
        nature="physical",
        what=Bilingual(zh="故障", en="a fault"),
        station=disturbances[0].station,
        source="gw-test",
        begins=disturbances[0].envelope.begins,
        disturbances=disturbances,
        expected=expected,
    )


def disturbed(
    station: str, code: str | None, how: How, when: Envelope, amount: float | None = None
) -> Disturbance:
    """A disturbance of one point, or of the whole station."""
    return Disturbance(station=station, code=code, how=how, envelope=when, amount=amount)
