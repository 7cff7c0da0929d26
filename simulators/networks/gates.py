"""The plan's gates in the simulated city: intervals in which a season or a lamp schedule is on."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Self

from simulators.networks.signal import Signal

Calendars = dict[str, tuple[tuple[int, int], ...]]
"""[start, end) intervals in epoch ms, sorted, by gate."""


@dataclass(frozen=True, slots=True)
class Gated:
    """A state that is 1 while a gate is open; the station's own clock is up to ``late_ms`` late.

    An odd number of ``edges`` (epoch ms) has passed while the gate is open.
    """

    edges: tuple[int, ...]
    late_ms: int = 0

    @classmethod
    def of(cls, intervals: Iterable[tuple[int, int]], late_ms: int = 0) -> Self:
        """The state of a gate that is open in these intervals."""
        return cls(tuple(chain.from_iterable(intervals)), late_ms)

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """The state."""
        return float(bisect_right(self.edges, at_ms - self._lag_ms(signal)) % 2)

    def open_share(self, at_ms: int, ramp_ms: int) -> float:
        """In [0, 1]: what begins to change at an edge has done so ``ramp_ms`` later."""
        passed = bisect_right(self.edges, at_ms)
        if passed == 0:
            return 0.0
        share = min(1.0, (at_ms - self.edges[passed - 1]) / ramp_ms)
        return share if passed % 2 else 1.0 - share

    def changes(self, signal: Signal, after_ms: int, until_ms: int) -> Iterable[int]:
        """The edges."""
        lag = self._lag_ms(signal)
        passed = slice(bisect_right(self.edges, after_ms - lag), bisect_right(self.edges, until_ms - lag))
        return (edge + lag for edge in self.edges[passed])

    def _lag_ms(self, signal: Signal) -> int:
        """Whole seconds that the station keeps for good."""
        return int((1 + signal.trait("late")) * self.late_ms / 2_000) * 1_000 if self.late_ms else 0
