"""The parts of faults: the points that a fault moves, where, and how much less further away."""

from dataclasses import dataclass

from simulators.faults.topology import Where
from simulators.networks.disturbances import How

PLACE_POINT = "@"
"""Code of a move: the point that the scene names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Points that a fault moves at stations of the city.

    ``code`` may end with ``*`` (all that begin so); None is the whole station. The amount is ``times_size`` x
    the fault's size, unless ``amount`` is given; without both there is none. ``kinds``: only at stations of
    these kinds. Per link it becomes ``fade`` times as strong and ``later_s`` later, per kilometre ``fade_km``
    times as strong; ``lingers_s`` it stays on after the fault has ended.
    """

    code: str | None
    how: How
    amount: float | None = None
    times_size: float = 1.0
    where: Where = Where.HERE
    kinds: tuple[str, ...] = ()
    hops: int = 1
    fade: float = 1.0
    fade_km: float = 1.0
    later_s: float = 0.0
    lingers_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A sort of fault. ``needs``: points that its place must have; the first is its own point.

    ``size`` is in the unit of ``needs[0]``, unless it is said otherwise beside it. Its words: ``words.py``.
    """

    moves: tuple[Move, ...]
    needs: tuple[str, ...] = ()
    size: float | None = None


def to(code: str, amount: float, **more: object) -> Move:
    """Points move to an amount."""
    return Move(code=code, how=How.TO, amount=amount, **more)  # type: ignore[arg-type]


def add(code: str, times_size: float, **more: object) -> Move:
    """So many times the fault's size is added."""
    return Move(code=code, how=How.ADD, times_size=times_size, **more)  # type: ignore[arg-type]


def to_size(code: str, times_size: float = 1.0, **more: object) -> Move:
    """Points move to so many times the fault's size."""
    return Move(code=code, how=How.TO, times_size=times_size, **more)  # type: ignore[arg-type]


def times(code: str, factor: float, **more: object) -> Move:
    """Points are multiplied."""
    return Move(code=code, how=How.TIMES, amount=factor, **more)  # type: ignore[arg-type]


def state(code: str, value: int, **more: object) -> Move:
    """Points are in a state, or at once at a value."""
    return Move(code=code, how=How.SET, amount=value, **more)  # type: ignore[arg-type]
