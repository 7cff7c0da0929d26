"""Faults for simulated stations, made of their effects alone."""

from schemas.alerts import Headline
from simulators.faults.fault import Expected, Fault
from simulators.networks.effects import AnyEffect, Effect, How, Span


def span(begins: int, *, rise: int = 0, hold: int = 0, fall: int = 0) -> Span:
    """A span in ms."""
    return Span(begins=begins, rises_ms=rise, holds_ms=hold, falls_ms=fall)


def fault(*effects: AnyEffect, fault_id: str = "test:fault:0", expected: tuple[Expected, ...] = ()) -> Fault:
    """A fault at the station of its first effect, from that effect's begin."""
    return Fault(
        fault_id=fault_id,
        name=fault_id.split(":")[1],
        scene=fault_id.split(":")[0],
        template="test",
        nature="physical",
        what=Headline(zh="故障", en="a fault"),
        station=effects[0].station,
        begins=effects[0].span.begins,
        effects=effects,
        expected=expected,
    )


def moved(station: str, code: str, how: How, when: Span, amount: float | None = None) -> Effect:
    """An effect on one point."""
    return Effect(station=station, code=code, how=how, span=when, amount=amount)
