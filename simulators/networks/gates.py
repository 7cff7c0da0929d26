"""The plan's gates in the simulated city: intervals in which a season or a lamp schedule is on."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from simulators.networks.signal import Signal

Calendars = dict[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Gate:
    """[start, end) intervals in epoch ms, sorted."""

    intervals: tuple[tuple[int, int], ...]
    edges: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Lay the edges in a row: an odd number of them has passed while it is open."""
        object.__setattr__(self, "edges", tuple(chain.from_iterable(self.intervals)))

    def opened(self, at_ms: int) -> bool:
        """Whether it is open at ``at_ms``."""
        return bisect_right(self.edges, at_ms) % 2 == 1

    def open_share(self, at_ms: int, ramp_ms: int) -> float:
        """In [0, 1]: what begins to change at an edge has done so ``ramp_ms`` later."""
        passed = bisect_right(self.edges, at_ms)
        if passed == 0:
            return 0.0
        share = min(1.0, (at_ms - self.edges[passed - 1]) / ramp_ms)
        return share if passed % 2 else 1.0 - share


@dataclass(frozen=True, slots=True)
class Gated:
    """A state that is 1 while a gate is open; the station's own clock is up to ``late_ms`` late."""

    gate: Gate
    late_ms: int = 0

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """The state."""
        return float(self.gate.opened(at_ms - self.lag_ms(signal)))

    def changes(self, signal: Signal, after_ms: int, until_ms: int) -> Iterable[int]:
        """The edges."""
        lag = self.lag_ms(signal)
        edges = self.gate.edges
        passed = slice(bisect_right(edges, after_ms - lag), bisect_right(edges, until_ms - lag))
        return (edge + lag for edge in edges[passed])

    def lag_ms(self, signal: Signal) -> int:
        """Whole seconds that the station keeps for good."""
        return int((1 + signal.trait("late")) * self.late_ms / 2_000) * 1_000 if self.late_ms else 0
